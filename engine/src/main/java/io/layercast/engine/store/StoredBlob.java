package io.layercast.engine.store;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import io.layercast.engine.PieceSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation of one blob on disk, all or some of its pieces. One instance for a digest inside a
 * {@link BlobStore}. Thread-safe; everything but the accessors blocks.
 *
 * <p>A piece's data is written before its proof, so that a crash between the two leaves no proof. A
 * proof without data (a power cut) is found by the checksums, which every read compares. A piece
 * that is found damaged leaves {@link #have} and its record is blanked on disk; one that cannot be
 * read leaves it too, so that it can be written again. The rest stays, and a sealed blob stays
 * sealed until {@link #unseal}.
 */
public final class StoredBlob implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoredBlob.class);

  /** A use is noted this seldom: exact enough for an order of eviction, and nearly free. */
  private static final long NOTE_USE_MILLIS = 10_000;

  private final BlobStore store;
  private final BlobFolder folder;
  private final BlobFiles files;
  private final PieceSet have; // guarded by this
  private volatile BlobHead head;
  private volatile long lastUsedMillis;
  private boolean ended; // guarded by this

  StoredBlob(BlobStore store, BlobFolder folder, BlobFiles files, BlobFolder.Found found) {
    this.store = store;
    this.folder = folder;
    this.files = files;
    this.head = found.head();
    this.have = found.have();
    this.lastUsedMillis = found.lastUsedMillis();
  }

  public Digest digest() {
    return folder.digest();
  }

  public PieceLayout layout() {
    return head.layout();
  }

  public int generation() {
    return head.generation();
  }

  public boolean isSealed() {
    return head.sealed();
  }

  /** A copy. */
  public synchronized PieceSet have() {
    return have.copy();
  }

  public synchronized boolean has(int piece) {
    return have.has(piece);
  }

  /**
   * The proof that was stored with a piece; empty when the piece is not here or its proof turns out
   * damaged, and then the piece is gone. Blocks.
   *
   * @throws IOException when the disk is broken or the blob was deleted
   */
  public Optional<PieceProof> proof(int piece) throws IOException {
    if (!has(piece)) {
      return Optional.empty();
    }
    try {
      BlobFiles.Channels channels = files.acquire();
      try {
        byte[] file = CheckedRead.record(channels, head, piece);
        return PieceRecord.decode(file, 0, head, piece).map(PieceRecord::proof);
      } finally {
        files.release();
      }
    } catch (DamagedException _) {
      dropIfDamaged(piece); // logs it
      return Optional.empty();
    }
  }

  /**
   * Stores a piece. The caller has verified that it hashes to {@code proof}; does nothing when the
   * piece is here.
   *
   * @param bytes exactly the piece between position and limit, which are left as they are
   * @throws IOException when the disk is full or broken or the blob was deleted; the piece is then
   *     not here
   * @throws IllegalArgumentException when {@code bytes} is not as long as the piece
   */
  public void write(int piece, ByteBuffer bytes, PieceProof proof) throws IOException {
    BlobHead now = head;
    if (bytes.remaining() != now.layout().lengthOf(piece)) {
      throw new IllegalArgumentException(
          "%d bytes for piece %d of %d"
              .formatted(bytes.remaining(), piece, now.layout().lengthOf(piece)));
    }
    synchronized (this) {
      checkNotEnded();
      if (have.has(piece)) {
        return;
      }
    }
    ByteBuffer pieceRecord = PieceRecord.of(proof, bytes).encode(now, piece);
    long storedBytes = BlobFolder.Found.storedBytes(now.layout(), piece);
    store.space().grow(digest(), storedBytes);
    boolean isAdded = false;
    try {
      write(now, piece, bytes, pieceRecord);
      synchronized (this) {
        checkNotEnded();
        isAdded = have.add(piece);
      }
    } finally {
      if (!isAdded) {
        store.space().shrink(digest(), storedBytes);
      }
    }
    use();
  }

  private void write(BlobHead now, int piece, ByteBuffer bytes, ByteBuffer pieceRecord)
      throws IOException {
    BlobFiles.Channels channels = files.acquire();
    try {
      PositionalIo.write(channels.data(), bytes.duplicate(), now.layout().offsetOf(piece));
      PositionalIo.write(channels.proofs(), pieceRecord, PieceRecord.offset(now.layout(), piece));
    } finally {
      files.release();
    }
  }

  /**
   * Notes that the blob is used, so that it is not evicted soon; {@link #read} and {@link #write}
   * do so by themselves.
   *
   * @return whether {@link #keepUse} is due
   */
  public boolean noteUse() {
    long now = store.clock().millis();
    if (Math.abs(now - lastUsedMillis) < NOTE_USE_MILLIS) {
      return false;
    }
    lastUsedMillis = now;
    store.space().used(digest(), now);
    return true;
  }

  /** Writes down when the blob was last used, for the next process. Blocks, but hardly. */
  public void keepUse() {
    try {
      folder.touch(lastUsedMillis);
    } catch (IOException e) { // a blob that has just gone, or an order of eviction that is older
      log.debug("tried to note a use of {}, but failed", digest(), e);
    }
  }

  private void use() {
    if (noteUse()) {
      keepUse();
    }
  }

  /**
   * Fills what is between position and limit of {@code target}, which stay as they are, with a
   * piece's bytes from {@code begin}. Every chunk of 128 KiB they touch is compared with its
   * checksum; cheapest when both ends lie on multiples of that, and into direct memory.
   *
   * @throws CorruptPieceException when the disk does not hold what was stored; the piece is then
   *     gone
   * @throws IOException when the piece is not here, cannot be read (it is gone then too) or the
   *     blob was deleted; what {@code target} holds after any failure is undefined
   * @throws IndexOutOfBoundsException when the piece has no such bytes
   */
  public void read(int piece, int begin, ByteBuffer target) throws IOException {
    Objects.checkFromIndexSize(begin, target.remaining(), layout().lengthOf(piece));
    checked(
        piece, channels -> store.checkedRead().read(channels, head, piece, begin, target.slice()));
  }

  /**
   * Compares every chunk of 128 KiB that {@code length} of a piece's bytes from {@code begin} touch
   * with its checksum.
   *
   * @throws CorruptPieceException when the disk does not hold what was stored; the piece is then
   *     gone
   * @throws IOException when the piece is not here or the blob was deleted
   * @throws IndexOutOfBoundsException when the piece has no such bytes
   */
  public void check(int piece, int begin, int length) throws IOException {
    Objects.checkFromIndexSize(begin, length, layout().lengthOf(piece));
    checked(piece, channels -> store.checkedRead().check(channels, head, piece, begin, length));
  }

  /**
   * Has the kernel send bytes that were {@link #check checked} just now (sendfile).
   *
   * @return how many it took, none when {@code target} is full
   * @throws IOException when {@code target} is broken or the blob was deleted
   */
  public int send(int piece, int begin, int length, WritableByteChannel target) throws IOException {
    BlobFiles.Channels channels = files.acquire();
    try {
      return PositionalIo.send(channels.data(), layout().offsetOf(piece) + begin, length, target);
    } finally {
      files.release();
    }
  }

  /** A look at a piece's bytes that finds out when they are damaged. */
  @FunctionalInterface
  private interface Look {
    void at(BlobFiles.Channels channels) throws IOException;
  }

  private void checked(int piece, Look look) throws IOException {
    try {
      once(piece, look);
      use();
    } catch (DamagedException e) {
      if (dropIfDamaged(piece)) {
        throw new CorruptPieceException("piece %d of %s is damaged".formatted(piece, digest()), e);
      }
      once(piece, look); // it was replaced meanwhile
    } catch (ClosedChannelException e) {
      throw e; // by an interrupt of whoever used it too, which says nothing of the disk
    } catch (IOException e) {
      forget(piece);
      throw e;
    }
  }

  private void once(int piece, Look look) throws IOException {
    if (!has(piece)) {
      throw new IOException("piece %d of %s is not here".formatted(piece, digest()));
    }
    BlobFiles.Channels channels = files.acquire();
    try {
      look.at(channels);
    } finally {
      files.release();
    }
  }

  /**
   * Forgets a piece: its bytes match their checksums but are not the blob's after all. Does nothing
   * when the piece is not here.
   *
   * @throws IOException when the disk is broken or the blob was deleted; the piece is then not in
   *     {@link #have} but may be after a restart
   */
  public synchronized void drop(int piece) throws IOException {
    if (!have.has(piece)) {
      return;
    }
    lose(piece);
    BlobFiles.Channels channels = files.acquire();
    try {
      ByteBuffer blank = ByteBuffer.allocate(PieceRecord.length(layout()));
      PositionalIo.write(channels.proofs(), blank, PieceRecord.offset(layout(), piece));
    } finally {
      files.release();
    }
  }

  /**
   * Records that the whole blob hashed to its digest: who opens it and finds every piece need not
   * hash it again. Idempotent.
   *
   * @throws IOException when the disk is full or broken or the blob was deleted
   */
  public void seal() throws IOException {
    keep(true);
  }

  /** Takes {@link #seal} back: what is stored from now on has not been hashed with the rest. */
  public void unseal() throws IOException {
    keep(false);
  }

  private synchronized void keep(boolean isSealed) throws IOException {
    checkNotEnded();
    if (head.sealed() != isSealed) {
      BlobHead next = head.withSealed(isSealed);
      folder.write(next);
      head = next;
    }
  }

  /** Whether its folder is still where the store has put it. Blocks, but hardly. */
  public boolean isThere() {
    return folder.exists();
  }

  /**
   * Takes the blob from the disk. Whoever reads or writes it gets an IOException from now on.
   * Idempotent.
   */
  public void delete() throws IOException {
    takeOut().delete();
  }

  /** As {@link #delete}, but for the bytes themselves, which may take long. */
  public Rubbish takeOut() throws IOException {
    return store.takeOut(this);
  }

  /** What was taken out of the store and is still on the disk. */
  public record Rubbish(Path path) {
    /** Blocks for as long as the disk takes. */
    public void delete() throws IOException {
      StoreTree.deleteAll(path);
    }
  }

  /** Closes its files. The next read or write opens them again. */
  @Override
  public void close() {
    store.closeFiles(files);
  }

  /** Ends this instance; whether the folder goes too is {@link BlobStore}'s to say. */
  void end() throws IOException {
    synchronized (this) {
      ended = true;
    }
    files.end();
    store.closeFiles(files);
  }

  BlobFolder folder() {
    return folder;
  }

  private void checkNotEnded() throws IOException {
    if (ended) {
      throw new IOException("the blob " + digest() + " was deleted or its store closed");
    }
  }

  /**
   * Reads a piece once more while nobody can replace it, and drops it if it is still damaged; says
   * whether it is gone.
   */
  private synchronized boolean dropIfDamaged(int piece) {
    if (!have.has(piece)) {
      return true;
    }
    try {
      BlobFiles.Channels channels = files.acquire();
      try {
        verify(channels, piece);
        return false;
      } catch (DamagedException e) {
        log.warn("dropped piece {} of {}: {}", piece, digest(), e.getMessage());
        lose(piece);
        ByteBuffer blank = ByteBuffer.allocate(PieceRecord.length(layout()));
        PositionalIo.write(channels.proofs(), blank, PieceRecord.offset(layout(), piece));
        return true;
      } finally {
        files.release();
      }
    } catch (IOException e) {
      // The proof may stay on disk; it does not match the data and is found out again.
      log.warn("tried to look at piece {} of {} again, but failed", piece, digest(), e);
      lose(piece);
      return true;
    }
  }

  /** What cannot be read may be written again. */
  private synchronized void forget(int piece) {
    if (have.has(piece)) {
      lose(piece);
    }
  }

  private void lose(int piece) {
    have.remove(piece);
    store.space().shrink(digest(), BlobFolder.Found.storedBytes(layout(), piece));
  }

  private void verify(BlobFiles.Channels channels, int piece) throws IOException {
    int length = layout().lengthOf(piece);
    ByteBuffer chunk = ByteBuffer.allocate(PieceLayout.CHUNK_BYTES);
    for (int begin = 0; begin < length; begin += chunk.capacity()) {
      chunk.clear().limit(Math.min(chunk.capacity(), length - begin));
      store.checkedRead().read(channels, head, piece, begin, chunk.slice());
    }
  }
}
