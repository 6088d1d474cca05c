package io.layercast.bootstrap.node;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.rate.RateLimiter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the limits of a role at what {@code layercast.conf} in the mounted folder says: looks at
 * the file, and when its content has changed, sets both rates or, if anything in it is wrong, also
 * what is read at start only, none. Where the file is silent, the rate from the start of the
 * process holds. Blocks; one caller at a time.
 *
 * <p>Content, not times or events: kubelet swaps a link above the file, and inotify watches are a
 * quota that busy nodes run out of. A read of one small file a second costs nothing to speak of.
 */
public final class LiveLimits implements Runnable {
  /** The file's name in the folder at {@code layercast.bootstrap.config-folder}. */
  public static final String FILE = "layercast.conf";

  /** With what reading takes, well within the 2 s that a change may take to hold. */
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Far more than a ConfigMap of ours holds; what is longer is not read. */
  private static final int MAX_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(LiveLimits.class);

  private final String role;
  private final Path file;
  private final RateLimiter download;
  private final RateLimiter upload;
  private final Config running;
  private final long downloadAtStart;
  private final long uploadAtStart;
  private final LongAdder applied = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /** What was looked at last, good or bad: a mistake is told once, not once a second. */
  private String seen;

  private LiveLimits(
      String role,
      Path file,
      RateLimiter download,
      RateLimiter upload,
      Config running,
      String seen) {
    this.role = role;
    this.file = file;
    this.download = download;
    this.upload = upload;
    this.running = running;
    this.downloadAtStart = download.rate();
    this.uploadAtStart = upload.rate();
    this.seen = seen;
  }

  /**
   * Sets the rates that the file has now.
   *
   * @param running what the process has started with
   * @throws IOException when it cannot be read
   * @throws IllegalArgumentException or {@link ConfigException}, naming key and value, when
   *     something in it is wrong
   */
  static LiveLimits start(
      String role, Path file, RateLimiter download, RateLimiter upload, Config running)
      throws IOException {
    String text = read(file);
    LiveLimits limits = new LiveLimits(role, file, download, upload, running, text);
    limits.apply(text);
    return limits;
  }

  /** Looks once a second for as long as {@code system} runs, off the disk that layers go to. */
  void repeat(ActorSystem<?> system) {
    var _ =
        system
            .scheduler()
            .scheduleWithFixedDelay(
                INTERVAL,
                INTERVAL,
                this,
                system.dispatchers().lookup(DispatcherSelector.blocking()));
  }

  /** Looks once. */
  @Override
  public void run() {
    String text;
    try {
      text = read(file);
    } catch (IOException e) {
      refuse("", e);
      return;
    }
    if (!text.equals(seen)) {
      try {
        apply(text);
        seen = text;
        applied.increment();
        LOG.info(
            "the limits of this {} are now {} down and {} up, as {} says",
            role,
            asText(download.rate()),
            asText(upload.rate()),
            file);
      } catch (ConfigException | IllegalArgumentException e) {
        refuse(text, e);
      }
    }
  }

  /** Changes that were taken. */
  long appliedCount() {
    return applied.sum();
  }

  /** Changes that were not. */
  long refusedCount() {
    return refused.sum();
  }

  private void refuse(String text, Exception cause) {
    if (!text.equals(seen)) {
      seen = text;
      refused.increment();
      LOG.error(
          "refused a change of {}, the limits stay at {} down and {} up: {}",
          file,
          asText(download.rate()),
          asText(upload.rate()),
          cause.toString());
    }
  }

  private void apply(String text) {
    LiveRates rates = LiveRates.parse(text);
    NextStart.check(ConfigFactory.parseString(text).resolve(), running);
    download.setRate(rates.download().orElse(downloadAtStart));
    upload.setRate(rates.upload().orElse(uploadAtStart));
  }

  private static String asText(long rate) {
    return rate == 0 ? "unlimited" : new DataSize(rate) + "/s";
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("%s is longer than %d bytes".formatted(file, MAX_BYTES));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
