package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.actor.Address;
import akka.management.cluster.bootstrap.ClusterBootstrapSettings;
import akka.management.cluster.bootstrap.JoinDecision;
import akka.management.cluster.bootstrap.JoinSelf$;
import akka.management.cluster.bootstrap.KeepProbing$;
import akka.management.cluster.bootstrap.LowestAddressJoinDecider;
import akka.management.cluster.bootstrap.SeedNodesInformation;
import akka.management.cluster.bootstrap.SeedNodesObservation;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import scala.concurrent.Future;

/**
 * Akka's lowest address begins the cluster, after a word from every member that discovery names;
 * but a member that is named and does not answer (its node has died and Kubernetes still lists its
 * pod as running, for minutes) holds the others up for {@code contact-patience} only. So does a
 * member of a cluster that stands already: who joined without hearing it would be put out again.
 * Loaded by Akka by its name.
 */
final class PatientJoinDecider extends LowestAddressJoinDecider {
  private final Duration patience;

  PatientJoinDecider(ActorSystem system, ClusterBootstrapSettings settings) {
    super(system, settings);
    this.patience = BootstrapSettings.from(system.settings().config()).cluster().contactPatience();
  }

  @Override
  public Future<JoinDecision> decide(SeedNodesInformation info) {
    Set<Address> heard =
        info.getSeedNodesObservations().stream()
            .map(SeedNodesObservation::sourceAddress)
            .collect(Collectors.toSet());
    if (heard.containsAll(info.getAllSeedNodes())) {
      return super.decide(info);
    }
    return Future.successful(isPatient(info) ? KeepProbing$.MODULE$ : JoinSelf$.MODULE$);
  }

  @Override
  public boolean isConfirmedCommunicationWithAllContactPointsRequired(SeedNodesInformation info) {
    return isPatient(info);
  }

  private boolean isPatient(SeedNodesInformation info) {
    return Duration.between(info.contactPointsChangedAt(), info.currentTime()).compareTo(patience)
        < 0;
  }
}
