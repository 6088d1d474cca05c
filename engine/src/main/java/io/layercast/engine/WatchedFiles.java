package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What some files that belong together say, as of a second ago: certificates and their keys, a
 * credential. When their content has changed it is read anew; what cannot be used is told once and
 * the last good value stays. Goes by content, as a mounted Secret changes by a link above the
 * files. Looking blocks, one caller at a time; {@link #get} does not.
 */
public final class WatchedFiles<T> implements Supplier<T>, Runnable {
  /** Makes sense of the files' contents, in their order. */
  @FunctionalInterface
  public interface Reading<T> {
    /**
     * @throws IllegalArgumentException saying, without quoting it, why the content is of no use
     */
    T of(List<byte[]> contents);
  }

  private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** A chain of certificates or a bundle of authorities is some 10 KB. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final List<Path> files;
  private final Set<Path> optional;
  private final Reading<T> reading;
  private final List<Runnable> afterChange = new CopyOnWriteArrayList<>();
  private List<byte[]> seen;
  private String toldFailure = "";
  private volatile T value;

  private WatchedFiles(
      List<Path> files, Set<Path> optional, Reading<T> reading, List<byte[]> seen) {
    this.files = List.copyOf(files);
    this.optional = optional;
    this.reading = reading;
    this.seen = seen;
    this.value = reading.of(seen);
  }

  /**
   * Reads them now, and once a second for as long as {@code system} runs.
   *
   * @throws IOException when one cannot be read or used
   */
  public static <T> WatchedFiles<T> start(
      ActorSystem<?> system, List<Path> files, Reading<T> reading) throws IOException {
    WatchedFiles<T> watched = open(files, Set.of(), reading);
    watched.repeat(system);
    return watched;
  }

  /** Reads them once a second for as long as {@code system} runs. */
  public void repeat(ActorSystem<?> system) {
    var _ =
        system
            .scheduler()
            .scheduleWithFixedDelay(
                INTERVAL,
                INTERVAL,
                this,
                system.dispatchers().lookup(DispatcherSelector.blocking()));
  }

  /**
   * Reads them now.
   *
   * @param optional those of {@code files} that are empty when they are not there
   * @throws IOException when one cannot be read or used
   */
  public static <T> WatchedFiles<T> open(List<Path> files, Set<Path> optional, Reading<T> reading)
      throws IOException {
    try {
      return new WatchedFiles<>(files, optional, reading, read(files, optional));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "tried to use %s, but failed because %s".formatted(files, e.getMessage()), e);
    }
  }

  /**
   * @param task run after each change, where the files are read
   */
  public void onChange(Runnable task) {
    afterChange.add(task);
  }

  @Override
  public T get() {
    return value;
  }

  /** Looks once. */
  @Override
  public void run() {
    try {
      List<byte[]> contents = read(files, optional);
      if (!isEqual(contents, seen) && isEqual(contents, read(files, optional))) { // no half of one
        seen = contents;
        value = reading.of(contents);
        LOG.info("{} have changed; what they say now holds", files);
        afterChange.forEach(Runnable::run);
      }
      toldFailure = "";
    } catch (IOException | RuntimeException e) { // whatever it is, it is looked at again
      tell(e);
    }
  }

  private void tell(Exception failure) {
    String text = failure.toString();
    if (!text.equals(toldFailure)) {
      toldFailure = text;
      LOG.error("refused a change of {}, what they said before stays: {}", files, text);
    }
  }

  private static boolean isEqual(List<byte[]> some, List<byte[]> others) {
    for (int i = 0; i < some.size(); i++) {
      if (!Arrays.equals(some.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<byte[]> read(List<Path> files, Set<Path> optional) throws IOException {
    List<byte[]> contents = new ArrayList<>();
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes(MAX_BYTES + 1);
        if (content.length > MAX_BYTES) {
          throw new IOException("%s is longer than %d bytes".formatted(file, MAX_BYTES));
        }
        contents.add(content);
      } catch (NoSuchFileException e) {
        if (!optional.contains(file)) {
          throw e;
        }
        contents.add(new byte[0]);
      }
    }
    return contents;
  }
}
