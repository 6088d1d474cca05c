package io.layercast.load.simulation;

/** Some bytes of a piece: asked for, waiting at the sender, then on their way. */
final class Block extends Event implements Sender.Parcel {
  final Fetching fetching;
  final int bytes;
  final boolean alone;

  private final boolean last;

  final long askedNanos;
  private boolean left;

  Block(Fetching fetching, int bytes, boolean alone, long askedNanos) {
    this.fetching = fetching;
    this.bytes = bytes;
    this.alone = alone;
    this.last = fetching.requestedBytes == fetching.lengthBytes;
    this.askedNanos = askedNanos;
  }

  @Override
  public int bytes() {
    return bytes;
  }

  @Override
  public boolean isLast() {
    return last;
  }

  @Override
  public void leave() {
    left = true;
    End receiver = fetching.receiver;
    Node node = receiver.part.node;
    Agenda agenda = node.fleet.agenda;
    long passed = node.down.pass(agenda.now() + node.fleet.halfTripNanos, bytes);
    receiver.waitsHereUntil(passed);
    agenda.at(passed, this);
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
