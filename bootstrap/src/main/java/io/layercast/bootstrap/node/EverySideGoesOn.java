package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.actor.Props;
import akka.cluster.Cluster;
import akka.cluster.DowningProvider;
import akka.cluster.UniqueAddress;
import akka.cluster.sbr.DowningStrategy;
import akka.cluster.sbr.SplitBrainResolver;
import akka.cluster.sbr.SplitBrainResolverProvider;
import akka.cluster.sbr.SplitBrainResolverSettings;
import scala.Option;
import scala.collection.immutable.Set;
import scala.concurrent.duration.FiniteDuration;

/**
 * Akka's split-brain resolver with one rule more than it has: whoever is left goes on, however few
 * they are. Right for us because a second incarnation is harmless, and because the small clusters
 * we must serve (a proxy and a tracker) have no majority to keep. {@link SplitCheck} brings sides
 * that outlive a partition together again. See docs/adr/0016-cluster-formation.md. Loaded by Akka
 * by its name.
 */
final class EverySideGoesOn extends DowningProvider {
  private final ActorSystem system;
  private final SplitBrainResolverSettings settings;

  EverySideGoesOn(ActorSystem system) {
    this.system = system;
    this.settings = new SplitBrainResolverSettings(system.settings().config());
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return new SplitBrainResolverProvider(system).downRemovalMargin();
  }

  @Override
  public Option<Props> downingActorProps() {
    Cluster cluster = Cluster.get(system);
    return Option.apply(
        SplitBrainResolver.props(
            settings.DowningStableAfter(),
            new Strategy(cluster.selfDataCenter(), cluster.selfUniqueAddress())));
  }

  private static final class Strategy extends DowningStrategy {
    private Strategy(String dataCenter, UniqueAddress self) {
      super(dataCenter, self);
    }

    @Override
    public Option<String> role() {
      return Option.empty();
    }

    /**
     * Akka downs everybody who is cut from somebody and not from all: of two proxies that cannot
     * hear each other both. One of them is enough to make the rest a cluster again.
     */
    @Override
    public Set<UniqueAddress> indirectlyConnected() {
      return CutMembers.toLeave(super.indirectlyConnected(), reachability());
    }

    @Override
    public Set<UniqueAddress> unreachableButNotIndirectlyConnected() {
      return unreachable().diff(super.indirectlyConnected());
    }

    @Override
    public Decision decide() {
      return hasIndirectlyConnected()
          ? DowningStrategy.DownIndirectlyConnected$.MODULE$
          : DowningStrategy.DownUnreachable$.MODULE$;
    }
  }
}
