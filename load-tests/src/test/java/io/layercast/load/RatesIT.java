package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rates of a node as the kernel counts them at the receiving ends: a pull from a warm proxy
 * under {@code download-rate}, at the same time four leechers under {@code upload-rate}, and beside
 * them a node whose rate is less than a piece a second.
 */
@ExtendWith(OnFailureKeepLogs.class)
final class RatesIT {
  private static final String REPOSITORY = "library/metered";
  private static final long RATE = 12_000_000;
  private static final long SLOW_RATE = 300_000;

  /** What one element of the limiter may be: a read of the socket (akka.io.tcp), or one block. */
  private static final long READ_BYTES = 256 * 1024;

  private static final int BLOCK_BYTES = 128 * 1024;
  private static final int LEECHERS = 4;
  private static TestImage image;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image =
        ImageMaker.make(
            workplace.folder("image"), 11, List.of(140_000_000L, 8_000_000L, 3_200_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    stack =
        Stack.before(workplace, registry.url())
            .proxy()
            .agent("--download-rate", "12MB/s", "--upload-rate", "12MB/s")
            .agent("--download-rate", "300kB/s")
            .start();
    for (Blob layer : image.layers()) {
      Puller.create().mustPull(stack.proxy(0).url(), REPOSITORY, layer);
    }
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, image.layer(1));
  }

  @Test
  void rates_holdOnTheWire(Workplace workplace) throws Exception {
    Role agent = stack.agent(0);
    Role proxy = stack.proxy(0);
    Ticket ticket = Ticket.read(workplace, proxy, image.layer(1), REPOSITORY);
    List<PeerWire> leechers = new ArrayList<>();
    List<Future<?>> leeching = new ArrayList<>();
    try (TcpMeter down = TcpMeter.start(ends("src", agent, "dst", proxy));
        TcpMeter up = TcpMeter.start("dst " + agent.peerAddress());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < LEECHERS; i++) {
        PeerWire leecher = PeerWire.dialProven(agent.peerAddress(), ticket);
        leechers.add(leecher);
        leeching.add(threads.submit(() -> leech(leecher, ticket)));
      }
      Future<Puller.Complete> slow =
          threads.submit(
              () -> Puller.create().mustPull(stack.agent(1).url(), REPOSITORY, image.layer(2)));

      Puller.create().mustPull(agent.url(), REPOSITORY, image.layer(0));
      List<TcpMeter.Sample> downloaded = down.samples();
      List<TcpMeter.Sample> uploaded = up.samples();
      for (PeerWire leecher : leechers) {
        leecher.close();
      }
      for (Future<?> ended : leeching) {
        ended.get();
      }

      judge(downloaded, TcpMeter.Sample::read, READ_BYTES);
      judge(uploaded, TcpMeter.Sample::received, BLOCK_BYTES);
      assertThat(slow.get().time()).isBetween(atRate(0.97), atRate(1.25));
    }
  }

  /** The download is counted as its process reads it, the upload as it comes in at its peers. */
  private static void judge(
      List<TcpMeter.Sample> all, ToLongFunction<TcpMeter.Sample> count, long elementBytes) {
    long last = count.applyAsLong(all.getLast());
    List<TcpMeter.Sample> steady =
        all.stream()
            .filter(sample -> count.applyAsLong(sample) > RATE / 2)
            .filter(sample -> count.applyAsLong(sample) < last)
            .toList();
    MeasuredRate rate = new MeasuredRate(steady, count, RATE);
    assertThat(rate.seconds()).as("seconds that were measured").isGreaterThan(10.2);
    rate.isWithin(0.01, 10, 0);
    rate.isWithin(0.02, 1, elementBytes);
  }

  /** How long the slow layer takes, times {@code factor}. */
  private static Duration atRate(double factor) {
    return Duration.ofMillis((long) (factor * 1000 * image.layer(2).sizeBytes() / SLOW_RATE));
  }

  private static String ends(String one, Role here, String other, Role there) {
    String host = here.peerAddress().replaceAll(":.*", "");
    return "%s %s and %s %s".formatted(one, host, other, there.peerAddress());
  }

  /** Asks for the layer's blocks over and over, eight ahead, until it is closed. */
  private static void leech(PeerWire wire, Ticket ticket) {
    try {
      wire.patience(30_000);
      wire.send(PeerWire.INTERESTED);
      wire.readUntil(PeerWire.UNCHOKE);
      int blocks = ticket.pieceLength() / BLOCK_BYTES * (ticket.pieceCount() - 1);
      for (int asked = 0; ; asked++) {
        int block = asked % blocks;
        int perPiece = ticket.pieceLength() / BLOCK_BYTES;
        wire.request(block / perPiece, block % perPiece * BLOCK_BYTES, BLOCK_BYTES);
        if (asked >= 8) {
          wire.readUntil(PeerWire.PIECE);
        }
      }
    } catch (SocketException e) {
      return; // closed by the test
    } catch (IOException e) {
      throw new UncheckedIOException("a leecher was cut off", e);
    }
  }
}
