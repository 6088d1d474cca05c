package io.layercast.swarm;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.layercast.engine.rate.RateLimiter;
import java.time.Duration;
import java.util.List;

/** Gives the node's upload slots to sessions whose peer is interested: {@link UploadChoice}. */
final class UploadDesk extends AbstractOnMessageBehavior<UploadDesk.Command> {
  sealed interface Command {}

  /** The session's peer is interested. */
  record Wants(Session session) implements Command {}

  /** It no longer is, or is gone. */
  record Left(Session session) implements Command {}

  /** Its peer was sent a whole piece. */
  record Served(Session session) implements Command {}

  private enum Rotate implements Command {
    ROTATE
  }

  private final TimerScheduler<Command> timers;
  private final UploadChoice<Session> choice;
  private final SwarmSettings.Transfer transfer;
  private final RateLimiter upload;

  static Behavior<Command> create(SwarmSettings.Transfer transfer, RateLimiter upload) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> new UploadDesk(context, timers, transfer, upload)));
  }

  private UploadDesk(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      SwarmSettings.Transfer transfer,
      RateLimiter upload) {
    super(context);
    this.timers = timers;
    this.choice =
        new UploadChoice<>(
            transfer.uploadSlotsMin(), transfer.uploadSlotsMax(), transfer.uploadTurn().toNanos());
    this.transfer = transfer;
    this.upload = upload;
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    long now = System.nanoTime();
    switch (command) {
      case Wants(Session session) -> apply(choice.wants(session, now));
      case Left(Session session) -> apply(choice.left(session, now));
      case Served(Session session) -> apply(choice.served(session, now, upload.isSaturated()));
      case Rotate _ -> {
        long idleSince = now - idle().toNanos();
        apply(choice.rotate(now, session -> isIdle(session, idleSince), upload.isSaturated()));
      }
    }
    if (choice.isContended() && !timers.isTimerActive(Rotate.ROTATE)) {
      timers.startSingleTimer(Rotate.ROTATE, Rotate.ROTATE, idle());
    }
    return this;
  }

  private Duration idle() {
    return transfer.uploadIdle(upload.rate());
  }

  private static boolean isIdle(Session session, long sinceNanos) {
    return !session.owes() && sinceNanos - session.lastAskedNanos() > 0;
  }

  private static void apply(List<UploadChoice.Change<Session>> changes) {
    for (UploadChoice.Change<Session> change : changes) {
      change.peer().tell(new SessionCommand.Unchoke(change.unchoked()));
    }
  }
}
