package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A peer with the swarm's secret that says it has everything, and does its deed. */
final class HostileSeed implements Closeable {
  /** What it does to those who dial it. */
  enum Deed {
    /** Answers each request with zeros. */
    LIES,
    /** Answers each request rightly, at 10 kB/s. */
    DRIPS,
    /** Proves itself, unchokes, and answers no request. */
    NEVER_ANSWERS,
    /** Takes connections and says nothing on them. */
    NEVER_GREETS
  }

  private final ServerSocket server;
  private final InetSocketAddress address;
  private final Ticket ticket;
  private final Deed deed;
  private final Path content;
  private final Link drip = new Link(10_000);
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();

  private HostileSeed(
      ServerSocket server, InetSocketAddress address, Ticket ticket, Deed deed, Path content) {
    this.server = server;
    this.address = address;
    this.ticket = ticket;
    this.deed = deed;
    this.content = content;
  }

  /**
   * Starts one and announces it at {@code tracker} as a complete peer.
   *
   * @param content the layer itself
   */
  static HostileSeed start(
      Workplace workplace, Role tracker, Ticket ticket, Deed deed, Path content)
      throws IOException {
    ServerSocket server = new ServerSocket();
    InetSocketAddress address =
        Workplace.socketAddress(Workplace.freePort(workplace.address(), 6881));
    server.bind(address);
    HostileSeed seed = new HostileSeed(server, address, ticket, deed, content);
    Acceptor.start("hostile-seed", server, seed::serve);
    workplace.closeLater(seed);
    String answer = announce(tracker, ticket, address.getAddress(), address.getPort());
    if (!answer.contains("8:interval")) {
      throw new IOException("the tracker did not take the announce: " + answer);
    }
    return seed;
  }

  /** The tracker's answer to an announce that comes from {@code from}, as the socket says. */
  static String announce(Role tracker, Ticket ticket, InetAddress from, int port)
      throws IOException {
    String id = new String(ticket.swarmId(), StandardCharsets.ISO_8859_1);
    String query =
        "info_hash=%s&peer_id=-XX0000-hostile%05d&port=%d&left=0&event=started&compact=1"
            .formatted(
                URLEncoder.encode(id, StandardCharsets.ISO_8859_1).replace("+", "%20"), port, port);
    InetSocketAddress target = Workplace.socketAddress(tracker.address());
    try (Socket socket = new Socket(target.getAddress(), target.getPort(), from, 0);
        OutputStream out = socket.getOutputStream()) {
      socket.setSoTimeout(10_000);
      String request =
          "GET /announce?" + query + " HTTP/1.1\r\nHost: tracker\r\nConnection: close\r\n\r\n";
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  int connections() {
    return connections.get();
  }

  /** Requests for blocks that came; a liar has answered them. */
  int requests() {
    return requests.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** Piece, begin and bytes. */
  private byte[] block(int piece, int begin, int length) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(8 + length).putInt(piece).putInt(begin);
    if (deed == Deed.DRIPS) {
      drip.pass(length);
      try (FileChannel file = FileChannel.open(content)) {
        file.read(block, (long) piece * ticket.pieceLength() + begin);
      }
    }
    return block.array();
  }

  private void serve(Socket socket) {
    connections.incrementAndGet();
    try (PeerWire wire = new PeerWire(socket)) {
      wire.patience(60_000);
      if (deed == Deed.NEVER_GREETS) {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        return;
      }
      wire.readHandshake();
      wire.handshake(ticket.swarmId(), true);
      wire.extension();
      PeerWire.Theirs theirs = wire.readExtension();
      wire.read(); // the dialler's proof, which this peer takes as it is
      wire.extended(theirs.proofId(), wire.proof(ticket, PeerWire.Side.ACCEPTER, theirs, address));
      wire.send(PeerWire.HAVE_ALL);
      wire.send(PeerWire.UNCHOKE);
      while (true) {
        PeerWire.Message request = wire.readUntil(PeerWire.REQUEST);
        requests.incrementAndGet();
        if (deed != Deed.NEVER_ANSWERS) {
          ByteBuffer asked = ByteBuffer.wrap(request.payload());
          wire.send(PeerWire.PIECE, block(asked.getInt(), asked.getInt(), asked.getInt()));
        }
      }
    } catch (IOException e) {
      return; // dropped, as it should be
    }
  }
}
