package io.layercast.load.simulation;

/** Some bytes of a piece: asked for, waiting at the sender, then on their way. */
final class Block extends Event {
  final Fetching fetching;
  final int bytes;
  final boolean alone;

  /** The last of its piece. */
  final boolean last;

  final long askedNanos;
  private boolean left;

  Block(Fetching fetching, int bytes, boolean alone, long askedNanos) {
    this.fetching = fetching;
    this.bytes = bytes;
    this.alone = alone;
    this.last = fetching.requestedBytes == fetching.lengthBytes;
    this.askedNanos = askedNanos;
  }

  /** It passed the sender's limit. */
  void leave() {
    left = true;
    End receiver = fetching.receiver;
    Node node = receiver.part.node;
    Agenda agenda = node.fleet.agenda;
    agenda.at(node.down.pass(agenda.now() + node.fleet.halfTripNanos, bytes), this);
  }

  @Override
  void happen() {
    if (left) {
      fetching.receiver.onBlock(this);
    } else {
      fetching.receiver.peer().onRequest(this);
    }
  }
}
