package io.layercast.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Peers that ask one tracker, from addresses of their own: each has a thread, sends one request and
 * waits for its answer before the next.
 */
final class AnnounceLoad {
  private static final int ANSWER_MAX = 64 * 1024;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final InetSocketAddress tracker;
  private final List<String> addresses;
  private final boolean isKeptAlive;

  /**
   * @param addresses local ones; each sends from one connection at a time
   * @param isKeptAlive whether one connection serves all its requests
   */
  AnnounceLoad(String tracker, List<String> addresses, boolean isKeptAlive) {
    this.tracker = Workplace.socketAddress(tracker);
    this.addresses = addresses;
    this.isKeptAlive = isKeptAlive;
  }

  /** The {@code number}th request of an address, with its head; empty when it has no more. */
  @FunctionalInterface
  interface Requests {
    byte[] at(int address, int number);
  }

  /**
   * What came of them.
   *
   * @param answers that were HTTP 200 and no bencoded failure
   * @param latenciesNanos sorted; from when the request was due
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Outcome(int answers, double seconds, long[] latenciesNanos) {
    double perSecond() {
      return answers / seconds;
    }

    double percentileMillis(double part) {
      return latenciesNanos[(int) Math.ceil(part * latenciesNanos.length) - 1] / 1e6;
    }
  }

  /** Each address sends as fast as it is answered, until its requests end or time is up. */
  Outcome saturate(Requests requests, Duration limit) throws IOException, InterruptedException {
    return run(requests, limit, 0);
  }

  /** All addresses together send {@code perSecond}, whether the answers keep up or not. */
  Outcome pace(Requests requests, Duration limit, double perSecond)
      throws IOException, InterruptedException {
    return run(requests, limit, perSecond);
  }

  private Outcome run(Requests requests, Duration limit, double perSecond)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    long end = start + limit.toNanos();
    double gapNanos = perSecond == 0 ? 0 : 1e9 * addresses.size() / perSecond;
    List<long[]> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Callable<long[]>> peers = new ArrayList<>();
      for (int i = 0; i < addresses.size(); i++) {
        int peer = i;
        long first = start + (long) (gapNanos * i / addresses.size());
        peers.add(() -> ask(peer, requests, first, end, gapNanos));
      }
      for (Future<long[]> peer : threads.invokeAll(peers)) {
        all.add(peer.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("an announce failed: " + e.getCause(), e.getCause());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long[] latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return new Outcome(latencies.length, seconds, latencies);
  }

  private long[] ask(int address, Requests requests, long first, long end, double gapNanos)
      throws IOException, InterruptedException {
    long[] latencies = new long[1024];
    int count = 0;
    byte[] answer = new byte[ANSWER_MAX];
    @Nullable Socket kept = null;
    try {
      while (true) {
        long due = gapNanos == 0 ? System.nanoTime() : first + (long) (count * gapNanos);
        byte[] request = requests.at(address, count);
        if (due >= end || request.length == 0) {
          return Arrays.copyOf(latencies, count);
        }
        long early = due - System.nanoTime();
        if (early > 0) {
          Thread.sleep(Duration.ofNanos(early));
        }
        Socket socket = kept == null ? connect(address) : kept;
        kept = isKeptAlive ? socket : null;
        socket.getOutputStream().write(request);
        check(answer, read(socket.getInputStream(), answer));
        if (!isKeptAlive) {
          socket.close();
        }
        if (count == latencies.length) {
          latencies = Arrays.copyOf(latencies, 2 * count);
        }
        latencies[count++] = System.nanoTime() - due;
      }
    } finally {
      if (kept != null) {
        kept.close();
      }
    }
  }

  private Socket connect(int address) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getByName(addresses.get(address)), 0));
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(tracker, TIMEOUT_MILLIS);
    return socket;
  }

  /** Reads one answer with a Content-Length; returns where its body begins and it ends. */
  private static int[] read(InputStream in, byte[] answer) throws IOException {
    int length = 0;
    int body = -1;
    int end = Integer.MAX_VALUE;
    while (length < end) {
      int read = in.read(answer, length, answer.length - length);
      if (read <= 0) {
        throw new IOException("the tracker's answer broke off or is too long");
      }
      length += read;
      if (body < 0) {
        String head = new String(answer, 0, length, StandardCharsets.ISO_8859_1);
        int blank = head.indexOf("\r\n\r\n");
        if (blank >= 0) {
          body = blank + 4;
          end = body + contentLength(head.substring(0, blank));
        }
      }
    }
    return new int[] {body, end};
  }

  private static int contentLength(String head) throws IOException {
    for (String line : head.split("\r\n", -1)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        return Integer.parseInt(line.substring(15).strip());
      }
    }
    throw new IOException("the tracker's answer has no length: " + head);
  }

  private static void check(byte[] answer, int[] bodyAndEnd) throws IOException {
    String text =
        new String(
            answer, 0, Math.min(bodyAndEnd[1], bodyAndEnd[0] + 200), StandardCharsets.ISO_8859_1);
    boolean isRefused = text.startsWith("failure reason", bodyAndEnd[0] + 3);
    if (!text.startsWith("HTTP/1.1 200") || isRefused) {
      throw new IOException("the tracker answered: " + text);
    }
  }
}
