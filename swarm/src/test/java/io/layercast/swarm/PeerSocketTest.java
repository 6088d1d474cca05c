package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.Done;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.DispatcherSelector;
import akka.stream.ActorAttributes;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.PieceLayout;
import io.layercast.swarm.wire.PeerMessage;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerSocketTest {
  private static final int MANY_BYTES = 20_000_000;
  private static final int BLOCK_BYTES = PieceLayout.CHUNK_BYTES;
  private static final int PIECE_BYTES = 4 * BLOCK_BYTES;
  private static final byte[] LAYER = TestSwarm.randomBytes(2 * PIECE_BYTES, 5);
  private static final DispatcherSelector DISK =
      DispatcherSelector.fromConfig("layercast.engine.disk-dispatcher");
  private static final ActorTestKit KIT = ActorTestKit.create();

  private static final SwarmSettings.Deadlines DEADLINES = deadlines("");

  private static SwarmSettings.Deadlines deadlines(String settings) {
    return SwarmSettings.from(
            ConfigFactory.parseString(settings).withFallback(ConfigFactory.load()))
        .deadlines();
  }

  private final PieceBuffers pool = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
  private final FakeSharedBlob blob = FakeSharedBlob.full(LAYER, PIECE_BYTES).seal();
  private final List<PeerMessage.Request> unreadable = new CopyOnWriteArrayList<>();
  private final SendMemory memory = new SendMemory(pool);
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @AfterAll
  static void shutdown() {
    KIT.shutdownTestKit();
  }

  @Test
  void upstreamFinish_sendsTheRestFirst() throws Exception {
    byte[] bytes = TestSwarm.randomBytes(MANY_BYTES, 3);
    var _ = run(Source.single(new Outgoing.Frames(ByteBuffer.wrap(bytes))), Sink.ignore());

    try (Socket peer = server.accept()) {
      assertThat(peer.getInputStream().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void whatComes_isEmittedUntilThePeerCloses() throws Exception {
    byte[] bytes = TestSwarm.randomBytes(MANY_BYTES, 4);
    CompletionStage<ByteBuffer> received =
        run(Source.maybe(), Sink.fold(ByteBuffer.allocate(MANY_BYTES), ByteBuffer::put));

    try (Socket peer = server.accept()) {
      peer.getOutputStream().write(bytes);
    }
    assertThat(done(received).array()).isEqualTo(bytes);
  }

  @Test
  void withoutDemand_thePeerIsNotRead() throws Exception {
    CompletionStage<Done> held =
        run(Source.maybe(), Sink.foreachAsync(1, _ -> new CompletableFuture<>()));

    try (Socket peer = server.accept()) {
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(peer, 10));
      assertThatThrownBy(() -> writing.get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    }
    assertThat(held.toCompletableFuture()).isNotDone(); // what it holds was never taken
  }

  @Test
  void aRefusedConnection_failsTheStream() throws Exception {
    server.close();
    CompletionStage<?> end = run(Source.maybe(), Sink.ignore());

    assertThatThrownBy(() -> done(end))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  private <T> CompletionStage<T> run(
      Source<Outgoing, ?> source, Sink<ByteBuffer, CompletionStage<T>> sink) {
    return run(source, sink, DEADLINES);
  }

  private <T> CompletionStage<T> run(
      Source<Outgoing, ?> source,
      Sink<ByteBuffer, CompletionStage<T>> sink,
      SwarmSettings.Deadlines deadlines) {
    PeerSocket socket =
        new PeerSocket(
            SocketPlan.dial(
                (InetSocketAddress) server.getLocalSocketAddress(),
                Optional.empty(),
                memory,
                deadlines,
                Optional.empty(),
                KIT.system().dispatchers().lookup(DISK)));
    return source
        .via(socket)
        .toMat(sink, Keep.right())
        .addAttributes(ActorAttributes.dispatcher("layercast.swarm.peer-dispatcher"))
        .run(KIT.system());
  }

  @Test
  void blocks_goOutInTheirFrames_andTheirMemoryBack() throws Exception {
    Outgoing all = blocks(0, 1, 2, 3);
    var _ = run(Source.single(all).concat(Source.maybe()), Sink.ignore());

    try (Socket peer = server.accept()) {
      DataInputStream in = new DataInputStream(peer.getInputStream());
      for (int block = 0; block < 4; block++) {
        assertThat(in.readInt()).isEqualTo(9 + BLOCK_BYTES);
        assertThat(in.readByte()).isEqualTo((byte) 7);
        assertThat(in.readInt()).isZero();
        assertThat(in.readInt()).isEqualTo(block * BLOCK_BYTES);
        assertThat(in.readNBytes(BLOCK_BYTES))
            .isEqualTo(Arrays.copyOfRange(LAYER, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
      }
      Awaitility.await().until(() -> pool.lentBytes() == 0);
      assertThat(memory.tryTake(1)).isPresent(); // the connection goes on
    }
  }

  @Test
  void whatTheDiskDoesNotGive_isToldAndTheRestGoesOut() throws Exception {
    blob.lose(0);
    Outgoing.Blocks both =
        new Outgoing.Blocks(
            List.of(request(0, 0), request(1, 0)),
            blob,
            memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow(),
            unreadable::addAll);
    var _ = run(Source.single((Outgoing) both), Sink.ignore());

    try (Socket peer = server.accept()) {
      DataInputStream in = new DataInputStream(peer.getInputStream());
      in.readNBytes(5);
      assertThat(in.readInt()).isEqualTo(1);
      assertThat(in.readAllBytes()).hasSize(4 + BLOCK_BYTES);
    }
    assertThat(unreadable).containsExactly(request(0, 0));
  }

  @Test
  void aPeerThatReadsLater_getsAllOfIt() throws Exception {
    int runs = 64; // 32 MiB: more than two sockets hold
    AtomicInteger begun = new AtomicInteger();
    var _ =
        run(
            Source.range(1, runs)
                .map(_ -> {
                  begun.incrementAndGet();
                  return blocks(0, 1, 2, 3);
                }),
            Sink.ignore());

    try (Socket peer = server.accept()) {
      Awaitility.await().during(Duration.ofMillis(500)).until(() -> pool.lentBytes() > 0);
      assertThat(begun).as("the socket is full").hasValueLessThan(runs);
      DataInputStream in = new DataInputStream(peer.getInputStream());
      for (int block = 0; block < runs * 4; block++) {
        int begin = block % 4 * BLOCK_BYTES;
        in.readNBytes(9);
        assertThat(in.readInt()).isEqualTo(begin);
        assertThat(in.readNBytes(BLOCK_BYTES))
            .isEqualTo(Arrays.copyOfRange(LAYER, begin, begin + BLOCK_BYTES));
      }
      assertThat(in.read()).isNegative();
    }
  }

  @Test
  void memory_goesBackWithTheConnection() throws Exception {
    var _ = run(Source.repeat(1).map(_ -> blocks(0, 1, 2, 3)), Sink.ignore());

    Socket peer = server.accept();
    peer.getInputStream().readNBytes(BLOCK_BYTES);
    peer.close();
    Awaitility.await().until(() -> memory.tryTake(1).isEmpty());
    Awaitility.await().until(() -> pool.lentBytes() == 0);
  }

  /** Any of them could else hold memory that all of them need. */
  @Test
  void aPeerThatTakesALittleNowAndThen_isClosed() throws Exception {
    var _ =
        run(
            Source.repeat(1).map(_ -> blocks(0, 1, 2, 3)),
            Sink.ignore(),
            deadlines("layercast.swarm.send-timeout = 500 ms"));

    try (Socket peer = server.accept()) {
      Awaitility.await().until(() -> pool.lentBytes() > 0);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            peer.getInputStream().readNBytes(1_000);
            return pool.lentBytes() == 0 && memory.tryTake(1).isEmpty();
          });
    }
  }

  @Test
  void memoryInUse_goesBackAfterThat() throws Exception {
    SendMemory.Block block = memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow();
    Optional<Long> lent =
        block.use(_ -> {
          memory.close();
          return pool.lentBytes();
        });

    assertThat(lent).hasValue((long) PieceLayout.CHUNK_BYTES);
    assertThat(pool.lentBytes()).isZero();
    assertThat(block.use(_ -> 1)).isEmpty();
  }

  private Outgoing blocks(int... blocks) {
    return new Outgoing.Blocks(
        Arrays.stream(blocks).mapToObj(block -> request(0, block)).toList(),
        blob,
        memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow(),
        unreadable::addAll);
  }

  private static PeerMessage.Request request(int piece, int block) {
    return new PeerMessage.Request(piece, block * BLOCK_BYTES, BLOCK_BYTES);
  }

  private static void write(Socket peer, int times) {
    try {
      for (int i = 0; i < times; i++) {
        peer.getOutputStream().write(new byte[MANY_BYTES]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // closed by the test
    }
  }

  private static <T> T done(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
