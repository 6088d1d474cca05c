package io.layercast.bootstrap.node;

import akka.actor.typed.ActorSystem;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.WatchedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file with the key all proxies and trackers share: any bytes, white space at its end cut. A
 * file beside it, its name with {@code .second} after it, may hold another key: that one is
 * accepted and makes nothing. Both are read again when they change.
 */
public final class ClusterKeyFile {
  private static final String SECOND = ".second";

  private final SwarmKeys keys;
  private final Optional<WatchedFiles<SwarmKeys.Held>> files;

  private ClusterKeyFile(SwarmKeys keys, Optional<WatchedFiles<SwarmKeys.Held>> files) {
    this.keys = keys;
    this.files = files;
  }

  /**
   * The file at {@code path}.
   *
   * @param path empty for a fresh key that dies with this process
   * @throws IOException when it cannot be read or holds too little
   */
  static ClusterKeyFile open(String path) throws IOException {
    if (path.isEmpty()) {
      return new ClusterKeyFile(new SwarmKeys(Secret.of(fresh())), Optional.empty());
    }
    Path second = Path.of(path + SECOND);
    WatchedFiles<SwarmKeys.Held> files =
        WatchedFiles.open(
            List.of(Path.of(path), second),
            Set.of(second),
            contents -> held(contents.getFirst(), contents.getLast()));
    return new ClusterKeyFile(new SwarmKeys(files), Optional.of(files));
  }

  /** Those of the file as it is at each use of them. */
  SwarmKeys keys() {
    return keys;
  }

  /**
   * Looks at the file once a second from now on, for as long as {@code system} runs.
   *
   * @param changed run after each change
   */
  void watch(ActorSystem<?> system, Runnable changed) {
    files.ifPresent(watched -> {
      watched.onChange(changed);
      watched.repeat(system);
    });
  }

  /**
   * The keys of such a file's content.
   *
   * @throws IOException when it holds too little
   */
  public static SwarmKeys keys(byte[] content) throws IOException {
    try {
      return new SwarmKeys(Secret.of(trimmed(content)));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static SwarmKeys.Held held(byte[] first, byte[] second) {
    byte[] other = trimmed(second);
    return SwarmKeys.Held.of(
        Secret.of(trimmed(first)),
        other.length == 0 ? Optional.empty() : Optional.of(Secret.of(other)));
  }

  private static byte[] trimmed(byte[] content) {
    int length = content.length;
    while (length > 0 && Character.isWhitespace(content[length - 1])) {
      length--;
    }
    return Arrays.copyOf(content, length);
  }

  private static byte[] fresh() {
    byte[] key = new byte[SwarmKeys.MIN_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }
}
