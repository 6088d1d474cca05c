package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts that say nothing, much too much or little at a time, at one connection of each kind. */
class HttpCallerTest {
  private static final ActorTestKit KIT = ActorTestKit.create("http-caller");
  private static final byte[] EMPTY =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server;

  /** Connections so far. */
  private final AtomicInteger accepted = new AtomicInteger();

  HttpCallerTest() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  /** What happens on one connection. */
  @FunctionalInterface
  private interface Talk {
    void with(Socket client, int nth) throws Exception;
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void hostThatFallsSilent_keepsNoConnectionForEver() {
    CountDownLatch never = new CountDownLatch(1);
    serve((client, nth) -> {
      if (nth == 1) {
        never.await();
      }
      answerAll(client);
    });
    HttpCaller caller = caller(Duration.ofMillis(500));

    assertThatThrownBy(() -> get(caller).join()).hasRootCauseInstanceOf(TimeoutException.class);

    await().atMost(Duration.ofSeconds(30)).until(() -> isAnswered(caller));
  }

  /** Ten gigabytes by its own word, or without any word. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 10000000000", "Connection: close"})
  void drop_closesOnABodyWithoutEnd(String length) throws Exception {
    CompletableFuture<Integer> cut = new CompletableFuture<>();
    serve((client, _) -> {
      client.getOutputStream().write(ascii("HTTP/1.1 200 OK\r\n" + length + "\r\n\r\n"));
      int megabytes = 0;
      try {
        while (megabytes < 1000) {
          client.getOutputStream().write(new byte[1 << 20]);
          megabytes++;
        }
      } catch (IOException _) { // as it should
      }
      cut.complete(megabytes);
    });
    HttpCaller caller = caller(Duration.ofSeconds(30));

    caller.drop(get(caller).get(30, TimeUnit.SECONDS));

    assertThat(cut.get(30, TimeUnit.SECONDS)).isLessThan(100);
  }

  @Test
  void drop_doesNotWaitForABodyThatStalls() throws Exception {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    serve((client, _) -> {
      client.getOutputStream().write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome"));
      try {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
      } finally { // closed or reset
        end.complete(0);
      }
    });
    HttpCaller caller = caller(Duration.ofSeconds(3));

    caller.drop(get(caller, HttpCaller.Kind.BYTES).get(30, TimeUnit.SECONDS));

    assertThat(end.get(30, TimeUnit.SECONDS)).isZero();
  }

  @Test
  void drop_keepsTheConnectionOfAShortBody() throws Exception {
    serve((client, _) -> answerAll(client));
    HttpCaller caller = caller(Duration.ofSeconds(30));

    for (int i = 0; i < 5; i++) {
      caller.drop(get(caller).get(30, TimeUnit.SECONDS));
    }

    assertThat(accepted).hasValue(1);
  }

  /** As when a thousand nodes ask one proxy for a tag at once. */
  @Test
  void shortCalls_waitForTheirTurn() throws Exception {
    serve((client, _) -> answerAll(client));
    HttpCaller caller = caller(Duration.ofSeconds(60));

    List<CompletableFuture<HttpResponse>> answers =
        IntStream.range(0, 1000).mapToObj(_ -> get(caller)).toList();

    for (CompletableFuture<HttpResponse> answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS).status().intValue()).isEqualTo(200);
    }
  }

  @Test
  void layers_areWaitedForLonger() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    serve((client, _) -> {
      late.await();
      answerAll(client);
    });
    HttpCaller caller = caller(Duration.ofMillis(500), Duration.ofMinutes(2));
    CompletableFuture<HttpResponse> stream = get(caller, HttpCaller.Kind.STREAM);

    assertThatThrownBy(() -> get(caller).join()).hasRootCauseInstanceOf(TimeoutException.class);
    late.countDown();

    assertThat(stream.get(30, TimeUnit.SECONDS).status().intValue()).isEqualTo(200);
  }

  private void serve(Talk talk) {
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try {
              Socket client = server.accept();
              int nth = accepted.incrementAndGet();
              Thread.ofVirtual().start(() -> talk(talk, client, nth));
            } catch (IOException _) {
              return;
            }
          }
        });
  }

  private static void talk(Talk talk, Socket client, int nth) {
    try (client) {
      talk.with(client, nth);
    } catch (Exception _) { // the client has closed
    }
  }

  private static void answerAll(Socket client) throws IOException {
    int ends = 0;
    for (int c = client.getInputStream().read(); c >= 0; c = client.getInputStream().read()) {
      ends = c == '\n' ? ends + 1 : c == '\r' ? ends : 0;
      if (ends == 2) {
        client.getOutputStream().write(EMPTY);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static HttpCaller caller(Duration answerTimeout) {
    return caller(answerTimeout, answerTimeout);
  }

  private static HttpCaller caller(Duration answerTimeout, Duration layerAnswerTimeout) {
    return new HttpCaller(
        KIT.system(),
        new HttpCaller.Bounds(
            Map.of(HttpCaller.Kind.SHORT, 1, HttpCaller.Kind.STREAM, 1, HttpCaller.Kind.BYTES, 1),
            Duration.ofSeconds(10),
            answerTimeout,
            layerAnswerTimeout,
            Optional.empty(),
            _ -> HttpCaller.DIRECT),
        Optional.empty());
  }

  private boolean isAnswered(HttpCaller caller) {
    return get(caller).handle((_, failure) -> failure == null).join();
  }

  private CompletableFuture<HttpResponse> get(HttpCaller caller) {
    return get(caller, HttpCaller.Kind.SHORT);
  }

  private CompletableFuture<HttpResponse> get(HttpCaller caller, HttpCaller.Kind kind) {
    URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
    return caller
        .send(HttpMethods.GET, uri, List.of(), HttpEntities.EMPTY, kind)
        .toCompletableFuture();
  }
}
