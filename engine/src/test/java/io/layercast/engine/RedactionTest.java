package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What must not come out by a log line or an exception does not, however deep it sits. */
class RedactionTest {
  private static final String PASSWORD = "Basic dXNlcjpodW50ZXIy";
  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  @Test
  void credential_isNotPrinted() {
    Credential credential = Credential.of(PASSWORD);
    OriginAccess access = new OriginAccess(new RepositoryName("a/b"), credential);

    assertThat(credential.reveal()).isEqualTo(PASSWORD);
    assertThat(credential).hasToString("[credential]");
    assertThat(access.toString()).contains("[credential]").doesNotContain("dXNl");
    assertThat(Credential.NONE).hasToString("[no credential]");
    assertThat(Credential.of("")).isSameAs(Credential.NONE);
  }

  @Test
  void secretAndSwarmId_areNotPrintedWhole() {
    SwarmId id = SwarmId.of(Arrays.copyOf(KEY, SwarmId.BYTES));
    Secret secret = Secret.of(KEY);
    LayerTicket ticket =
        new LayerTicket(
            Digest.sha256Of(new byte[0]),
            PieceLayout.forSize(1),
            0,
            id,
            secret,
            List.of(InetSocketAddress.createUnresolved("proxy", 6882)));

    assertThat(secret).hasToString("[secret]");
    assertThat(id).hasToString("swarm:3031…");
    assertThat(ticket.toString())
        .doesNotContain("0123")
        .doesNotContain(HexFormat.of().formatHex(KEY, 0, 3));
  }

  @Test
  void secret_isCopiedInAndOut() {
    byte[] bytes = KEY.clone();
    Secret secret = Secret.of(bytes);
    bytes[0] = 0;
    secret.toBytes()[1] = 0;

    assertThat(secret).isEqualTo(Secret.of(KEY));
    assertThat(secret).isNotEqualTo(Secret.of(bytes));
  }
}
