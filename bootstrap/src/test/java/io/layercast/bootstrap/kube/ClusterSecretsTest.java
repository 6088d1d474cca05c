package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.ClusterCredential;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClusterSecretsTest {
  private static final List<String> NAMES = List.of("p2p-proxy", "p2p-tracker");

  private final Held cluster = new Held();
  private final Held authority = new Held();
  private final Held tls = new Held();
  private final Held agent = new Held();
  private final ClusterSecrets secrets = new ClusterSecrets(cluster, authority, tls, agent);

  @Test
  void fill_makesWhatIsMissingAndLeavesTheRest() throws Exception {
    secrets.fill(NAMES);

    assertThat(cluster.data).containsOnlyKeys("cluster.key");
    assertThat(tls.data).containsOnlyKeys("tls.crt", "tls.key", "ca.crt");
    assertThat(agent.data).containsOnlyKeys("agent.token", "ca.crt");
    assertThat(agent.at("ca.crt")).isEqualTo(authority.at("tls.crt"));
    X509Certificate own = certificate(tls.at("tls.crt"));
    own.verify(certificate(agent.at("ca.crt")).getPublicKey());
    assertThat(own.getSubjectAlternativeNames()).extracting(name -> name.get(1)).isEqualTo(NAMES);
    assertThat(own.getBasicConstraints()).as("it signs nothing").isEqualTo(-1);
    assertThat(certificate(agent.at("ca.crt")).getBasicConstraints()).isZero();
    assertThat(own.getPublicKey()).isNotEqualTo(certificate(agent.at("ca.crt")).getPublicKey());

    int before = writes();
    secrets.fill(NAMES);
    assertThat(writes()).isEqualTo(before);

    // A renewal by hand: by the same authority.
    byte[] old = tls.data.remove("tls.crt");
    byte[] trusted = agent.at("ca.crt");
    secrets.fill(NAMES);
    assertThat(tls.at("tls.crt")).isNotEqualTo(old);
    certificate(tls.at("tls.crt")).verify(certificate(trusted).getPublicKey());
    assertThat(agent.at("ca.crt")).isEqualTo(trusted);
  }

  @Test
  void fill_followsWhatIsSupplied() throws Exception {
    cluster.data.put("cluster.key", bytes("k".repeat(32)));
    tls.data.putAll(
        Map.of("tls.crt", bytes("own"), "tls.key", bytes("own key"), "ca.crt", bytes("own ca")));
    agent.data.putAll(Map.of("agent.token", bytes("old"), "ca.crt", bytes("old ca")));

    secrets.fill(NAMES);

    assertThat(authority.data).isEmpty();
    assertThat(tls.at("tls.crt")).isEqualTo(bytes("own"));
    assertThat(agent.at("ca.crt")).isEqualTo(bytes("own ca"));
    // HMAC-SHA-256 of "agent-credential" and a zero byte under 32 times "k".
    assertThat(new String(agent.at("agent.token"), StandardCharsets.US_ASCII))
        .isEqualTo("f7731921688d936f701d5f838a51df5c9decd42ee383d276a1ae3e576026ee66");
    assertThat(ClusterCredential.parse(agent.at("agent.token")).toString())
        .doesNotContain("f7731921688d936f701d5f838a51df5c9decd42ee383d276a1ae3e576026ee66");
  }

  private int writes() {
    return cluster.writes + authority.writes + tls.writes + agent.writes;
  }

  private static X509Certificate certificate(byte[] pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A Secret that nobody else writes. */
  private static final class Held implements KeptData {
    final Map<String, byte[]> data = new HashMap<>();
    int writes;

    byte[] at(String name) {
      return Objects.requireNonNull(data.get(name), name);
    }

    @Override
    public Map<String, byte[]> write(Change change) throws IOException, InterruptedException {
      Map<String, byte[]> wanted = change.of(Map.copyOf(data));
      if (!wanted.isEmpty()) {
        writes++;
        data.putAll(wanted);
      }
      return Map.copyOf(data);
    }
  }
}
