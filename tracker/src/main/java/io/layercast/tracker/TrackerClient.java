package io.layercast.tracker;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.NameLookup;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Announces this node to the trackers and learns its peers: one per node, the same for agents and
 * proxies. Never blocks. Says farewell when the actor system shuts down.
 */
public final class TrackerClient implements PeerDirectory {
  private final ActorRef<Announcer.Command> announcer;
  private final Trackers trackers;
  private final TrackerHttp http;
  private final Optional<SwarmKeys> keys;
  private final Duration farewellTimeout;

  private TrackerClient(
      ActorRef<Announcer.Command> announcer,
      Trackers trackers,
      TrackerHttp http,
      Optional<SwarmKeys> keys,
      Duration farewellTimeout) {
    this.announcer = announcer;
    this.trackers = trackers;
    this.http = http;
    this.keys = keys;
    this.farewellTimeout = farewellTimeout;
  }

  /**
   * Starts the client. Nothing is sent before the first {@link #join}.
   *
   * @param settings its {@code addresses} may be empty: then every announce fails and swarms live
   *     on the seeds of their tickets
   * @param keys of proxies, which may register aliases; agents have none
   * @param lookup of the trackers' names
   * @param credential lets trackers list the address this node names instead of the one they see
   */
  public static TrackerClient create(
      ActorSystem<?> system,
      TrackerClientSettings settings,
      PeerIdentity self,
      Optional<SwarmKeys> keys,
      NameLookup lookup,
      Supplier<Optional<ClusterCredential>> credential) {
    Trackers trackers =
        new Trackers(
            settings.addresses(),
            lookup,
            system.dispatchers().lookup(DispatcherSelector.blocking()),
            new Random());
    TrackerHttp http = new TrackerHttp(system, settings, credential);
    Behavior<Announcer.Command> behavior =
        Behaviors.supervise(Announcer.create(settings, self, trackers, http))
            .onFailure(SupervisorStrategy.resume());
    String name =
        "layercast-announcer-" + HexFormat.of().formatHex(self.peerId(), 8, self.peerId().length);
    TrackerClient client =
        new TrackerClient(
            system.systemActorOf(behavior, name, Props.empty()),
            trackers,
            http,
            keys,
            settings.connection().farewellTimeout());
    CoordinatedShutdown.get(system)
        .addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), name, client::farewell);
    return client;
  }

  @Override
  public Membership join(SwarmId swarm, Supplier<Holding> holding, Consumer<List<Peer>> onPeers) {
    Announcer.Part part = new Announcer.Part(swarm, holding, onPeers);
    announcer.tell(new Announcer.Join(part));
    return new Membership() {
      @Override
      public void changed() {
        announcer.tell(new Announcer.Changed(part));
      }

      @Override
      public void wantPeers() {
        announcer.tell(new Announcer.WantPeers(part));
      }

      @Override
      public void leave() {
        announcer.tell(new Announcer.Leave(part));
      }
    };
  }

  /** Registers the alias now, and again whenever a tracker has lost it. */
  @Override
  public CompletionStage<Void> alias(SwarmId alias, SwarmId swarm, Instant expiry) {
    if (keys.isEmpty()) {
      return CompletableFuture.failedStage(
          new IllegalStateException("only a proxy can register an alias"));
    }
    AliasRequest request = new AliasRequest(alias, swarm, expiry);
    CompletableFuture<Void> taken = new CompletableFuture<>();
    announcer.tell(new Announcer.KeepAlias(request, request.proof(keys.get()), taken));
    return taken;
  }

  @Override
  public CompletionStage<Optional<SwarmId>> resolve(SwarmId alias) {
    return trackers.call(tracker -> http.resolve(tracker, alias));
  }

  /** Tells the trackers that this node is gone from every swarm; completes in any case. */
  private CompletionStage<Done> farewell() {
    CompletableFuture<Done> said = new CompletableFuture<>();
    announcer.tell(new Announcer.Farewell(said));
    return said.completeOnTimeout(
        Done.getInstance(), farewellTimeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
