package io.layercast.bootstrap.node;

import io.layercast.engine.Secret;
import io.layercast.engine.SwarmKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/** The file with the key all proxies and trackers share: any bytes, white space at its end cut. */
final class ClusterKeyFile {
  private ClusterKeyFile() {}

  /**
   * The keys of the file at {@code path}.
   *
   * @param path empty for a fresh key that dies with this process
   * @throws IOException when it cannot be read or holds too little
   */
  static SwarmKeys read(String path) throws IOException {
    return new SwarmKeys(Secret.of(path.isEmpty() ? fresh() : bytes(Path.of(path))));
  }

  private static byte[] bytes(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("cannot read the cluster key file " + file);
    }
    byte[] bytes = Files.readAllBytes(file);
    int length = bytes.length;
    while (length > 0 && Character.isWhitespace(bytes[length - 1])) {
      length--;
    }
    if (length < SwarmKeys.MIN_KEY_BYTES) {
      throw new IOException(
          "the cluster key file %s holds %d bytes, needs at least %d"
              .formatted(file, length, SwarmKeys.MIN_KEY_BYTES));
    }
    return Arrays.copyOf(bytes, length);
  }

  private static byte[] fresh() {
    byte[] key = new byte[SwarmKeys.MIN_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }
}
