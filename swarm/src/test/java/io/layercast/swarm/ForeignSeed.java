package io.layercast.swarm;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A standard client that seeds, from BEP 3 by hand: takes one connection. */
final class ForeignSeed {
  private ForeignSeed() {}

  /** Serves requests of up to 16 KiB until the other side closes. */
  static void serve(ServerSocket server, byte[] infoHash, FakeSharedBlob blob) {
    try (Socket socket = greet(server, infoHash)) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        int length = in.readInt();
        if (length == 0) {
          continue;
        }
        int type = in.readUnsignedByte();
        if (type == 6) {
          int piece = in.readInt();
          int begin = in.readInt();
          int bytes = in.readInt();
          if (bytes > 16384) {
            throw new IOException("asked for " + bytes);
          }
          out.writeInt(9 + bytes);
          out.writeByte(7);
          out.writeInt(piece);
          out.writeInt(begin);
          out.write(blob.bytes(), (int) blob.layout().offsetOf(piece) + begin, bytes);
        } else {
          in.skipNBytes(length - 1);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says it has everything and unchokes, and then says nothing more. */
  static Socket promiseOnly(ServerSocket server, byte[] infoHash) {
    try {
      return greet(server, infoHash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket greet(ServerSocket server, byte[] infoHash) throws IOException {
    Socket socket = server.accept();
    DataInputStream in = new DataInputStream(socket.getInputStream());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    in.readFully(new byte[68]);
    out.writeByte(19);
    out.write("BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
    out.write(new byte[8]);
    out.write(infoHash);
    out.write("-RW0001-seedseedseed".getBytes(StandardCharsets.US_ASCII));
    out.writeInt(2);
    out.writeByte(5);
    out.writeByte(0xe0); // pieces 0, 1 and 2
    out.writeInt(1);
    out.writeByte(1); // unchoke
    return socket;
  }
}
