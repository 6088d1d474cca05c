package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks the other proxies once what they hold of a blob, tells {@link Found} and ends. */
final class HolderSearch extends AbstractOnMessageBehavior<HolderSearch.Command> {
  sealed interface Command {}

  private record Listed(Receptionist.Listing listing) implements Command {}

  private record Answered(Holders.Holding holding) implements Command {}

  private enum Late implements Command {
    INSTANCE
  }

  /**
   * What the others hold, as far as they answered in time.
   *
   * @param wholeAt API address of a proxy that has it whole and sealed
   * @param parts proxies with some of its pieces; empty when one has it whole
   */
  record Found(Optional<String> wholeAt, List<Holders.Holding> parts) {
    Found {
      parts = List.copyOf(parts);
    }
  }

  private final TimerScheduler<Command> timers;
  private final Digest digest;
  private final Duration timeout;
  private final ActorRef<Found> owner;
  private final List<Holders.Holding> parts = new ArrayList<>();
  private int unanswered;

  private HolderSearch(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Digest digest,
      Duration timeout,
      ActorRef<Found> owner) {
    super(context);
    this.timers = timers;
    this.digest = digest;
    this.timeout = timeout;
    this.owner = owner;
    ActorRef<Receptionist.Listing> listed =
        context.messageAdapter(Receptionist.Listing.class, Listed::new);
    context.getSystem().receptionist().tell(Receptionist.find(Holders.KEY, listed));
  }

  static Behavior<Command> create(Digest digest, Duration timeout, ActorRef<Found> owner) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> new HolderSearch(context, timers, digest, timeout, owner)));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    return switch (command) {
      case Listed listed -> onListed(listed.listing());
      case Answered answered -> onAnswered(answered.holding());
      case Late _ -> end(Optional.empty());
    };
  }

  private Behavior<Command> onListed(Receptionist.Listing listing) {
    List<ActorRef<Holders.Command>> others =
        listing.getServiceInstances(Holders.KEY).stream()
            .filter(holders -> holders.path().address().hasGlobalScope())
            .toList();
    if (others.isEmpty()) {
      return end(Optional.empty());
    }
    unanswered = others.size();
    ActorRef<Holders.Holding> answers =
        getContext().messageAdapter(Holders.Holding.class, Answered::new);
    others.forEach(holders -> holders.tell(new Holders.DoYouHold(digest, answers)));
    timers.startSingleTimer(Late.INSTANCE, timeout);
    return this;
  }

  private Behavior<Command> onAnswered(Holders.Holding holding) {
    unanswered--;
    switch (holding.extent()) {
      case WHOLE -> {
        return end(Optional.of(holding.apiAddress()));
      }
      case PART -> parts.add(holding);
      case NOTHING -> {}
    }
    return unanswered == 0 ? end(Optional.empty()) : this;
  }

  private Behavior<Command> end(Optional<String> wholeAt) {
    owner.tell(new Found(wholeAt, wholeAt.isPresent() ? List.of() : parts));
    return Behaviors.stopped();
  }
}
