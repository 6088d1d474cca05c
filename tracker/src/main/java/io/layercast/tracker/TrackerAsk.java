package io.layercast.tracker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * Asks the singleton, wherever it runs. Every stage fails with a {@link TimeoutException} when it
 * does not answer in time.
 */
final class TrackerAsk {
  private final ActorSystem<?> system;
  private final ActorRef<Tracker.Command> tracker;
  private final Duration timeout;

  TrackerAsk(ActorSystem<?> system, ActorRef<Tracker.Command> tracker, Duration timeout) {
    this.system = system;
    this.tracker = tracker;
    this.timeout = timeout;
  }

  CompletionStage<Tracker.Exchanged> exchange(
      SwarmTable.Who who, List<Tracker.Report> reports, long sweepSinceNanos) {
    return AskPattern.ask(
        tracker,
        replyTo ->
            new Tracker.Exchange(
                who.address(),
                who.peerId(),
                who.proxy(),
                who.marksForeign(),
                reports,
                sweepSinceNanos,
                replyTo),
        timeout,
        system.scheduler());
  }

  CompletionStage<Tracker.Scraped> scrape(List<byte[]> ids) {
    return AskPattern.ask(
        tracker, replyTo -> new Tracker.Scrape(ids, replyTo), timeout, system.scheduler());
  }

  CompletionStage<Tracker.AliasRegistered> register(AliasRequest request, Duration lifetime) {
    return AskPattern.ask(
        tracker,
        replyTo ->
            new Tracker.RegisterAlias(
                request.alias().toBytes(), request.swarm().toBytes(), lifetime, replyTo),
        timeout,
        system.scheduler());
  }

  CompletionStage<Tracker.AliasResolved> resolve(byte[] alias) {
    return AskPattern.ask(
        tracker, replyTo -> new Tracker.ResolveAlias(alias, replyTo), timeout, system.scheduler());
  }
}
