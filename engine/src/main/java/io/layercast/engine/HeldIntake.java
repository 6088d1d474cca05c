package io.layercast.engine;

/**
 * Decides what a proxy believes of {@link HeldPieces}: all or nothing. One MAC that this cluster
 * did not make for just this digest, generation and index, and whoever sent it is not believed at
 * all.
 */
public final class HeldIntake {
  private HeldIntake() {}

  /** What became of it. */
  public sealed interface Outcome {}

  /**
   * The hashes are the cluster's own.
   *
   * @param pieces how many were not known before
   */
  public record Taken(int pieces) implements Outcome {}

  /** Nothing of it was taken. */
  public record Refused(String cause) implements Outcome {}

  /** Takes in the hashes of {@code held}; a piece's hash that is known already stays. */
  public static Outcome take(LiveBlob blob, HeldPieces held, SwarmKeys keys) {
    if (held.generation() != blob.generation()) {
      return new Refused(
          "they are of generation %d, this is %d".formatted(held.generation(), blob.generation()));
    }
    int count = blob.layout().pieceCount();
    for (LayerNews.PieceKnown piece : held.pieces()) {
      if (piece.index() < 0 || piece.index() >= count || !isGenuine(blob.digest(), piece, keys)) {
        return new Refused("this cluster has not made the proof of piece " + piece.index());
      }
    }
    int taken = 0;
    for (LayerNews.PieceKnown piece : held.pieces()) {
      taken += blob.adopt(piece.index(), piece.proof()) ? 1 : 0;
    }
    return new Taken(taken);
  }

  /** Whether this cluster made that proof for that piece of that generation. */
  static boolean isGenuine(Digest digest, LayerNews.PieceKnown piece, SwarmKeys keys) {
    return keys.isGenuine(digest, piece.generation(), piece.index(), piece.proof());
  }
}
