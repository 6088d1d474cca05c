package io.layercast.load;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** As many small requests at once as {@value #CLIENTS} clients can make of one agent. */
final class SmallRequests {
  private static final int CLIENTS = 32;

  private final int count;
  private final long startNanos = System.nanoTime();
  private final List<Future<Set<Integer>>> clients = new ArrayList<>();
  private final AtomicIntegerArray tookMicros;
  private volatile long endNanos;

  private SmallRequests(int count) {
    this.count = count;
    this.tookMicros = new AtomicIntegerArray(count);
  }

  /** Starts {@code count} GETs of {@code path}. */
  static SmallRequests start(Role agent, String path, int count) {
    SmallRequests requests = new SmallRequests(count);
    AtomicInteger left = new AtomicInteger(count);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(agent.url() + path))
            .header("Accept", ImageMaker.MANIFEST)
            .build();
    Callable<Set<Integer>> client =
        () -> {
          Set<Integer> statuses = new TreeSet<>();
          try (HttpClient http =
              HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = left.decrementAndGet(); i >= 0; i = left.decrementAndGet()) {
              long start = System.nanoTime();
              statuses.add(
                  http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode());
              requests.tookMicros.set(i, (int) ((System.nanoTime() - start) / 1_000));
            }
          }
          requests.endNanos = System.nanoTime();
          return statuses;
        };
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    for (int i = 0; i < CLIENTS; i++) {
      requests.clients.add(threads.submit(client));
    }
    threads.shutdown();
    return requests;
  }

  /** Every status that was answered, once all are. */
  Set<Integer> statuses(Duration limit) throws Exception {
    Set<Integer> all = new TreeSet<>();
    for (Future<Set<Integer>> client : clients) {
      all.addAll(client.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    }
    return all;
  }

  /** How many, how many a second, and how long they took. */
  String rate() {
    return String.format(
        Locale.ROOT,
        "%d, %.0f a second, half within %.0f ms, 99 %% within %.0f ms, all within %.0f ms",
        count,
        count / ((endNanos - startNanos) / 1e9),
        quantileMillis(0.5),
        quantileMillis(0.99),
        quantileMillis(1));
  }

  private double quantileMillis(double quantile) {
    int[] sorted = IntStream.range(0, count).map(tookMicros::get).sorted().toArray();
    return sorted[(int) Math.ceil(quantile * count) - 1] / 1e3;
  }
}
