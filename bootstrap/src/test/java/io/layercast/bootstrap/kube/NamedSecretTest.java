package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedSecretTest {
  @TempDir static Path keys;
  private static @Nullable KeyStore certificate;

  @TempDir Path folder;
  private FakeSecretApi api = new FakeSecretApi();
  private Path account = Path.of("");

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificate = FakeSecretApi.certificate(keys.resolve("api.p12"));
  }

  @BeforeEach
  void start() throws Exception {
    KeyStore own = Objects.requireNonNull(certificate);
    api.start(own);
    account = Files.createDirectory(folder.resolve("account"));
    Files.writeString(account.resolve("namespace"), "kube-system\n");
    Files.writeString(account.resolve("token"), "the-token\n");
    Files.writeString(account.resolve("ca.crt"), FakeSecretApi.pem(own));
  }

  @AfterEach
  void stop() {
    api.stop();
  }

  @Test
  void write_putsTheValueIntoAnEmptySecret() throws Exception {
    api.secret = "{\"metadata\":{\"resourceVersion\":\"7\"}}";

    assertThat(fillIn("fresh")).isTrue();

    JsonNode patch = new ObjectMapper().readTree(api.patch);
    assertThat(patch.at("/metadata/resourceVersion").asText()).isEqualTo("7");
    assertThat(Base64.getDecoder().decode(patch.at("/data/cluster.key").asText()))
        .isEqualTo("fresh".getBytes(StandardCharsets.UTF_8));
    assertThat(api.authorization).isEqualTo("Bearer the-token");
    assertThat(api.path).isEqualTo("/api/v1/namespaces/kube-system/secrets/p2p-cluster");
  }

  @Test
  void write_leavesWhatIsThere() throws Exception {
    api.secret = "{\"metadata\":{\"resourceVersion\":\"7\"},\"data\":{\"cluster.key\":\"b2xk\"}}";

    assertThat(fillIn("fresh")).isFalse();

    assertThat(api.patch).isEmpty();
  }

  @Test
  void write_looksAgainWhenAnotherWasQuicker() throws Exception {
    api.secret = "{\"metadata\":{\"resourceVersion\":\"7\"}}";
    api.patchStatus = 409;
    api.secretAfterPatch =
        "{\"metadata\":{\"resourceVersion\":\"8\"},\"data\":{\"cluster.key\":\"b2xk\"}}";

    assertThat(fillIn("fresh")).isFalse();
  }

  @Test
  void write_tellsWhatTheApiSaidAndNoSecret() {
    api.patchStatus = 403;
    api.secret = "{\"metadata\":{\"resourceVersion\":\"7\"}}";

    assertThatThrownBy(() -> fillIn("fresh"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "tried to fill the Secret /api/v1/namespaces/kube-system/secrets/p2p-cluster, but the"
                + " Kubernetes API answered 403");
  }

  @Test
  void write_trustsTheAccountsAuthorityOnly() throws Exception {
    KeyStore other = FakeSecretApi.certificate(folder.resolve("other.p12"));
    Files.writeString(account.resolve("ca.crt"), FakeSecretApi.pem(other));

    assertThatThrownBy(() -> fillIn("fresh")).isInstanceOf(IOException.class);
    assertThat(api.authorization).isEmpty();
  }

  @Test
  void inCluster_saysWhenThisIsNoPod() {
    assertThatThrownBy(() -> NamedSecret.inCluster(Map.of(), account, "s"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no pod");
  }

  /** Whether it was ours that got in. */
  private boolean fillIn(String value) throws IOException, InterruptedException {
    Map<String, String> environment =
        Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1", "KUBERNETES_SERVICE_PORT", "" + api.port());
    byte[] own = value.getBytes(StandardCharsets.UTF_8);
    try (NamedSecret secret = NamedSecret.inCluster(environment, account, "p2p-cluster")) {
      Map<String, byte[]> after =
          secret.write(
              found -> found.containsKey("cluster.key") ? Map.of() : Map.of("cluster.key", own));
      return Arrays.equals(after.get("cluster.key"), own);
    }
  }
}
