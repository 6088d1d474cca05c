package io.layercast.load.simulation;

import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A layer of an image: its pieces, and who takes part in its swarm. */
final class Layer {
  final int number;
  private final SwarmId swarm;
  private final PieceLayout layout;

  /** Pieces whose hash the proxy that ingests knows. */
  final PieceSet known;

  final List<Part> parts = new ArrayList<>();

  /** Whether another proxy stands in for the one that fetched it first. */
  boolean isTakenOver;

  Layer(int number, long sizeBytes) {
    this.number = number;
    this.swarm = SwarmId.of(ByteBuffer.allocate(SwarmId.BYTES).putInt(number).array());
    this.layout = PieceLayout.forSize(sizeBytes);
    this.known = PieceSet.empty(layout.pieceCount());
  }

  SwarmId swarm() {
    return swarm;
  }

  PieceLayout layout() {
    return layout;
  }
}
