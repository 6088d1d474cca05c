package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation of one blob as it grows on this node: what its pieces must hash to, which are
 * stored, who reads, and the verdict. Everything that moves its bytes (ingest, swarm, HTTP) meets
 * here; it is thread-safe and no actor. Methods that say they block belong on the disk dispatcher.
 *
 * <p>A piece becomes visible to readers, peers and news only after it was verified and written.
 */
public final class LiveBlob implements SharedBlob, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBlob.class);

  private final StoredBlob stored;
  private final Executor disk;
  private final PieceLayout layout;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<Exception>> streams = new CopyOnWriteArrayList<>();
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
  private final AtomicReferenceArray<@Nullable PieceProof> proofs;

  /** Pieces in the order their proof became known; entries below {@link #known} never change. */
  private final int[] log;

  private volatile int known;
  private final Object lock = new Object();
  private final PieceSet have; // guarded by lock
  private final PieceSet storing; // guarded by lock
  private volatile State state;
  private volatile String cause = "";
  private volatile @Nullable Exception interruption;
  private volatile boolean wanted;
  private volatile boolean closed;
  private volatile @Nullable IOException writeFailure;
  private volatile @Nullable BlobDigester digester;

  private LiveBlob(StoredBlob stored, Executor disk, boolean wanted) throws IOException {
    this.stored = stored;
    this.disk = disk;
    this.wanted = wanted;
    this.layout = stored.layout();
    this.proofs = new AtomicReferenceArray<>(layout.pieceCount());
    this.log = new int[layout.pieceCount()];
    this.storing = PieceSet.empty(layout.pieceCount());
    this.have = stored.have();
    for (int piece = have.nextPresent(0); piece >= 0; piece = have.nextPresent(piece + 1)) {
      Optional<PieceProof> proof = stored.proof(piece);
      if (proof.isPresent()) {
        proofs.set(piece, proof.get());
        append(piece);
      } else {
        have.remove(piece);
      }
    }
    // Sealed and yet in part here: pieces were lost. It goes on growing, so that the hashes of the
    // rest are asked for; the verdict comes again with them, and not from what the disk says.
    this.state = stored.isSealed() && have.isFull() ? State.SEALED : State.GROWING;
    if (state == State.GROWING) {
      stored.unseal();
    }
  }

  /**
   * The blob over what the store has of it; pieces stored earlier count as known and had.
   *
   * <p>Blocks.
   *
   * @param stored closed with this
   * @param disk where files are read and bytes are hashed
   * @param wanted whether pieces are fetched from peers from the start: an agent's are
   * @throws IOException when the disk does not let what is stored be read
   */
  public static LiveBlob of(StoredBlob stored, Executor disk, boolean wanted) throws IOException {
    return new LiveBlob(stored, disk, wanted);
  }

  @Override
  public Digest digest() {
    return stored.digest();
  }

  @Override
  public int generation() {
    return stored.generation();
  }

  @Override
  public PieceLayout layout() {
    return layout;
  }

  @Override
  public PieceSet have() {
    synchronized (lock) {
      return have.copy();
    }
  }

  @Override
  public boolean has(int piece) {
    synchronized (lock) {
      return have.has(piece);
    }
  }

  /** Whether every piece is stored here. */
  public boolean isComplete() {
    synchronized (lock) {
      return have.isFull();
    }
  }

  @Override
  public Optional<PieceHash> expected(int piece) {
    return Optional.ofNullable(proofs.get(piece)).map(PieceProof::hash);
  }

  /** Whether what the piece must hash to is known; no for a piece beyond the blob. */
  boolean knows(int piece) {
    return piece < layout.pieceCount() && proofs.get(piece) != null;
  }

  @Override
  public List<Integer> readerPieces() {
    synchronized (lock) {
      return readers.stream()
          .map(reader -> have.nextMissing(reader.piece))
          .filter(piece -> piece < layout.pieceCount())
          .distinct()
          .sorted()
          .toList();
    }
  }

  @Override
  public boolean hasReaders() {
    return !readers.isEmpty();
  }

  /** Whether a reader, a listener to its news or a download would miss it. */
  boolean isInUse() {
    // The verdict may come before the bytes.
    boolean isFilled = isWanted() && (state == State.GROWING || !isComplete());
    return hasReaders() || !streams.isEmpty() || isFilled;
  }

  /** Notes that somebody asked for it, so that it is not evicted soon. */
  void noteUse() {
    if (stored.noteUse()) {
      disk.execute(stored::keepUse);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether the disk still has its folder. Blocks, but hardly. */
  boolean isThere() {
    return stored.isThere();
  }

  /** Closes it and takes it out of the store. Blocks, but hardly. */
  StoredBlob.Rubbish evict() throws IOException {
    close();
    return stored.takeOut();
  }

  @Override
  public boolean isWanted() {
    return wanted && writeFailure == null && state != State.REJECTED && !closed;
  }

  /** Says whether pieces are fetched from peers from now on; tries again after a full disk. */
  void want(boolean isWanted) {
    wanted = isWanted;
    writeFailure = null;
    interruption = null;
    listeners.forEach(Listener::onReaders);
  }

  /** Pieces are no longer fetched from peers; all else stays as it is. */
  void endWish() {
    wanted = false;
    listeners.forEach(Listener::onReaders);
  }

  @Override
  public State state() {
    return state;
  }

  /** Why the blob was rejected; empty before. */
  String cause() {
    return cause;
  }

  /** Takes in what a piece must hash to. A stored piece with another hash is dropped. */
  public void learn(int piece, PieceProof proof) {
    boolean lost = false;
    synchronized (lock) {
      PieceProof before = proofs.get(piece);
      if (before != null && before.hash().equals(proof.hash())) {
        return;
      }
      proofs.set(piece, proof);
      if (before == null) {
        append(piece);
      } else {
        lost = have.has(piece);
        have.remove(piece);
        endDigest(); // it may be past the piece that is not the blob's after all
        digester = null;
      }
    }
    if (lost) {
      try {
        stored.drop(piece);
      } catch (IOException e) {
        LOG.warn("tried to drop piece {} of {} from the disk, but failed", piece, digest(), e);
      }
      listeners.forEach(listener -> listener.onLost(piece));
    }
    listeners.forEach(listener -> listener.onExpected(piece));
  }

  /**
   * Takes in what a piece must hash to, unless that is known already: what this node has found out
   * itself is not given up for what another says. Returns whether it was news.
   */
  boolean adopt(int piece, PieceProof proof) {
    synchronized (lock) {
      if (proofs.get(piece) != null) {
        return false;
      }
      proofs.set(piece, proof);
      append(piece);
    }
    listeners.forEach(listener -> listener.onExpected(piece));
    return true;
  }

  /** The pieces that are stored here, with their proofs. */
  public HeldPieces held() {
    List<LayerNews.PieceKnown> pieces = new ArrayList<>();
    have().stream()
        .forEach(piece -> {
          PieceProof proof = proofs.get(piece);
          if (proof != null) {
            pieces.add(new LayerNews.PieceKnown(generation(), piece, proof));
          }
        });
    return new HeldPieces(generation(), pieces);
  }

  /** The pieces whose hash is known and which are not here: somebody else has had them. */
  PieceSet heldElsewhere() {
    PieceSet elsewhere = PieceSet.empty(layout.pieceCount());
    synchronized (lock) {
      for (int i = 0; i < known; i++) {
        if (!have.has(log[i])) {
          elsewhere.add(log[i]);
        }
      }
    }
    return elsewhere;
  }

  /** Blocks: hashes and writes. */
  @Override
  public Stored store(int piece, ByteBuffer bytes) {
    if (bytes.remaining() != layout.lengthOf(piece)) {
      return Stored.WRONG_HASH;
    }
    if (has(piece)) {
      return Stored.DUPLICATE;
    }
    PieceProof proof = proofs.get(piece);
    if (proof == null || hasEnded()) {
      return Stored.NOT_STORED;
    }
    return hash(bytes).equals(proof.hash()) ? keep(piece, bytes, proof) : Stored.WRONG_HASH;
  }

  /**
   * Stores a piece that this proxy got from the origin and so is the first to know the hash of.
   * Blocks: hashes and writes.
   *
   * @return WRONG_HASH when the piece was known before by another hash
   */
  Stored ingest(int piece, ByteBuffer bytes, SwarmKeys keys) {
    if (has(piece)) {
      return Stored.DUPLICATE;
    }
    if (hasEnded()) {
      return Stored.NOT_STORED;
    }
    PieceHash hash = hash(bytes);
    PieceProof before = proofs.get(piece);
    if (before != null && !before.hash().equals(hash)) {
      return Stored.WRONG_HASH;
    }
    return keep(piece, bytes, keys.proof(digest(), generation(), piece, hash));
  }

  private Stored keep(int piece, ByteBuffer bytes, PieceProof proof) {
    synchronized (lock) {
      if (have.has(piece) || !storing.add(piece)) {
        return Stored.DUPLICATE;
      }
    }
    boolean isNews = false;
    boolean isWhole;
    try {
      stored.write(piece, bytes.duplicate(), proof);
      synchronized (lock) {
        PieceProof now = proofs.get(piece);
        if (hasEnded()) {
          return Stored.NOT_STORED;
        }
        if (now != null && !now.hash().equals(proof.hash())) {
          stored.drop(piece); // it was learnt meanwhile; else these bytes would stay for the others
          return Stored.NOT_STORED;
        }
        if (now == null) {
          proofs.set(piece, proof);
          append(piece);
          isNews = true;
        }
        have.add(piece);
        isWhole = have.isFull() && state == State.SEALED;
      }
    } catch (IOException e) {
      failWrites(e);
      return Stored.NOT_STORED;
    } finally {
      synchronized (lock) {
        storing.remove(piece);
      }
    }
    if (isWhole) {
      keepSeal();
    }
    BlobDigester hashing = digester;
    if (hashing != null) {
      hashing.offer(piece, bytes);
    }
    if (isNews) {
      listeners.forEach(listener -> listener.onExpected(piece));
    }
    listeners.forEach(listener -> listener.onStored(piece));
    return Stored.STORED;
  }

  private void append(int piece) {
    int count = known;
    log[count] = piece;
    known = count + 1; // publishes the entry
  }

  private static PieceHash hash(ByteBuffer bytes) {
    MessageDigest hasher = PieceHash.hasher();
    hasher.update(bytes.duplicate());
    return PieceHash.of(hasher.digest());
  }

  /** Blocks. */
  @Override
  public void read(int piece, int begin, ByteBuffer target) throws IOException {
    if (!has(piece)) {
      throw new IOException("piece " + piece + " of " + digest() + " is not here");
    }
    try {
      stored.read(piece, begin, target);
    } catch (IOException e) {
      lose(piece);
      throw e;
    }
  }

  /**
   * Hands bytes of a stored piece to a channel that does not block, checked as {@link #read} does.
   * Blocks for the disk.
   *
   * @return how many it took, none when it is full
   * @throws PieceLostException when the piece is not here any more
   * @throws IOException when the channel is broken
   */
  int send(int piece, int begin, int length, WritableByteChannel target) throws IOException {
    if (!has(piece)) {
      throw new PieceLostException("piece " + piece + " of " + digest() + " is not here");
    }
    try {
      stored.check(piece, begin, length);
    } catch (IOException e) {
      lose(piece);
      throw new PieceLostException(e);
    }
    return stored.send(piece, begin, length, target);
  }

  private void lose(int piece) {
    synchronized (lock) {
      if (!have.has(piece)) {
        return;
      }
      have.remove(piece);
    }
    if (state == State.SEALED) {
      wanted = true; // peers have it, an origin need not be asked
    }
    listeners.forEach(listener -> listener.onLost(piece));
    listeners.forEach(Listener::onReaders);
  }

  /** The whole blob hashes to its digest; pieces may still be missing here. Blocks. */
  public void seal() {
    boolean isWhole;
    synchronized (lock) {
      if (state != State.GROWING) {
        return;
      }
      state = State.SEALED;
      isWhole = have.isFull();
    }
    listeners.forEach(listener -> listener.onState(State.SEALED));
    if (isWhole) {
      keepSeal();
    }
  }

  private void keepSeal() {
    try {
      stored.seal();
    } catch (IOException e) { // costs one more hash of the blob after a restart
      LOG.warn("tried to mark {} as sealed on disk, but failed", digest(), e);
    }
  }

  /** The whole blob does not hash to its digest: what is stored of it is deleted. Blocks. */
  public void reject(String why) throws IOException {
    synchronized (lock) {
      if (state == State.REJECTED) {
        return;
      }
      cause = why;
      state = State.REJECTED;
      for (int piece = have.nextPresent(0); piece >= 0; piece = have.nextPresent(piece + 1)) {
        have.remove(piece);
      }
    }
    endDigest();
    listeners.forEach(listener -> listener.onState(State.REJECTED));
    stored.delete();
  }

  /**
   * Hashes the blob in order as its pieces come, on the disk dispatcher. The stage fails when the
   * blob is rejected or closed first.
   */
  CompletionStage<Digest> digestAll() {
    BlobDigester hashing;
    synchronized (lock) {
      hashing = digester;
      if (hashing == null) {
        hashing = new BlobDigester(this, disk);
        digester = hashing;
      }
    }
    hashing.proceed();
    return hashing.result();
  }

  private void endDigest() {
    BlobDigester hashing = digester;
    if (hashing != null) {
      hashing.cancel();
    }
  }

  /**
   * The news of this blob: what is known, then what becomes known, then the verdict, then the end.
   * Fails when {@link #interrupt interrupted}. Backpressure costs nothing here: the source reads a
   * shared log.
   */
  public Source<LayerNews, NotUsed> news() {
    return Source.fromGraph(new LiveBlobNews(this));
  }

  /**
   * Verified bytes {@code [from, to)} in order as they come, {@code to} empty for the end. The
   * blob's last piece waits for the seal. Fails with {@link BlobRejectedException} when the blob
   * turns out wrong, with {@link BlobUnstorableException} when a missing piece cannot be written,
   * and when interrupted or closed. In a stream with {@link DirectRuns} they are stand-ins.
   */
  public Source<ByteString, NotUsed> read(long from, OptionalLong to) {
    return read(from, to, true);
  }

  /** As {@link #read}, and the bytes themselves in any stream: for one that slows them down. */
  public Source<ByteString, NotUsed> readThrough(long from, OptionalLong to) {
    return read(from, to, false);
  }

  private Source<ByteString, NotUsed> read(long from, OptionalLong to, boolean mayStandIn) {
    long end = Math.min(to.orElse(layout.sizeBytes()), layout.sizeBytes());
    if (from < 0 || from > end) {
      return Source.failed(
          new IllegalArgumentException(
              "bytes %d to %d of %d".formatted(from, end, layout.sizeBytes())));
    }
    return Source.fromGraph(new LiveBlobRuns(this, from, end)).via(new RunBytes(disk, mayStandIn));
  }

  /**
   * Nobody brings what is missing any more: fails the news and reads that are open now, or are
   * opened before it is {@link #want wanted} or not again. The blob itself stays as it is.
   */
  void interrupt(Exception why) {
    interruption = why;
    streams.forEach(stream -> stream.accept(why));
  }

  @Override
  public Subscription subscribe(Listener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** As {@link #subscribe}, and is told when its stream must fail, perhaps twice. */
  Subscription subscribe(Listener listener, Consumer<Exception> onInterrupt) {
    streams.add(onInterrupt);
    listeners.add(listener);
    Exception why = interruption;
    if (closed) {
      onInterrupt.accept(new IOException(digest() + " was closed"));
    } else if (why != null && state == State.GROWING) {
      onInterrupt.accept(why);
    }
    return () -> {
      listeners.remove(listener);
      streams.remove(onInterrupt);
    };
  }

  /** How many proofs are known. */
  int knownCount() {
    return known;
  }

  /** The {@code index}th proof that became known, {@code index < knownCount()}. */
  LayerNews.PieceKnown knownAt(int index) {
    int piece = log[index];
    PieceProof proof = proofs.get(piece);
    if (proof == null) {
      throw new IllegalStateException("piece " + piece + " is in the log without its proof");
    }
    return new LayerNews.PieceKnown(generation(), piece, proof);
  }

  /** The one that became known last: a proxy that has begun anew is least likely to know it. */
  Optional<LayerNews.PieceKnown> lastKnown() {
    int count = known;
    return count == 0 ? Optional.empty() : Optional.of(knownAt(count - 1));
  }

  /** The store cannot take pieces now: readers go around it, peers are asked for none. */
  void failWrites(IOException cause) {
    if (!hasEnded()) {
      writeFailure = cause;
      listeners.forEach(Listener::onReaders);
    }
  }

  Optional<IOException> writeFailure() {
    return Optional.ofNullable(writeFailure);
  }

  private boolean hasEnded() {
    return closed || state == State.REJECTED;
  }

  Reader addReader(int piece) {
    Reader reader = new Reader(piece);
    readers.add(reader);
    listeners.forEach(Listener::onReaders);
    return reader;
  }

  /** Where one local reader stands. */
  final class Reader {
    private volatile int piece;

    private Reader(int piece) {
      this.piece = piece;
    }

    void moveTo(int next) {
      if (piece != next) {
        piece = next;
        listeners.forEach(Listener::onReaders);
      }
    }

    void close() {
      if (readers.remove(this)) {
        listeners.forEach(Listener::onReaders);
      }
    }
  }

  /** Ends every stream on it and gives the files back. What is stored stays. */
  @Override
  public void close() {
    closed = true;
    endDigest();
    if (state != State.REJECTED) { // streams of a rejected blob tell that and end by themselves
      interrupt(new IOException(digest() + " was closed"));
    }
    stored.close();
  }
}
