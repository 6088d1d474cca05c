package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What someone without a right to a cached blob may try, on every port that could leak it. */
final class Strangers {
  private final DockerRegistry origin;
  private final Stack stack;
  private final Blob blob;

  Strangers(DockerRegistry origin, Stack stack, Blob blob) {
    this.origin = origin;
    this.stack = stack;
    this.blob = blob;
  }

  /** Each HTTP door of ours says what the origin says to this caller for this repository. */
  void areRefusedAsByTheOrigin(String repository, String... headers) throws IOException {
    String blobPath = "/v2/" + repository + "/blobs/" + blob.digest();
    int expected = Http.get(origin.url() + blobPath, headers).status();
    assertThat(expected).as("the origin itself refuses").isIn(401, 403, 404);
    String ours = "/layercast/v1/blobs/" + blob.digest();
    for (String url :
        List.of(
            stack.agent(0).url() + blobPath,
            stack.proxy(0).url() + blobPath,
            stack.proxy(0).url() + ours + "/metainfo?repository=" + repository,
            stack.agent(0).url() + ours + ".torrent?repository=" + repository,
            stack.proxy(0).url() + ours + ".torrent?repository=" + repository)) {
      Http.Answer answer = Http.get(url, headers);
      assertThat(answer.status()).as(url).isEqualTo(expected);
      assertThat(answer.body().length).as("an error, not bytes: %s", url).isLessThan(2_000);
      assertThat(answer.text()).as(url).contains("\"errors\"").doesNotContain("swarmId");
    }
    for (String url : List.of(stack.agent(0).url(), stack.proxy(0).url())) {
      Http.Answer range = Http.get(url + blobPath, with(headers, "Range", "bytes=0-9"));
      assertThat(range.status()).as("a range of %s", url).isEqualTo(expected);
      assertThat(Http.head(url + blobPath, headers).status()).as("HEAD").isEqualTo(expected);
    }
  }

  /**
   * Peers tell nothing to one who knows the digest, or the swarm id, but has no secret. One who has
   * it, from a ticket for {@code grantedHeaders}, is told what they have and gets bytes.
   */
  void learnNothingFromPeers(Workplace workplace, String repository, String... grantedHeaders)
      throws IOException {
    Ticket ticket = Ticket.read(workplace, stack.proxy(0), blob, repository, grantedHeaders);
    byte[] digest = HexFormat.of().parseHex(Sha256.hexOf(blob.digest()).substring(0, 40));
    for (Role role : List.of(stack.agent(0), stack.proxy(0))) {
      for (byte[] infoHash : List.of(ticket.swarmId(), digest)) {
        for (boolean sayExtension : new boolean[] {true, false}) {
          assertThat(RawPeer.ask(role.peerAddress(), infoHash, sayExtension))
              .as("%s, extension %s", role.name(), sayExtension)
              .allMatch(type -> type == PeerWire.EXTENDED);
        }
      }
      assertThat(RawPeer.askProven(role.peerAddress(), ticket))
          .as("%s to one with the secret", role.name())
          .containsAnyOf(PeerWire.BITFIELD, PeerWire.HAVE_ALL)
          .contains(PeerWire.PIECE);
    }
  }

  private static String[] with(String[] headers, String name, String value) {
    String[] all = Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = name;
    all[headers.length + 1] = value;
    return all;
  }
}
