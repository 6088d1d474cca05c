package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.management.cluster.bootstrap.ClusterBootstrapSettings;
import akka.management.cluster.bootstrap.LowestAddressJoinDecider;
import akka.management.cluster.bootstrap.SeedNodesInformation;
import java.time.Duration;

/**
 * Akka's lowest address begins the cluster, after a word from every member that discovery names;
 * but a member that is named and does not answer (its node has died and Kubernetes still lists its
 * pod as running, for minutes) holds the others up for {@code contact-patience} only. Loaded by
 * Akka by its name.
 */
final class PatientJoinDecider extends LowestAddressJoinDecider {
  private final Duration patience;

  PatientJoinDecider(ActorSystem system, ClusterBootstrapSettings settings) {
    super(system, settings);
    this.patience = BootstrapSettings.from(system.settings().config()).cluster().contactPatience();
  }

  @Override
  public boolean isConfirmedCommunicationWithAllContactPointsRequired(SeedNodesInformation info) {
    return Duration.between(info.contactPointsChangedAt(), info.currentTime()).compareTo(patience)
        < 0;
  }
}
