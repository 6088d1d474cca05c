package io.layercast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that begin at once, one for each registry, as container runtimes do. */
final class Crowd {
  /** containerd's {@code max_concurrent_downloads}. */
  private static final int LAYERS_AT_ONCE = 3;

  private Crowd() {}

  /**
   * What a client saw.
   *
   * @param firstByte from its start to the first byte of any layer
   * @param time from its start to the last byte of the last
   */
  record Pulled(Duration firstByte, Duration time) {}

  /**
   * Each client pulls all {@code layers}, three at a time, and checks them.
   *
   * @param urls of the registries, one client each
   */
  static List<Pulled> pull(List<String> urls, String repository, List<Blob> layers)
      throws IOException, InterruptedException {
    List<Callable<Pulled>> clients = new ArrayList<>();
    urls.forEach(url -> clients.add(() -> client(url, repository, layers)));
    return all(clients.size(), clients);
  }

  /** The longest of the pulls, in seconds. */
  static double slowest(List<Pulled> pulls) {
    return pulls.stream().mapToLong(pull -> pull.time().toNanos()).max().orElseThrow() / 1e9;
  }

  /** The longest wait for a first byte, in milliseconds. */
  static double lastFirstByteMillis(List<Pulled> pulls) {
    return pulls.stream().mapToLong(pull -> pull.firstByte().toNanos()).max().orElseThrow() / 1e6;
  }

  private static Pulled client(String url, String repository, List<Blob> layers)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    List<Callable<Long>> pulls = new ArrayList<>();
    for (Blob layer : layers) {
      pulls.add(() -> {
        long begun = System.nanoTime();
        return begun + Puller.create().mustPull(url, repository, layer).firstByte().toNanos();
      });
    }
    List<Long> firstBytes = all(LAYERS_AT_ONCE, pulls);
    long first = firstBytes.stream().mapToLong(at -> at - start).min().orElseThrow();
    return new Pulled(Duration.ofNanos(first), Duration.ofNanos(System.nanoTime() - start));
  }

  private static <T> List<T> all(int atOnce, List<Callable<T>> tasks)
      throws IOException, InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(tasks)) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException("a pull failed", e.getCause());
    }
  }
}
