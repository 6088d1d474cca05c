package io.layercast.swarm;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS on a peer's socket. One lock for both ways, as one may have to answer what came by the other.
 * Holds {@value #RECORDS} records each way, 131 KiB, for as long as the connection lasts. The
 * asymmetric part of a handshake, a millisecond or two, runs on the caller's thread.
 */
final class TlsWire implements PeerWire {
  private static final Logger LOG = LoggerFactory.getLogger(TlsWire.class);

  /** Of 16 KiB at most: what one read or write of the socket moves. */
  private static final int RECORDS = 4;

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final SocketChannel socket;
  private final SSLEngine engine;
  private final PeerTls tls;
  private final int recordBytes;
  private final ByteBuffer received;
  private final ByteBuffer unsent;
  private long taken;

  private TlsWire(SocketChannel socket, SSLEngine engine, PeerTls tls) {
    this.socket = socket;
    this.engine = engine;
    this.tls = tls;
    this.recordBytes = engine.getSession().getPacketBufferSize();
    this.received = ByteBuffer.allocateDirect(RECORDS * recordBytes).flip();
    this.unsent = ByteBuffer.allocateDirect(RECORDS * recordBytes).flip();
  }

  /**
   * @param engine of {@code tls}, for this connection
   */
  static TlsWire begin(SocketChannel socket, SSLEngine engine, PeerTls tls) throws SSLException {
    engine.beginHandshake();
    return new TlsWire(socket, engine, tls);
  }

  @Override
  public int agree() throws IOException {
    ByteBuffer none = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    while (true) {
      if (!flush()) {
        return SelectionKey.OP_WRITE;
      }
      switch (engine.getHandshakeStatus()) {
        case NOT_HANDSHAKING, FINISHED -> {
          tls.check(engine.getSession());
          return 0;
        }
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          SSLEngineResult.Status status = engine.unwrap(received, none).getStatus();
          if (status == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            int count = receive();
            if (count == 0) {
              return SelectionKey.OP_READ;
            }
            endIf(count < 0);
          }
          endIf(status == SSLEngineResult.Status.CLOSED);
        }
      }
    }
  }

  private static void endIf(boolean hasEnded) throws EOFException {
    if (hasEnded) {
      throw new EOFException("the peer ended the handshake");
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public synchronized int read(ByteBuffer into) throws IOException {
    int start = into.position();
    while (true) {
      SSLEngineResult result = engine.unwrap(received, into);
      if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks(); // of a peer that takes new keys
      }
      int count = into.position() - start;
      switch (result.getStatus()) {
        case OK -> {}
        case BUFFER_OVERFLOW -> {
          return count;
        }
        case BUFFER_UNDERFLOW -> {
          if (count > 0) {
            return count;
          }
          int came = receive();
          if (came <= 0) {
            return came;
          }
        }
        case CLOSED -> {
          return count > 0 ? count : -1;
        }
      }
    }
  }

  /** Reads from the socket behind what is a part of a record only. */
  private int receive() throws IOException {
    received.compact();
    try {
      return socket.read(received);
    } finally {
      received.flip();
    }
  }

  @Override
  public synchronized boolean write(ByteBuffer[] bytes) throws IOException {
    while (flush()) {
      if (!bytes[bytes.length - 1].hasRemaining()) {
        return true;
      }
      wrap(bytes);
    }
    return false;
  }

  /** Makes records of {@code bytes}, as many as there is room for; everything before is sent. */
  private void wrap(ByteBuffer[] bytes) throws IOException {
    unsent.clear();
    try {
      do {
        SSLEngineResult result = engine.wrap(bytes, unsent);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED && result.bytesProduced() == 0) {
          throw new ClosedChannelException();
        }
      } while (bytes[bytes.length - 1].hasRemaining() && unsent.remaining() >= recordBytes);
    } finally {
      unsent.flip();
    }
  }

  private boolean flush() throws IOException {
    if (unsent.hasRemaining()) {
      taken += socket.write(unsent);
    }
    return !unsent.hasRemaining();
  }

  @Override
  public synchronized long takenBytes() {
    return taken;
  }

  /** Tells the other side, if the kernel takes that now and nothing is broken. */
  @Override
  public synchronized void close() {
    try {
      engine.closeOutbound();
      if (socket.isConnected() && flush()) {
        var _ = engine.wrap(NOTHING, unsent.clear());
        unsent.flip();
        var _ = flush();
      }
    } catch (IOException e) {
      LOG.debug("ended a connection without a word", e);
    }
  }
}
