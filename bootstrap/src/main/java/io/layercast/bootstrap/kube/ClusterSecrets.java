package io.layercast.bootstrap.kube;

import io.layercast.bootstrap.node.ClusterKeyFile;
import io.layercast.engine.ClusterCredential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The Secrets of an installation and what belongs in each. What is there stays; what is missing is
 * made; what follows from another is brought into line with it.
 *
 * <pre>
 * cluster     cluster.key                  members
 * authority   tls.crt tls.key              nobody but the Job that fills these
 * tls         tls.crt tls.key ca.crt       members: proxies and trackers
 * agent       agent.token ca.crt           agents; follows from cluster and tls
 * </pre>
 */
public record ClusterSecrets(KeptData cluster, KeptData authority, KeptData tls, KeptData agent) {
  private static final String KEY = "cluster.key";
  private static final String CERTIFICATE = "tls.crt";
  private static final String PRIVATE_KEY = "tls.key";
  private static final String AUTHORITY = "ca.crt";
  private static final String CREDENTIAL = "agent.token";
  private static final int KEY_BYTES = 32;

  /**
   * Fills them.
   *
   * @param names of members in their certificate; the first is the one they all go by
   */
  public void fill(List<String> names) throws IOException, InterruptedException {
    byte[] key = of(cluster.write(ClusterSecrets::key), KEY);
    byte[] authorities = of(tls.write(found -> members(found, names)), AUTHORITY);
    byte[] credential =
        ClusterCredential.of(ClusterKeyFile.keys(key)).reveal().getBytes(StandardCharsets.US_ASCII);
    agent.write(found -> {
      Map<String, byte[]> wanted =
          new HashMap<>(Map.of(CREDENTIAL, credential, AUTHORITY, authorities));
      wanted
          .entrySet()
          .removeIf(entry -> Arrays.equals(entry.getValue(), found.get(entry.getKey())));
      return wanted;
    });
  }

  private static Map<String, byte[]> key(Map<String, byte[]> found) {
    return found.containsKey(KEY) ? Map.of() : Map.of(KEY, fresh());
  }

  private Map<String, byte[]> members(Map<String, byte[]> found, List<String> names)
      throws IOException, InterruptedException {
    if (found.keySet().containsAll(List.of(CERTIFICATE, PRIVATE_KEY, AUTHORITY))) {
      return Map.of();
    }
    Keytool.Pair signer = pair(authority.write(ClusterSecrets::signer));
    Keytool.Pair own = Keytool.issue(signer, names);
    return Map.of(
        CERTIFICATE, own.certificate(), PRIVATE_KEY, own.key(), AUTHORITY, signer.certificate());
  }

  private static Map<String, byte[]> signer(Map<String, byte[]> found)
      throws IOException, InterruptedException {
    if (found.keySet().containsAll(List.of(CERTIFICATE, PRIVATE_KEY))) {
      return Map.of();
    }
    Keytool.Pair made = Keytool.authority();
    return Map.of(CERTIFICATE, made.certificate(), PRIVATE_KEY, made.key());
  }

  private static Keytool.Pair pair(Map<String, byte[]> data) {
    return new Keytool.Pair(of(data, CERTIFICATE), of(data, PRIVATE_KEY));
  }

  private static byte[] of(Map<String, byte[]> data, String key) {
    return Objects.requireNonNull(data.get(key));
  }

  /** As text, so that it can be shown and typed. */
  private static byte[] fresh() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII);
  }
}
