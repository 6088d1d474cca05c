package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Peers that speak TLS: with each other, and with nobody who does not. */
@ExtendWith(OnFailureKeepLogs.class)
final class PeerTlsIT {
  private static final String REPOSITORY = "library/behind-peer-tls";

  /** The type of TLS's record of an alert. */
  private static final int ALERT = 21;

  private static TestImage image;
  private static Path folder;
  private static CertificateAuthority authority;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 37, List.of(8_000_000L, 9_000_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    authority = CertificateAuthority.create(workplace, "authority");
    folder = authority.folderFor("p2p-peer");
    stack =
        Stack.before(workplace, registry.url())
            .proxy("--upload-rate", "2MB/s") // so little that the agents are asked
            .agent()
            .agent()
            .environment(Map.of("LAYERCAST_SWARM_TLS_FOLDER", folder.toString()))
            .start();
  }

  @Test
  void agents_pullFromEachOther() throws IOException {
    pullsFromTheOther(image.layer(0));
  }

  private static void pullsFromTheOther(Blob layer) throws IOException {
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, layer);
    Role reader = stack.agent(1);
    long before = reader.traffic().fromAgents();
    Puller.create().mustPull(reader.url(), REPOSITORY, layer);
    assertThat(reader.traffic().fromAgents() - before).isGreaterThan(layer.sizeBytes() / 4);
  }

  @Test
  void renewal_isForTheNextConnection() throws IOException {
    CertificateAuthority.Pair young = authority.issueFor("p2p-peer");
    Files.write(folder.resolve("tls.key"), Files.readAllBytes(young.key()));
    Files.write(folder.resolve("tls.crt"), Files.readAllBytes(young.certificate()));

    pullsFromTheOther(image.layer(1));
  }

  @Test
  void aStandardHandshake_isNotAnswered() throws IOException {
    for (Role role : List.of(stack.agent(0), stack.proxy(0))) {
      InetSocketAddress at = Workplace.socketAddress(role.peerAddress());
      try (Socket plain = new Socket(at.getAddress(), at.getPort())) {
        plain.setSoTimeout(5_000);
        plain.getOutputStream().write("\23BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
        plain.getOutputStream().write(new byte[48]);
        assertThat(first(plain)).isIn(ALERT, -1);
      }
    }
  }

  /** The first byte that comes, or -1 when the other side ends or resets it before. */
  private static int first(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException _) {
      return -1;
    }
  }
}
