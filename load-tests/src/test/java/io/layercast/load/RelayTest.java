package io.layercast.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RelayTest {
  private Workplace workplace;
  private ServerSocket target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void listen() throws IOException {
    workplace = Workplace.open("relay-test");
    target = new ServerSocket(0, 50, InetAddress.getByName(workplace.address()));
  }

  @AfterEach
  void close() throws IOException {
    target.close();
    workplace.close();
    threads.shutdownNow();
  }

  @Test
  void relay_passesBytesBothWaysAndEndsWithItsTarget() throws Exception {
    Relay relay = relay();
    Future<byte[]> asked =
        threads.submit(() -> {
          try (Socket socket = target.accept()) {
            byte[] question = socket.getInputStream().readNBytes(4);
            socket.getOutputStream().write("answer".getBytes(US_ASCII));
            return question;
          }
        });

    try (Socket client = connect(relay)) {
      client.getOutputStream().write("what".getBytes(US_ASCII));
      assertThat(client.getInputStream().readAllBytes()).isEqualTo("answer".getBytes(US_ASCII));
    }

    assertThat(asked.get()).isEqualTo("what".getBytes(US_ASCII));
    assertThat(relay.bytesFromTarget()).isEqualTo(6);
  }

  @Test
  void relay_holdsOneRateForAllItsConnections() throws Exception {
    Relay relay = relay();
    relay.shape(10_000_000, Duration.ZERO);
    threads.execute(() -> serve(1_000_000));

    long start = System.nanoTime();
    Callable<Integer> reader =
        () -> {
          try (Socket client = connect(relay)) {
            return client.getInputStream().readAllBytes().length;
          }
        };
    List<Future<Integer>> read = threads.invokeAll(List.of(reader, reader, reader));
    for (Future<Integer> bytes : read) {
      assertThat(bytes.get()).isEqualTo(1_000_000);
    }
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(seconds).isBetween(0.28, 0.6); // 3 MB at 10 MB/s
  }

  @Test
  void relay_addsARoundTripToConnectAndToAnswer() throws Exception {
    Relay relay = relay();
    relay.shape(0, Duration.ofMillis(40));
    threads.execute(() -> serve(1));

    long start = System.nanoTime();
    try (Socket client = connect(relay)) {
      assertThat(client.getInputStream().readAllBytes()).hasSize(1);
    }
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(seconds).isBetween(0.060, 0.2); // one for the handshake, half for the byte
  }

  private Relay relay() throws IOException {
    return Relay.start(
        workplace, target.getInetAddress().getHostAddress() + ":" + target.getLocalPort());
  }

  private static Socket connect(Relay relay) throws IOException {
    var address = Workplace.socketAddress(relay.address());
    return new Socket(address.getAddress(), address.getPort());
  }

  private void serve(int bytes) {
    while (!target.isClosed()) {
      try (Socket socket = target.accept();
          OutputStream out = socket.getOutputStream()) {
        out.write(new byte[bytes]);
      } catch (IOException e) {
        return; // the test is over
      }
    }
  }
}
