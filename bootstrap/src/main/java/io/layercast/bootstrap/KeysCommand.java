package io.layercast.bootstrap;

import io.layercast.bootstrap.kube.NamedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code layercast keys}: the Job of the manifests. */
@Command(
    name = "keys",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Put a fresh cluster key into a Kubernetes Secret that has none.")
final class KeysCommand implements Callable<Integer> {
  private static final String KEY = "cluster.key";
  private static final int KEY_BYTES = 32;

  @Option(names = "--secret", required = true, paramLabel = "NAME", description = "The Secret.")
  private String secret = "";

  @Option(
      names = "--account",
      paramLabel = "DIR",
      defaultValue = "/var/run/secrets/kubernetes.io/serviceaccount",
      description = "Where the service account's token, ca.crt and namespace are.")
  private Path account = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (NamedSecret named = NamedSecret.inCluster(System.getenv(), account, secret)) {
      boolean isNew = named.fillIn(KEY, KeysCommand::fresh);
      spec.commandLine()
          .getOut()
          .println(
              isNew
                  ? "Secret %s has a new %s".formatted(secret, KEY)
                  : "Secret %s has its %s already".formatted(secret, KEY));
      return 0;
    }
  }

  /** As text, so that it can be shown and typed. */
  private static byte[] fresh() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII);
  }
}
