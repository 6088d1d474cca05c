package io.layercast.load.simulation;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.SwarmId;
import io.layercast.tracker.Event;
import io.layercast.tracker.HandoutPolicy;
import io.layercast.tracker.Inventory;
import io.layercast.tracker.PeerAddress;
import io.layercast.tracker.Swarm;
import io.layercast.tracker.SwarmTable;
import io.layercast.tracker.Tracker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The tracker half a round trip away: its table and handouts, without HTTP. */
final class TrackerModel {
  private static final long EXPIRE_NANOS = 1_000_000_000L;
  private static final int REPORT_BYTES = 60;
  private static final int PEER_BYTES = 6;

  private final Fleet fleet;
  private final SwarmTable table;
  private long announces;

  TrackerModel(Fleet fleet) {
    this.fleet = fleet;
    var handout = fleet.trackerSettings.handout();
    this.table =
        new SwarmTable(
            fleet.trackerSettings,
            new HandoutPolicy(
                handout.maxProxies(),
                handout.seedShare(),
                new SplittableRandom(fleet.random.nextLong())));
    fleet.agenda.after(EXPIRE_NANOS, this::expire);
  }

  private void expire() {
    table.expire(fleet.agenda.now());
    fleet.agenda.after(EXPIRE_NANOS, this::expire);
  }

  long announces() {
    return announces;
  }

  void announce(Node node, Inventory.Request request) {
    announces++;
    fleet.controlBytes += 300L + (long) REPORT_BYTES * request.reports().size();
    // Jitter, so that simultaneous pulls do not come in the order of their numbers.
    fleet.agenda.after(
        fleet.halfTripNanos + fleet.random.nextLong(fleet.halfTripNanos),
        () -> {
          Map<SwarmId, List<Peer>> handouts = new HashMap<>();
          for (Tracker.Report report : request.reports()) {
            handouts.put(SwarmId.of(report.id()), answer(node, report));
          }
          fleet.agenda.after(fleet.halfTripNanos, () -> answered(node, handouts));
        });
  }

  private List<Peer> answer(Node node, Tracker.Report report) {
    long now = fleet.agenda.now();
    SwarmId id = SwarmId.of(report.id());
    PeerAddress address =
        new PeerAddress(node.address.getAddress().getAddress(), node.address.getPort());
    var who = new SwarmTable.Who(address, node.peerId.toBytes(), node.proxy, true);
    table.announce(who, id, Optional.empty(), report.left(), report.event(), now);
    int want = report.event() == Event.STOPPED ? 0 : report.want();
    List<Peer> peers = new ArrayList<>();
    for (Swarm.Entry entry : table.handout(who, id, Optional.empty(), report.left() == 0, want)) {
      peers.add(Peer.ours(entry.address().toSocketAddress()));
    }
    fleet.controlBytes += (long) PEER_BYTES * peers.size();
    return peers;
  }

  private void answered(Node node, Map<SwarmId, List<Peer>> handouts) {
    if (node.isDead()) {
      return;
    }
    long now = fleet.agenda.now();
    node.inventory().answered("tracker", fleet.trackerSettings.announceInterval(), now);
    handouts.forEach((swarm, peers) -> {
      if (!peers.isEmpty()) {
        node.part(swarm).ifPresent(part -> part.policy.heardOf(peers, now));
      }
    });
    node.announce();
  }
}
