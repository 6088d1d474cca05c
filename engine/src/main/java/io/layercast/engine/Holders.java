package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;

/** Answers for one proxy which blobs it holds whole and sealed. Found through the receptionist. */
final class Holders extends AbstractOnMessageBehavior<Holders.DoYouHold> {
  static final ServiceKey<DoYouHold> KEY = ServiceKey.create(DoYouHold.class, "layer-holders");

  record DoYouHold(Digest digest, ActorRef<Holding> replyTo) implements CborSerializable {}

  /**
   * @param apiAddress host:port of the answering proxy's HTTP API
   */
  record Holding(boolean holds, String apiAddress) implements CborSerializable {}

  private final LiveBlobs blobs;
  private final String apiAddress;

  private Holders(ActorContext<DoYouHold> context, LiveBlobs blobs, String apiAddress) {
    super(context);
    this.blobs = blobs;
    this.apiAddress = apiAddress;
  }

  static Behavior<DoYouHold> create(LiveBlobs blobs, String apiAddress) {
    return Behaviors.setup(context -> {
      context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
      return new Holders(context, blobs, apiAddress);
    });
  }

  @Override
  public Behavior<DoYouHold> onMessage(DoYouHold question) {
    boolean holds = blobs.find(question.digest()).filter(LiveBlobs.Hosted::isWhole).isPresent();
    question.replyTo().tell(new Holding(holds, apiAddress));
    return this;
  }
}
