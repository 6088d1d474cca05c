package io.layercast.load;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One connection of the peer protocol in bytes put together by hand, after BEP 3, 6, 10 and {@code
 * docs/adr/0005-peer-wire.md}; says only what it is told to say.
 */
final class PeerWire implements Closeable {
  static final int INTERESTED = 2;
  static final int UNCHOKE = 1;
  static final int BITFIELD = 5;
  static final int REQUEST = 6;
  static final int PIECE = 7;
  static final int HAVE_ALL = 14;
  static final int EXTENDED = 20;

  private static final int HANDSHAKE_BYTES = 68;
  private static final int NONCE_BYTES = 32;
  private static final int OUR_PROOF_ID = 1;
  private static final Pattern PROOF_ID = Pattern.compile("8:lc_proofi(\\d+)e");
  private static final String NONCE_KEY = "1:n32:";

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final byte[] nonce = new byte[NONCE_BYTES];
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  /** A message: its type and what comes after it. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Message(int type, byte[] payload) {
    boolean isExtensionHandshake() {
      return type == EXTENDED && payload[0] == 0;
    }
  }

  /** What the other side's extension handshake told. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Theirs(int proofId, byte[] nonce) {}

  /** Of which side a proof speaks. */
  enum Side {
    DIALLER,
    ACCEPTER
  }

  PeerWire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
    new SecureRandom().nextBytes(nonce);
    socket.setTcpNoDelay(true);
    patience(10_000);
  }

  /**
   * @param peerAddress {@code host:port}
   */
  static PeerWire dial(String peerAddress) throws IOException {
    var address = Workplace.socketAddress(peerAddress);
    return new PeerWire(new Socket(address.getAddress(), address.getPort()));
  }

  /** A connection on which both sides have proven the swarm's secret. */
  static PeerWire dialProven(String peerAddress, Ticket ticket) throws IOException {
    PeerWire wire = dial(peerAddress);
    wire.prove(ticket, Workplace.socketAddress(peerAddress));
    return wire;
  }

  /** Says hello as the dialler, proves the secret, and reads the other side's proof. */
  void prove(Ticket ticket, InetSocketAddress dialled) throws IOException {
    handshake(ticket.swarmId(), true);
    extension();
    readHandshake();
    Theirs theirs = readExtension();
    extended(theirs.proofId(), proof(ticket, Side.DIALLER, theirs, dialled));
    Message answer = read();
    if (answer.type() != EXTENDED || answer.payload()[0] != OUR_PROOF_ID) {
      throw new IOException("a message of type " + answer.type() + " instead of its proof");
    }
  }

  /** Everything that has been sent on this connection so far, in order. */
  byte[] sent() {
    return sent.toByteArray();
  }

  /** How long a read may take, in milliseconds. */
  void patience(int millis) throws SocketException {
    socket.setSoTimeout(millis);
  }

  void handshake(byte[] infoHash, boolean speaksExtensions) throws IOException {
    ByteArrayOutputStream hello = new ByteArrayOutputStream();
    hello.write(19);
    hello.writeBytes("BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
    hello.writeBytes(new byte[] {0, 0, 0, 0, 0, (byte) (speaksExtensions ? 0x10 : 0), 0, 0x04});
    hello.writeBytes(infoHash);
    byte[] peerId = "-XX0000-............".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(nonce, 0, peerId, 8, 12);
    hello.writeBytes(peerId);
    raw(hello.toByteArray());
  }

  /** Its 68 bytes; throws when the other side closed instead. */
  byte[] readHandshake() throws IOException {
    byte[] bytes = new byte[HANDSHAKE_BYTES];
    in.readFully(bytes);
    return bytes;
  }

  /** Our extension handshake, with a nonce of this connection. */
  void extension() throws IOException {
    ByteArrayOutputStream dictionary = new ByteArrayOutputStream();
    dictionary.writeBytes("d2:lcd1:bi131072e1:n32:".getBytes(StandardCharsets.US_ASCII));
    dictionary.writeBytes(nonce);
    dictionary.writeBytes("1:vi1ee1:md8:lc_proofi1eee".getBytes(StandardCharsets.US_ASCII));
    extended(0, dictionary.toByteArray());
  }

  /** The other side's extension handshake, which must come next. */
  Theirs readExtension() throws IOException {
    Message message = read();
    if (!message.isExtensionHandshake()) {
      throw new IOException("a message of type " + message.type() + " before the extensions");
    }
    String text = new String(message.payload(), StandardCharsets.ISO_8859_1);
    Matcher proofId = PROOF_ID.matcher(text);
    int at = text.indexOf(NONCE_KEY) + NONCE_KEY.length();
    if (!proofId.find() || at < NONCE_KEY.length()) {
      throw new IOException("an extension handshake without proof");
    }
    return new Theirs(
        Integer.parseInt(proofId.group(1)),
        Arrays.copyOfRange(message.payload(), at, at + NONCE_BYTES));
  }

  /** HMAC-SHA-256(secret, "lc-proof", role, id, dialler's nonce, accepter's nonce, address). */
  byte[] proof(Ticket ticket, Side side, Theirs theirs, InetSocketAddress dialled) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(ticket.secret(), "HmacSHA256"));
      mac.update("lc-proof".getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) (side == Side.DIALLER ? 0 : 1));
      mac.update(ticket.swarmId());
      mac.update(side == Side.DIALLER ? nonce : theirs.nonce());
      mac.update(side == Side.DIALLER ? theirs.nonce() : nonce);
      mac.update(dialled.getAddress().getAddress());
      mac.update(ByteBuffer.allocate(2).putShort((short) dialled.getPort()).array());
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  void extended(int id, byte[] payload) throws IOException {
    byte[] both = new byte[1 + payload.length];
    both[0] = (byte) id;
    System.arraycopy(payload, 0, both, 1, payload.length);
    send(EXTENDED, both);
  }

  void send(int type, byte... payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(5 + payload.length);
    raw(frame.putInt(1 + payload.length).put((byte) type).put(payload).array());
  }

  void request(int piece, int begin, int length) throws IOException {
    send(REQUEST, ByteBuffer.allocate(12).putInt(piece).putInt(begin).putInt(length).array());
  }

  void raw(byte[] bytes) throws IOException {
    sent.writeBytes(bytes);
    out.write(bytes);
    out.flush();
  }

  /** The next message that is no keep-alive. */
  Message read() throws IOException {
    int length = 0;
    while (length == 0) {
      length = in.readInt();
    }
    int type = in.readUnsignedByte();
    byte[] payload = new byte[length - 1];
    in.readFully(payload);
    return new Message(type, payload);
  }

  /** Skips messages until one of {@code type}. */
  Message readUntil(int type) throws IOException {
    Message message = read();
    while (message.type() != type) {
      message = read();
    }
    return message;
  }

  /** The types of all further messages, until the other side hangs up. A silent one fails. */
  List<Integer> readToEnd() throws IOException {
    List<Integer> types = new ArrayList<>();
    try {
      while (true) {
        types.add(read().type());
      }
    } catch (EOFException | SocketException e) {
      return types; // a reset is an end too
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
