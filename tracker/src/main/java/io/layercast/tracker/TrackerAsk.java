package io.layercast.tracker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.scaladsl.AskPattern.Askable;
import akka.util.Timeout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import scala.concurrent.ExecutionContext;
import scala.runtime.BoxedUnit;

/**
 * Asks the singleton, wherever it runs. Every stage fails with a {@link TimeoutException} when it
 * does not answer in time, and is completed where the answers are made: those of Akka's own ask for
 * Java go by way of the common pool.
 */
final class TrackerAsk {
  private final ActorSystem<?> system;
  private final Askable<Tracker.Command> tracker;
  private final Timeout timeout;
  private final ExecutionContext answers;

  /**
   * @param answers where what depends on a stage runs
   */
  TrackerAsk(
      ActorSystem<?> system,
      ActorRef<Tracker.Command> tracker,
      Duration timeout,
      ExecutionContext answers) {
    this.system = system;
    this.tracker = new Askable<>(tracker);
    this.timeout = Timeout.create(timeout);
    this.answers = answers;
  }

  CompletionStage<Tracker.Exchanged> exchange(
      SwarmTable.Who who, List<Tracker.Report> reports, long sweepSinceNanos) {
    return ask(replyTo ->
        new Tracker.Exchange(
            who.address(),
            who.peerId(),
            who.proxy(),
            who.marksForeign(),
            who.vouchedFor(),
            reports,
            sweepSinceNanos,
            replyTo));
  }

  CompletionStage<Tracker.Scraped> scrape(List<byte[]> ids) {
    return ask(replyTo -> new Tracker.Scrape(ids, replyTo));
  }

  CompletionStage<Tracker.AliasRegistered> register(AliasRequest request, Duration lifetime) {
    return ask(replyTo ->
        new Tracker.RegisterAlias(
            request.alias().toBytes(), request.swarm().toBytes(), lifetime, replyTo));
  }

  CompletionStage<Tracker.AliasResolved> resolve(byte[] alias) {
    return ask(replyTo -> new Tracker.ResolveAlias(alias, replyTo));
  }

  private <T> CompletionStage<T> ask(Function<ActorRef<T>, Tracker.Command> command) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    tracker
        .<T>ask(command::apply, timeout, system.scheduler())
        .onComplete(
            outcome -> {
              if (outcome.isSuccess()) {
                answer.complete(outcome.get());
              } else {
                answer.completeExceptionally(outcome.failed().get());
              }
              return BoxedUnit.UNIT;
            },
            answers);
    return answer;
  }
}
