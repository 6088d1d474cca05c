package io.layercast.load;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A transfer and its digests without a protocol: one blocking thread a connection, the file sent by
 * the kernel (sendfile) and received into one direct buffer a piece, hashed and written from there.
 * A process of its own, told by lines: {@code serve HOST}, {@code fetch HOST:PORT FOLDER FILE…}.
 */
final class PlainPeer {
  static final int PIECE_BYTES = 1024 * 1024;
  private static final int SLICE_BYTES = 128 * 1024;

  private PlainPeer() {}

  /** Ends with its standard input. */
  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      List<String> words = List.of(line.split(" ", -1));
      if (words.getFirst().equals("serve")) {
        answers.println("ok " + serve(words.get(1)));
      } else {
        fetch(
            Workplace.socketAddress(words.get(1)),
            Path.of(words.get(2)),
            words.subList(3, words.size()));
        answers.println("ok");
      }
    }
  }

  private static String serve(String host) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(host, 0));
    Thread.ofPlatform().daemon().start(() -> accept(server));
    return host + ":" + ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  private static void accept(ServerSocketChannel server) {
    while (true) {
      try {
        SocketChannel socket = server.accept();
        Thread.ofPlatform().daemon().start(() -> send(socket));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void send(SocketChannel socket) {
    try (socket) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      String name = new DataInputStream(socket.socket().getInputStream()).readUTF();
      try (FileChannel file = FileChannel.open(Path.of(name))) {
        long size = file.size();
        for (long at = 0; at < size; ) {
          at += file.transferTo(at, Math.min(SLICE_BYTES, size - at), socket);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fetch(InetSocketAddress from, Path folder, List<String> files)
      throws Exception {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Callable<Long>> all = new ArrayList<>();
      for (String file : files) {
        all.add(() -> receive(from, file, folder.resolve(Path.of(file).getFileName())));
      }
      for (Future<Long> each : threads.invokeAll(all)) {
        long _ = each.get();
      }
    }
  }

  private static long receive(InetSocketAddress from, String name, Path target) throws IOException {
    MessageDigest hasher = Sha256.begin();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    long received = 0;
    try (SocketChannel socket = SocketChannel.open(from);
        FileChannel file =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      new DataOutputStream(socket.socket().getOutputStream()).writeUTF(name);
      boolean isOver = false;
      while (!isOver) {
        isOver = socket.read(piece) < 0;
        if (isOver || !piece.hasRemaining()) {
          piece.flip();
          hasher.update(piece.duplicate());
          if (hasher.digest().length == 0) {
            throw new IOException("no digest"); // keeps the digest from being optimised away
          }
          while (piece.hasRemaining()) {
            received += file.write(piece, received);
          }
          piece.clear();
        }
      }
    }
    return received;
  }
}
