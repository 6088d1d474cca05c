package io.layercast.engine;

/** What a proxy tells of a layer as it learns it; the frames of the metainfo stream. */
public sealed interface LayerNews {
  /** The generation it speaks of; news of another generation is dropped. */
  int generation();

  /** The ingesting proxy has verified and stored a piece: this is what it must hash to. */
  record PieceKnown(int generation, int index, PieceProof proof) implements LayerNews {}

  /** The whole blob hashed to its digest. Nothing follows. */
  record Sealed(int generation) implements LayerNews {}

  /** The whole blob did not hash to its digest: drop every piece. Nothing follows. */
  record Rejected(int generation, String cause) implements LayerNews {}
}
