package io.layercast.tracker;

import static io.layercast.tracker.TestCluster.swarm;
import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import io.layercast.engine.NameLookup;
import io.layercast.engine.PeerDirectory.Holding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
  private static final Holding SEED = new Holding(0, 0, 0);

  private final TestCluster cluster = new TestCluster();
  private final TestProbe<Tracker.Command> singleton = cluster.kit.createTestProbe();

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void farewell_waitsForTheAnnounceUnderWay() throws Exception {
    ActorRef<Announcer.Command> announcer = announcer();
    announcer.tell(new Announcer.Join(new Announcer.Part(swarm("farewell"), () -> SEED, _ -> {})));
    Tracker.Exchange announce = exchange();
    CompletableFuture<Done> said = new CompletableFuture<>();
    announcer.tell(new Announcer.Farewell(said));
    singleton.expectNoMessage(Duration.ofMillis(300));

    answer(announce);
    Tracker.Exchange farewell = exchange();
    assertThat(farewell.reports()).isEmpty();
    assertThat(farewell.sweepSinceNanos()).isEqualTo(Tracker.Exchange.THIS_SLICE);
    answer(farewell);
    assertThat(said).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void announce_thatCannotBeMade_isTriedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Supplier<Holding> holding =
        () -> {
          if (asked.getAndIncrement() == 0) {
            throw new IllegalStateException("on purpose");
          }
          return SEED;
        };
    announcer().tell(new Announcer.Join(new Announcer.Part(swarm("thrown"), holding, _ -> {})));

    assertThat(exchange().reports().getFirst().event()).isEqualTo(Event.STARTED);
  }

  private Tracker.Exchange exchange() {
    return singleton.expectMessageClass(Tracker.Exchange.class, Duration.ofSeconds(10));
  }

  private static void answer(Tracker.Exchange exchange) {
    List<Handout> none = exchange.reports().stream().map(_ -> Handout.UNKNOWN).toList();
    exchange.replyTo().tell(new Tracker.Exchanged("tracker", 1, none, 0));
  }

  private ActorRef<Announcer.Command> announcer() throws Exception {
    TrackerSettings settings = TestSettings.with("ask-timeout = 10s");
    int port = cluster.serve(singleton.ref(), settings);
    Trackers trackers =
        new Trackers(
            List.of(InetSocketAddress.createUnresolved("127.0.0.1", port)),
            NameLookup.DNS,
            cluster.system().executionContext()::execute,
            new Random(1));
    PeerIdentity self =
        PeerIdentity.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 6881), false);
    TrackerHttp http = new TrackerHttp(cluster.system(), settings.client(), Optional::empty);
    Behavior<Announcer.Command> behavior =
        Behaviors.supervise(Announcer.create(settings.client(), self, trackers, http))
            .onFailure(SupervisorStrategy.resume());
    return cluster.kit.spawn(behavior);
  }
}
