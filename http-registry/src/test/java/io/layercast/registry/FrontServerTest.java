package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.NotUsed;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Directives;
import akka.stream.BoundedSourceQueue;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of a server that is in the middle of a body of three bytes. */
class FrontServerTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "front-server",
          ConfigFactory.parseString("akka.logger-startup-timeout = 60s")
              .withFallback(ConfigFactory.load()));
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final byte[] LONG_DOCUMENT = new byte[20 << 20];

  static {
    new Random(7).nextBytes(LONG_DOCUMENT);
  }

  private final CompletableFuture<BoundedSourceQueue<ByteString>> bytes = new CompletableFuture<>();
  private final CompletableFuture<Void> isAskedLate = new CompletableFuture<>();
  private final CompletableFuture<HttpResponse> lateHead = new CompletableFuture<>();
  private FrontServer server;
  private Socket client = new Socket();

  @BeforeEach
  void beginABody() throws Exception {
    Source<ByteString, NotUsed> body =
        Source.<ByteString>queue(8)
            .mapMaterializedValue(queue -> {
              bytes.complete(queue);
              return NotUsed.getInstance();
            });
    HttpResponse three =
        HttpResponse.create()
            .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, 3, body));
    server =
        FrontServer.bind(
                KIT.system(),
                RegistrySettings.from(ConfigFactory.load()).server(),
                Directives.concat(
                    Directives.path("three", () -> Directives.complete(three)),
                    Directives.path(
                        "late",
                        () -> {
                          isAskedLate.complete(null);
                          return Directives.completeWithFuture(lateHead);
                        }),
                    Directives.path(
                        "long",
                        () -> Directives.complete(HttpResponse.create().withEntity(LONG_DOCUMENT))),
                    Directives.complete("")),
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty())
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    client = connect();
    ask(client, "/three");
    send("a");
    assertThat(readTo(client.getInputStream(), "\r\n\r\na")).startsWith("HTTP/1.1 200 ");
  }

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  @Test
  void clientThatHasClosedItsSide_getsItsAnswer() throws Exception {
    client.shutdownOutput();
    send("bc");
    bytes.join().complete();

    assertThat(client.getInputStream().readAllBytes())
        .isEqualTo("bc".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void heads_areBounded() throws Exception {
    String longest = "X: " + "a".repeat(FrontServer.MAX_HEADER_BYTES - 1000);
    String most = "X: y\r\n".repeat(FrontServer.MAX_HEADERS - 4) + "Z: z";
    for (String taken : List.of(longest, most)) {
      assertThat(statusWith(taken)).isEqualTo("HTTP/1.1 200");
    }
    for (String refused : List.of(longest + "a".repeat(1001), most + "\r\nX: y".repeat(5))) {
      assertThat(statusWith(refused)).startsWith("HTTP/1.1 4");
    }
  }

  private String statusWith(String headers) throws IOException {
    try (Socket other = connect()) {
      String head = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n\r\n";
      other.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(other.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void longDocument_getsToASlowReader() throws Exception {
    try (Socket slow = connect()) {
      ask(slow, "/long");
      readTo(slow.getInputStream(), "\r\n\r\n");
      TimeUnit.MILLISECONDS.sleep(100); // until the socket is full

      assertThat(slow.getInputStream().readNBytes(LONG_DOCUMENT.length)).isEqualTo(LONG_DOCUMENT);
    }
  }

  @Test
  void terminate_waitsForTheRestOfABody() throws Exception {
    CompletableFuture<Void> terminated = server.terminate(LONG).toCompletableFuture();
    send("b");
    assertThat(client.getInputStream().read()).isEqualTo('b');
    assertThat(terminated).isNotDone();
    send("c");
    assertThat(client.getInputStream().read()).isEqualTo('c');
    bytes.join().complete();

    terminated.get(30, TimeUnit.SECONDS);
  }

  @Test
  void terminate_breaksOffWhatOutlastsTheGrace() throws Exception {
    server.terminate(Duration.ofMillis(1)).toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThatThrownBy(this::readFirst).isInstanceOf(IOException.class);
  }

  @Test
  void terminate_takesNobodyNew() throws Exception {
    try (Socket idle = connect()) {
      ask(idle, "/");
      assertThat(readTo(idle.getInputStream(), "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
      CompletableFuture<Void> terminated = server.terminate(LONG).toCompletableFuture();
      ask(idle, "/");

      assertThat(readTo(idle.getInputStream(), "\r\n\r\n"))
          .startsWith("HTTP/1.1 503 ")
          .containsIgnoringCase("connection: close");
      await().until(this::isRefused);
      assertThat(terminated).isNotDone();
      bytes.join().fail(new IllegalStateException("the body breaks"));
      terminated.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void serveOut_answersWhoComesWhileOthersRun() throws Exception {
    CompletableFuture<Void> terminated = server.serveOut(LONG).toCompletableFuture();
    try (Socket late = connect()) {
      ask(late, "/");
      assertThat(readTo(late.getInputStream(), "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }
    assertThat(terminated).isNotDone();
    send("bc");
    assertThat(readTo(client.getInputStream(), "bc")).isEqualTo("bc");
    bytes.join().complete();

    terminated.get(30, TimeUnit.SECONDS);
    assertThat(isRefused()).isTrue();
  }

  /** Between its head and its first byte nothing runs, for a moment. */
  @Test
  void serveOut_waitsForTheBodyOfAHeadThatWasAwaited() throws Exception {
    send("bc");
    bytes.join().complete();
    readTo(client.getInputStream(), "bc");
    try (Socket late = connect()) {
      ask(late, "/late");
      isAskedLate.get(30, TimeUnit.SECONDS);
      CompletableFuture<Void> terminated = server.serveOut(LONG).toCompletableFuture();
      Source<ByteString, NotUsed> slowly =
          Source.from(List.of("a", "b"))
              .map(ByteString::fromString)
              .throttle(1, Duration.ofSeconds(1));
      lateHead.complete(
          HttpResponse.create()
              .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, 2, slowly)));

      assertThat(readTo(late.getInputStream(), "\r\n\r\nab")).startsWith("HTTP/1.1 200 ");
      terminated.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void serveOut_breaksOffWhatOutlastsTheGrace() throws Exception {
    server.serveOut(Duration.ofMillis(1)).toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(isRefused()).isTrue();
    assertThatThrownBy(this::readFirst).isInstanceOf(IOException.class);
  }

  private void readFirst() throws IOException {
    if (client.getInputStream().read() < 0) {
      throw new IOException("ended early");
    }
  }

  private Socket connect() throws IOException {
    InetSocketAddress address = server.addresses().getFirst();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private boolean isRefused() throws IOException {
    try (Socket socket = connect()) {
      return !socket.isConnected();
    } catch (ConnectException _) {
      return true;
    }
  }

  private static void ask(Socket socket, String path) throws IOException {
    String request = "GET %s HTTP/1.1\r\nHost: h\r\n\r\n".formatted(path);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private void send(String text) {
    assertThat(
            bytes
                .orTimeout(30, TimeUnit.SECONDS)
                .join()
                .offer(ByteString.fromString(text))
                .isEnqueued())
        .isTrue();
  }

  private static String readTo(InputStream in, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("ended after " + read);
      }
      read.append((char) next);
    }
    return read.toString();
  }
}
