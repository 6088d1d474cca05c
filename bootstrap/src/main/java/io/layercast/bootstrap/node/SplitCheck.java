package io.layercast.bootstrap.node;

import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.discovery.ServiceDiscovery.ResolvedTarget;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks whether another cluster stands beside ours, as after a partition that both sides outlived:
 * asks those whom discovery names and who are no members of ours. When three looks in a row find
 * one to which ours must give way, this member leaves and joins again.
 */
final class SplitCheck extends AbstractOnMessageBehavior<SplitCheck.Command> {
  sealed interface Command {}

  private enum Look implements Command {
    INSTANCE
  }

  /** Whom discovery names. */
  private record Named(List<ResolvedTarget> targets) implements Command {}

  private record Strangers(List<OtherMembers.Told> told) implements Command {}

  private record Failed(Throwable cause) implements Command {}

  /** One look may fall into a join that the other side's gossip has not told of yet. */
  private static final int LOOKS = 3;

  private final OtherMembers others;
  private final Cluster cluster;
  private int giveWay;

  private SplitCheck(
      ActorContext<Command> context, TimerScheduler<Command> timers, Duration every) {
    super(context);
    context.setLoggerName(SplitCheck.class); // else a timer that comes first makes it Akka's
    this.others = new OtherMembers(context.getSystem());
    this.cluster = Cluster.get(context.getSystem());
    timers.startTimerWithFixedDelay(Look.INSTANCE, every);
  }

  /** Starts it on a member that looks for others. */
  static void start(Node node) {
    BootstrapSettings.Cluster settings = node.settings().cluster();
    if (settings.isAlone() || settings.splitCheck().isZero()) {
      return;
    }
    Behavior<Command> behavior =
        Behaviors.setup(context ->
            Behaviors.withTimers(timers -> new SplitCheck(context, timers, settings.splitCheck())));
    var _ = node.system().systemActorOf(behavior, "split-check", Props.empty());
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Look.INSTANCE -> {
        if (cluster.selfMember().status().equals(MemberStatus.up())) {
          getContext().pipeToSelf(others.named(), SplitCheck::named);
        }
      }
      case Named(List<ResolvedTarget> targets) ->
          getContext().pipeToSelf(others.clustersOf(targets, hosts()), SplitCheck::strangers);
      case Strangers(List<OtherMembers.Told> told) -> judge(told);
      case Failed(Throwable cause) ->
          getContext().getLog().debug("tried to look for other members, but failed", cause);
    }
    return this;
  }

  private static Command named(List<ResolvedTarget> targets, Throwable failure) {
    return failure == null ? new Named(targets) : new Failed(failure);
  }

  private static Command strangers(List<OtherMembers.Told> told, Throwable failure) {
    return failure == null ? new Strangers(told) : new Failed(failure);
  }

  private void judge(List<OtherMembers.Told> told) {
    Set<String> own = addresses();
    Set<String> silent =
        told.stream()
            .filter(other -> !other.answered())
            .map(OtherMembers.Told::host)
            .collect(Collectors.toSet());
    boolean mustGiveWay =
        told.stream()
            .map(OtherMembers.Told::members)
            .anyMatch(other -> SplitVerdict.of(own, other, silent) == SplitVerdict.GIVE_WAY);
    giveWay = mustGiveWay ? giveWay + 1 : 0;
    if (giveWay == LOOKS) {
      getContext()
          .getLog()
          .warn("a cluster of others stands beside ours of {}; leaves to join it", own.size());
      Rejoin.ask(getContext().getSystem());
    }
  }

  private Set<String> addresses() {
    Set<String> addresses = new HashSet<>();
    members().forEach(member -> addresses.add(member.address().toString()));
    return addresses;
  }

  private Set<String> hosts() {
    Set<String> hosts = new HashSet<>();
    members().forEach(member -> member.address().getHost().ifPresent(hosts::add));
    return hosts;
  }

  private Iterable<Member> members() {
    ClusterEvent.CurrentClusterState state = cluster.state();
    return state.getMembers();
  }
}
