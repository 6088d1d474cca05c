package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.Done;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.ActorAttributes;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.PieceLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerSocketTest {
  private static final int MANY_BYTES = 20_000_000;
  private static final ActorTestKit KIT = ActorTestKit.create();

  private static final SwarmSettings.Deadlines DEADLINES =
      SwarmSettings.from(ConfigFactory.load()).deadlines();

  private final PieceBuffers pool = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
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
    var _ = run(Source.single(outgoing(bytes, List.of())), Sink.ignore());

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
    PeerSocket socket =
        new PeerSocket(
            SocketPlan.dial(
                (InetSocketAddress) server.getLocalSocketAddress(),
                Optional.empty(),
                memory,
                DEADLINES,
                Optional.empty()));
    return source
        .via(socket)
        .toMat(sink, Keep.right())
        .addAttributes(ActorAttributes.dispatcher("layercast.swarm.peer-dispatcher"))
        .run(KIT.system());
  }

  @Test
  void memory_goesBackOnceItIsSent() throws Exception {
    SendMemory.Block block = memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow();
    Outgoing first = outgoing(new byte[PieceLayout.CHUNK_BYTES], List.of(block));
    var _ = run(Source.single(first).concat(Source.maybe()), Sink.ignore());

    try (Socket peer = server.accept()) {
      peer.getInputStream().readNBytes(PieceLayout.CHUNK_BYTES);
      Awaitility.await().until(() -> pool.lentBytes() == 0);
      assertThat(memory.tryTake(1)).isPresent(); // the connection goes on
    }
  }

  @Test
  void memory_goesBackWithTheConnection() throws Exception {
    SendMemory.Block block = memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow();
    Outgoing endless = outgoing(new byte[MANY_BYTES], List.of(block));
    var _ = run(Source.repeat(endless), Sink.ignore());

    server.accept().close();
    Awaitility.await().until(() -> pool.lentBytes() == 0);
    assertThat(memory.tryTake(1)).isEmpty();
  }

  @Test
  void memoryThatIsBeingFilled_goesBackAfterThat() throws Exception {
    SendMemory.Block block = memory.tryTake(PieceLayout.CHUNK_BYTES).orElseThrow();
    block.fill(_ -> {
      memory.close();
      assertThat(pool.lentBytes()).isEqualTo(PieceLayout.CHUNK_BYTES);
    });

    assertThat(pool.lentBytes()).isZero();
    assertThat(block.fill(_ -> {})).isEmpty();
  }

  private static Outgoing outgoing(byte[] bytes, List<SendMemory.Block> spent) {
    return new Outgoing(List.of(ByteBuffer.wrap(bytes)), bytes.length, spent);
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
