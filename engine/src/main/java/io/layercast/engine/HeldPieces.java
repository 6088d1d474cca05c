package io.layercast.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pieces of one generation that a node says it holds, each with the proof it was given for it:
 * how a proxy that takes an ingest over hears what there is already.
 *
 * <pre>
 * ┌────────────────┬───────────┬─────────┬────────┐
 * │ u32 generation │ u32 index │ 32 hash │ 16 mac │  big-endian; the last three once a piece,
 * └────────────────┴───────────┴─────────┴────────┘  in rising order of index
 * </pre>
 *
 * <p>Whoever receives one trusts no hash in it before its MAC held: see {@link HeldIntake}.
 */
public record HeldPieces(int generation, List<LayerNews.PieceKnown> pieces) {
  private static final int HEAD_BYTES = 4;
  private static final int PIECE_BYTES = 4 + PieceHash.BYTES + PieceProof.MAC_BYTES;

  public HeldPieces {
    pieces = List.copyOf(pieces);
  }

  /** The longest encoding of a blob of {@code pieceCount} pieces. */
  public static long maxBytes(int pieceCount) {
    return HEAD_BYTES + (long) PIECE_BYTES * pieceCount;
  }

  /** The last of them. */
  public Optional<LayerNews.PieceKnown> last() {
    return pieces.isEmpty() ? Optional.empty() : Optional.of(pieces.getLast());
  }

  public byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + PIECE_BYTES * pieces.size());
    bytes.putInt(generation);
    for (LayerNews.PieceKnown piece : pieces) {
      bytes.putInt(piece.index()).put(piece.proof().hash().toBytes()).put(piece.proof().mac());
    }
    return bytes.array();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @param pieceCount of the blob; every index is below it
   * @throws IllegalArgumentException when it is anything else
   */
  public static HeldPieces decode(byte[] encoded, int pieceCount) {
    int body = encoded.length - HEAD_BYTES;
    if (body < 0 || body % PIECE_BYTES != 0 || body / PIECE_BYTES > pieceCount) {
      throw new IllegalArgumentException(
          "%d bytes about at most %d pieces".formatted(encoded.length, pieceCount));
    }
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    int generation = bytes.getInt();
    if (generation < 0) {
      throw new IllegalArgumentException("generation " + generation);
    }
    List<LayerNews.PieceKnown> pieces = new ArrayList<>(body / PIECE_BYTES);
    int before = -1;
    while (bytes.hasRemaining()) {
      int index = bytes.getInt();
      if (index <= before || index >= pieceCount) {
        throw new IllegalArgumentException(
            "piece %d after %d of %d".formatted(index, before, pieceCount));
      }
      before = index;
      byte[] hash = new byte[PieceHash.BYTES];
      byte[] mac = new byte[PieceProof.MAC_BYTES];
      bytes.get(hash).get(mac);
      pieces.add(
          new LayerNews.PieceKnown(generation, index, new PieceProof(PieceHash.of(hash), mac)));
    }
    return new HeldPieces(generation, pieces);
  }
}
