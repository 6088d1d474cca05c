package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import java.util.List;
import java.util.Optional;

/** Answers for one proxy what it holds of a blob. Found through the receptionist. */
final class Holders extends AbstractOnMessageBehavior<Holders.Command> {
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "layer-holders");

  /** About 60 KiB of CBOR: well below Artery's largest frame, 256 KiB. */
  private static final int PIECES_A_MESSAGE = 512;

  sealed interface Command extends CborSerializable {}

  record DoYouHold(Digest digest, ActorRef<Holding> replyTo) implements Command {}

  /** Which pieces of that generation? Answered by one or more {@link Told}. */
  record WhichPieces(Digest digest, int generation, ActorRef<Told> replyTo) implements Command {}

  /** How much of a blob a proxy holds. */
  enum Extent {
    NOTHING,
    /** Some pieces, or all without a verdict. */
    PART,
    /** Every piece, sealed. */
    WHOLE
  }

  /**
   * @param generation of what it holds; 0 for nothing
   * @param apiAddress host:port of the answering proxy's HTTP API
   * @param holder the one who answers
   */
  record Holding(Extent extent, int generation, String apiAddress, ActorRef<Command> holder)
      implements CborSerializable {}

  /**
   * Some of the pieces.
   *
   * @param isLast whether this was all
   */
  record Told(List<LayerNews.PieceKnown> pieces, boolean isLast) implements CborSerializable {
    Told {
      pieces = List.copyOf(pieces);
    }
  }

  private final LiveBlobs blobs;
  private final String apiAddress;

  private Holders(ActorContext<Command> context, LiveBlobs blobs, String apiAddress) {
    super(context);
    this.blobs = blobs;
    this.apiAddress = apiAddress;
  }

  static Behavior<Command> create(LiveBlobs blobs, String apiAddress) {
    return Behaviors.setup(context -> {
      context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
      return new Holders(context, blobs, apiAddress);
    });
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case DoYouHold question -> onDoYouHold(question);
      case WhichPieces question -> onWhichPieces(question);
    }
    return this;
  }

  private void onDoYouHold(DoYouHold question) {
    Optional<LiveBlobs.Hosted> found = blobs.find(question.digest());
    Extent extent = found.map(Holders::extentOf).orElse(Extent.NOTHING);
    int generation = found.map(hosted -> hosted.ticket().generation()).orElse(0);
    question.replyTo().tell(new Holding(extent, generation, apiAddress, getContext().getSelf()));
  }

  private static Extent extentOf(LiveBlobs.Hosted hosted) {
    if (hosted.isWhole()) {
      return Extent.WHOLE;
    }
    return hosted.blob().have().isEmpty() ? Extent.NOTHING : Extent.PART;
  }

  private void onWhichPieces(WhichPieces question) {
    List<LayerNews.PieceKnown> pieces =
        blobs
            .find(question.digest())
            .filter(hosted -> hosted.ticket().generation() == question.generation())
            .map(hosted -> hosted.blob().held().pieces())
            .orElse(List.of());
    int from = 0;
    do {
      int to = Math.min(from + PIECES_A_MESSAGE, pieces.size());
      question.replyTo().tell(new Told(pieces.subList(from, to), to == pieces.size()));
      from = to;
    } while (from < pieces.size());
  }
}
