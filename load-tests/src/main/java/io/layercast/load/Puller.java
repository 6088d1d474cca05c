package io.layercast.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * A client that pulls one blob as a container runtime does: one GET, hashed as it comes, kept
 * nowhere. One and the same for direct and accelerated pulls.
 */
final class Puller {
  private static final int BUFFER_BYTES = 128 * 1024;

  private final Duration stall;
  private final String authorization;

  private Puller(Duration stall, String authorization) {
    this.stall = stall;
    this.authorization = authorization;
  }

  /** Gives up when no byte came for 60 s. */
  static Puller create() {
    return new Puller(Duration.ofSeconds(60), "");
  }

  /** Sends this Authorization header. */
  Puller as(String authorization) {
    return new Puller(stall, authorization);
  }

  /** Gives up when no byte came for {@code stall}; never if that is zero. */
  Puller patientFor(Duration stall) {
    return new Puller(stall, authorization);
  }

  /** How a pull ended. */
  sealed interface Outcome {}

  /**
   * The whole body came, as long as its head had said.
   *
   * @param firstByte from the request to the first byte of the body
   */
  record Complete(String digest, long bytes, Duration firstByte, Duration time)
      implements Outcome {}

  /** Another status than 200. */
  record Refused(int status, String body) implements Outcome {}

  /** The connection broke, stalled or ended early. */
  record Broken(long bytes, IOException cause) implements Outcome {}

  /** Pulls {@code digest} of {@code repository} from {@code http://host:port}. */
  Outcome pull(String registryUrl, String repository, String digest) {
    return pull(registryUrl, repository, digest, _ -> {});
  }

  /**
   * @param progress told the count of bytes so far after each read
   */
  Outcome pull(String registryUrl, String repository, String digest, LongConsumer progress) {
    long start = System.nanoTime();
    long bytes = 0;
    try {
      HttpURLConnection connection = open(registryUrl, repository, digest);
      int status = connection.getResponseCode();
      if (status != 200) {
        return new Refused(status, errorBody(connection));
      }
      long expected = connection.getContentLengthLong();
      MessageDigest hash = Sha256.begin();
      byte[] buffer = new byte[BUFFER_BYTES];
      long firstByte = start;
      try (InputStream in = connection.getInputStream()) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (bytes == 0) {
            firstByte = System.nanoTime();
          }
          hash.update(buffer, 0, n);
          bytes += n;
          progress.accept(bytes);
        }
      }
      if (expected >= 0 && bytes != expected) {
        return new Broken(bytes, new IOException(bytes + " of " + expected + " bytes came"));
      }
      return new Complete(
          Sha256.name(hash),
          bytes,
          Duration.ofNanos(firstByte - start),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (IOException e) {
      return new Broken(bytes, e);
    }
  }

  /**
   * As {@link #pull}, for a caller who counts on success.
   *
   * @throws IOException when it was refused, broke, or hashed to something else
   */
  Complete mustPull(String registryUrl, String repository, Blob blob) throws IOException {
    Outcome outcome = pull(registryUrl, repository, blob.digest());
    return switch (outcome) {
      case Complete complete when complete.digest().equals(blob.digest()) -> complete;
      case Broken broken ->
          throw new IOException("broke after " + broken.bytes() + " bytes", broken.cause());
      case Complete _, Refused _ ->
          throw new IOException("tried to pull " + blob + ", but got " + outcome);
    };
  }

  private HttpURLConnection open(String registryUrl, String repository, String digest)
      throws IOException {
    URI uri = URI.create(registryUrl + "/v2/" + repository + "/blobs/" + digest);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(5_000);
    connection.setReadTimeout((int) stall.toMillis());
    connection.setUseCaches(false);
    if (!authorization.isEmpty()) {
      connection.setRequestProperty("Authorization", authorization);
    }
    return connection;
  }

  private static String errorBody(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
