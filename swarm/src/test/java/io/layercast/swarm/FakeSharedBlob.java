package io.layercast.swarm;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SharedBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A blob in memory that verifies as the real one does. Knows all hashes from the start. */
final class FakeSharedBlob implements SharedBlob {
  private final PieceLayout layout;
  private final byte[] bytes;
  private final PieceHash[] hashes;
  private final PieceSet have;
  private final PieceSet known;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile State state = State.GROWING;
  private volatile boolean isRead = true;
  private volatile boolean wanted = true;
  private final AtomicInteger wrongPieces = new AtomicInteger();

  private FakeSharedBlob(PieceLayout layout, byte[] bytes, PieceHash[] hashes, PieceSet have) {
    this.layout = layout;
    this.bytes = bytes;
    this.hashes = hashes;
    this.have = have;
    this.known = PieceSet.full(layout.pieceCount());
  }

  /** Holds everything. */
  static FakeSharedBlob full(byte[] bytes, int pieceBytes) {
    PieceLayout layout = new PieceLayout(bytes.length, pieceBytes);
    PieceHash[] hashes = new PieceHash[layout.pieceCount()];
    for (int i = 0; i < hashes.length; i++) {
      MessageDigest hasher = PieceHash.hasher();
      hasher.update(bytes, (int) layout.offsetOf(i), layout.lengthOf(i));
      hashes[i] = PieceHash.of(hasher.digest());
    }
    return new FakeSharedBlob(layout, bytes, hashes, PieceSet.full(hashes.length));
  }

  /** Holds nothing of what this one holds. */
  FakeSharedBlob empty() {
    return new FakeSharedBlob(
        layout, new byte[bytes.length], hashes, PieceSet.empty(layout.pieceCount()));
  }

  /** Claims the same pieces, with wrong bytes in them. */
  FakeSharedBlob lying() {
    byte[] wrong = bytes.clone();
    for (int i = 0; i < layout.pieceCount(); i++) {
      wrong[(int) layout.offsetOf(i)] ^= 1;
    }
    return new FakeSharedBlob(layout, wrong, hashes, PieceSet.full(layout.pieceCount()));
  }

  /** Puts a piece of {@code other} here, as an ingest would. */
  void learnFrom(FakeSharedBlob other, int piece) {
    synchronized (this) {
      int at = (int) layout.offsetOf(piece);
      System.arraycopy(other.bytes, at, bytes, at, layout.lengthOf(piece));
      have.add(piece);
    }
    listeners.forEach(listener -> listener.onStored(piece));
  }

  /** As if the disk had damaged it. */
  synchronized void lose(int piece) {
    have.remove(piece);
  }

  FakeSharedBlob seal() {
    state = State.SEALED;
    listeners.forEach(listener -> listener.onState(State.SEALED));
    return this;
  }

  void reject() {
    state = State.REJECTED;
    listeners.forEach(listener -> listener.onState(State.REJECTED));
  }

  FakeSharedBlob onlySeeds() {
    wanted = false;
    return this;
  }

  byte[] bytes() {
    return bytes;
  }

  int wrongPieces() {
    return wrongPieces.get();
  }

  @Override
  public Digest digest() {
    return Digest.ofHash(Digest.Algorithm.SHA256, new byte[32]);
  }

  @Override
  public int generation() {
    return 0;
  }

  @Override
  public PieceLayout layout() {
    return layout;
  }

  @Override
  public synchronized PieceSet have() {
    return have.copy();
  }

  @Override
  public synchronized boolean has(int piece) {
    return have.has(piece);
  }

  @Override
  public synchronized Optional<PieceHash> expected(int piece) {
    return known.has(piece) ? Optional.of(hashes[piece]) : Optional.empty();
  }

  @Override
  public List<Integer> readerPieces() {
    int next = have().nextMissing(0);
    return isRead && next < layout.pieceCount() ? List.of(next) : List.of();
  }

  @Override
  public boolean hasReaders() {
    return isRead && !have().isFull();
  }

  /** As if nobody read it. */
  FakeSharedBlob unread() {
    isRead = false;
    return this;
  }

  @Override
  public boolean isWanted() {
    return wanted;
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public Stored store(int piece, ByteBuffer piecesBytes) {
    MessageDigest hasher = PieceHash.hasher();
    hasher.update(piecesBytes.duplicate());
    if (!PieceHash.of(hasher.digest()).equals(hashes[piece])) {
      wrongPieces.incrementAndGet();
      return Stored.WRONG_HASH;
    }
    synchronized (this) {
      if (!have.add(piece)) {
        return Stored.DUPLICATE;
      }
      piecesBytes.get(bytes, (int) layout.offsetOf(piece), layout.lengthOf(piece));
    }
    listeners.forEach(listener -> listener.onStored(piece));
    listeners.forEach(Listener::onReaders);
    return Stored.STORED;
  }

  @Override
  public void read(int piece, int begin, ByteBuffer target) throws IOException {
    synchronized (this) {
      if (!have.has(piece)) {
        throw new IOException("piece " + piece + " is not here");
      }
    }
    int from = (int) layout.offsetOf(piece) + begin;
    target.duplicate().put(bytes, from, target.remaining());
  }

  @Override
  public Subscription subscribe(Listener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
