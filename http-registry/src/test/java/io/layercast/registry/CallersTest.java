package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Directives;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A port that closes what is slow after a second, and takes three connections of an address. */
class CallersTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "callers",
          ConfigFactory.parseString("akka.logger-startup-timeout = 60s")
              .withFallback(ConfigFactory.load()));
  private static final int MOST = 3;

  private static InetSocketAddress address = new InetSocketAddress(0);
  private final List<Closeable> open = new ArrayList<>();

  @BeforeAll
  static void serve() throws Exception {
    RegistrySettings.Server bounds =
        RegistrySettings.from(
                ConfigFactory.parseString(
                        """
                        layercast.registry.server {
                          request-timeout = 1s
                          max-connections-per-address = %d
                        }
                        """
                            .formatted(MOST))
                    .withFallback(ConfigFactory.load()))
            .server();
    FrontServer server =
        FrontServer.bind(
                KIT.system(),
                bounds,
                Directives.concat(
                    Directives.path("slow", () -> Directives.complete(slowly())),
                    Directives.complete("at once")),
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty())
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    address = server.addresses().getFirst();
  }

  /** A byte each half second, longer than any caller may be quiet. */
  private static HttpResponse slowly() {
    Source<ByteString, ?> bytes =
        Source.tick(Duration.ZERO, Duration.ofMillis(500), ByteString.fromString("x")).take(5);
    return HttpResponse.create()
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, 5, bytes));
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @AfterEach
  void close() throws IOException {
    for (Closeable one : open) {
      one.close();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    open.add(socket);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    }
  }

  /** Whoever was connected before in another test has been let go. */
  private Socket served() {
    return await()
        .until(
            () -> {
              Socket socket = connect();
              send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
              return socket.getInputStream().read() == 'H' ? socket : null;
            },
            java.util.Objects::nonNull);
  }

  @Test
  void headByteByByte_isCutAtTheDeadline() throws IOException {
    served().close();
    Socket slow = connect();
    send(slow, "GET / HTTP/1.1\r\nX: ");

    await()
        .pollInterval(Duration.ofMillis(100))
        .atMost(Duration.ofSeconds(8))
        .until(() -> {
          try {
            send(slow, "a");
            return isClosed(slow);
          } catch (IOException _) {
            return true;
          }
        });
  }

  @Test
  void connectionThatSaysNothing_isClosed() throws IOException {
    served().close();
    Socket silent = connect();

    assertThat(silent.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void answerThatTakesLonger_isNotCut() throws IOException {
    served().close();
    Socket reader = connect();
    send(reader, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    String answer = new String(reader.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nxxxxx");
  }

  @Test
  void moreThanMayBe_areTurnedAwayUntilOneLeaves() throws IOException {
    List<Socket> taken = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      taken.add(served());
    }
    Socket tooMany = connect();
    assertThat(tooMany.getInputStream().read()).isEqualTo(-1);

    taken.getFirst().close();

    served();
  }
}
