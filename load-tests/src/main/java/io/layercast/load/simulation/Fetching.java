package io.layercast.load.simulation;

/** A piece that an end was told to fetch from its peer. */
final class Fetching {
  final End receiver;
  final int piece;
  final int lengthBytes;
  int requestedBytes;
  int receivedBytes;
  long startedNanos;
  boolean buffered;

  /** Given up: what still comes of it is waste. */
  boolean dropped;

  Fetching(End receiver, int piece, int lengthBytes) {
    this.receiver = receiver;
    this.piece = piece;
    this.lengthBytes = lengthBytes;
  }
}
