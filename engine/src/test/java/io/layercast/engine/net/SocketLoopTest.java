package io.layercast.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SocketLoopTest {
  private final SocketLoop loop = new SocketLoop(Thread::new);
  private ServerSocketChannel server;

  @BeforeEach
  void listen() throws IOException {
    server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void end() throws Exception {
    server.close();
    loop.shutdown();
    assertThat(loop.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void close_onAnotherThread_isHeardByTheOtherEnd() throws Exception {
    try (Socket client = connect();
        SocketChannel accepted = server.accept()) {
      accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
      SelectionKey key = watch(accepted);
      loop.await(key, SelectionKey.OP_READ);
      isIdle();

      loop.close(accepted);
      client.setSoTimeout(5_000);
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.socket().getLocalPort());
  }

  private SelectionKey watch(SocketChannel channel) throws Exception {
    channel.configureBlocking(false);
    CompletableFuture<SelectionKey> key = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        key.complete(loop.watch(channel, _ -> {}));
      } catch (IOException e) {
        key.completeExceptionally(e);
      }
    });
    return key.get(5, TimeUnit.SECONDS);
  }

  /** All it was told to do is done. */
  private void isIdle() throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> done.complete(null));
    done.get(5, TimeUnit.SECONDS);
  }
}
