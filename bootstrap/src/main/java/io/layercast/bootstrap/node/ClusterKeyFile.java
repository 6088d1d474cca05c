package io.layercast.bootstrap.node;

import io.layercast.engine.Secret;
import io.layercast.engine.SwarmKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/** The file with the key all proxies and trackers share: any bytes, white space at its end cut. */
public final class ClusterKeyFile {
  private ClusterKeyFile() {}

  /**
   * The keys of the file at {@code path}.
   *
   * @param path empty for a fresh key that dies with this process
   * @throws IOException when it cannot be read or holds too little
   */
  static SwarmKeys read(String path) throws IOException {
    if (path.isEmpty()) {
      return new SwarmKeys(Secret.of(fresh()));
    }
    Path file = Path.of(path);
    if (!Files.isReadable(file)) {
      throw new IOException("cannot read the cluster key file " + file);
    }
    return keys(Files.readAllBytes(file), "the cluster key file " + file);
  }

  /**
   * The keys of such a file's content.
   *
   * @throws IOException when it holds too little
   */
  public static SwarmKeys keys(byte[] content) throws IOException {
    return keys(content, "the cluster key");
  }

  private static SwarmKeys keys(byte[] content, String what) throws IOException {
    int length = content.length;
    while (length > 0 && Character.isWhitespace(content[length - 1])) {
      length--;
    }
    if (length < SwarmKeys.MIN_KEY_BYTES) {
      throw new IOException(
          "%s holds %d bytes, needs at least %d".formatted(what, length, SwarmKeys.MIN_KEY_BYTES));
    }
    return new SwarmKeys(Secret.of(Arrays.copyOf(content, length)));
  }

  private static byte[] fresh() {
    byte[] key = new byte[SwarmKeys.MIN_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }
}
