package io.layercast.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * One generation of one blob on this node, as its swarm sees it: which pieces are here, which are
 * wanted, and the way in and out for bytes. Thread-safe. {@link #store} and {@link #read} block and
 * belong on the disk dispatcher.
 */
public interface SharedBlob {
  Digest digest();

  int generation();

  PieceLayout layout();

  /** A snapshot of the pieces that are stored and proven here. */
  PieceSet have();

  boolean has(int piece);

  /** What the piece must hash to, once the ingesting proxy has told. */
  Optional<PieceHash> expected(int piece);

  /**
   * Where local readers stand, most urgent first: for each the next piece it waits for. Empty when
   * nobody waits; the blob is then fetched (or not, see {@link #isWanted}) in any order.
   */
  List<Integer> readerPieces();

  /** Whether a local reader has not had all it wants. */
  boolean hasReaders();

  /** Whether pieces should be fetched from peers now: false on a proxy that only seeds. */
  boolean isWanted();

  State state();

  /** How far this generation has come. */
  enum State {
    /** Pieces are still missing here or the verdict on the whole blob is. */
    GROWING,
    /** The whole blob hashed to its digest. Pieces may still be missing here. */
    SEALED,
    /** The whole blob did not; nothing of this generation may be stored, served or announced. */
    REJECTED
  }

  /**
   * Verifies a piece and stores it, in that order. {@code bytes} holds exactly the piece between
   * position and limit; its content is not kept after the call.
   */
  Stored store(int piece, ByteBuffer bytes);

  /** What became of a piece that was handed to {@link #store}. */
  enum Stored {
    STORED,
    /** It was here already. */
    DUPLICATE,
    /** Its SHA-256 is not the expected one: whoever sent it lied or is broken. */
    WRONG_HASH,
    /** The disk is full or broken, or the generation has ended; nobody's fault on the wire. */
    NOT_STORED
  }

  /**
   * Fills what is between position and limit of {@code target}, which stay as they are, with a
   * stored piece's bytes from {@code begin}, checked against the checksums beside the bytes.
   *
   * @throws IOException when the piece is not here, or what the disk holds is not what was stored;
   *     the piece is then no longer {@link #has}
   */
  void read(int piece, int begin, ByteBuffer target) throws IOException;

  /** Calls {@code listener} from now on, on any thread, until the result is closed. */
  Subscription subscribe(Listener listener);

  /** Ends a {@link #subscribe}. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Told of changes, on any thread; must return at once. Every method has an empty default. */
  interface Listener {
    /** {@link #expected} is known for one more piece. */
    default void onExpected(int piece) {}

    /** The piece is stored here: a HAVE may go out. */
    default void onStored(int piece) {}

    /** The piece was found damaged and is gone. */
    default void onLost(int piece) {}

    /** A reader came, went or moved on, or {@link #isWanted} changed. */
    default void onReaders() {}

    /** {@link #state} left GROWING. */
    default void onState(State state) {}
  }
}
