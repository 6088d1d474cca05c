package io.layercast.swarm;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A peer written from BEP 3 by hand, on a blocking socket; shares no code with ours. */
final class RawPeer implements AutoCloseable {
  final Socket socket;
  final DataInputStream in;
  final DataOutputStream out;

  /** One frame as it came. */
  record Frame(int type, ByteBuffer payload) {}

  RawPeer(InetSocketAddress address) {
    try {
      socket = new Socket(address.getAddress(), address.getPort(), local(), 0);
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InetAddress local() throws IOException {
    return InetAddress.getByName("127.0.0.9");
  }

  RawPeer handshake(byte[] infoHash, byte[] reserved) throws IOException {
    return handshake(infoHash, reserved, "-RW0001-abcdefghijkl");
  }

  /** As the peer {@code id}: two of one id are taken for one. */
  RawPeer handshake(byte[] infoHash, byte[] reserved, String id) throws IOException {
    out.writeByte(19);
    out.write("BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
    out.write(reserved);
    out.write(infoHash);
    out.write(id.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  byte[] readHandshake() throws IOException {
    byte[] bytes = new byte[68];
    in.readFully(bytes);
    return bytes;
  }

  /** Sends it; that the other side has closed meanwhile is for the next read to find. */
  RawPeer frame(int type, byte... payload) {
    try {
      out.writeInt(1 + payload.length);
      out.writeByte(type);
      out.write(payload);
    } catch (IOException _) {
      return this; // broken pipe
    }
    return this;
  }

  RawPeer request(int piece, int begin, int length) {
    return frame(6, ByteBuffer.allocate(12).putInt(piece).putInt(begin).putInt(length).array());
  }

  /** The next frame that is no keep-alive. */
  Frame read() throws IOException {
    int length = 0;
    while (length == 0) {
      length = in.readInt();
    }
    int type = in.readUnsignedByte();
    byte[] payload = new byte[length - 1];
    in.readFully(payload);
    return new Frame(type, ByteBuffer.wrap(payload));
  }

  /** Skips frames until one of {@code type}. */
  Frame readUntil(int type) throws IOException {
    Frame frame = read();
    while (frame.type != type) {
      frame = read();
    }
    return frame;
  }

  /**
   * How many bytes come before the other side closes; a reset is an end too.
   *
   * @throws SocketTimeoutException when it does not close
   */
  int readToEnd() throws SocketTimeoutException {
    int count = 0;
    try {
      while (in.read() >= 0) {
        count++;
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException _) {
      return count;
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
