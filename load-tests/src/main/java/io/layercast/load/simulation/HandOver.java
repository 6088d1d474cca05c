package io.layercast.load.simulation;

import io.layercast.engine.PieceSet;
import java.util.List;

/** A proxy is killed while it fetches from the origin, and another stands in for it. */
final class HandOver {
  private final Fleet fleet;
  private final Ingest ingest;
  private final Scenario.Kill kill;
  private boolean isKilled;
  private long lostBytes;

  HandOver(Fleet fleet, Ingest ingest, Scenario.Kill kill) {
    this.fleet = fleet;
    this.ingest = ingest;
    this.kill = kill;
  }

  /** So much has left the origin by now. */
  void sent(long bytes) {
    if (!isKilled && bytes >= kill.share() * fleet.scenario.imageBytes()) {
      isKilled = true;
      Node dead = fleet.owner(fleet.layers().getFirst());
      dead.kill();
      for (Layer layer : fleet.layers()) {
        layer.known.stream()
            .filter(piece ->
                layer.parts.stream().noneMatch(part -> part.node != dead && part.have().has(piece)))
            .forEach(piece -> lostBytes += layer.layout().lengthOf(piece));
      }
      fleet.agenda.after(kill.handOverNanos(), () -> standIn(dead));
    }
  }

  /** Of pieces that nobody else had when the proxy was killed: they are fetched again. */
  long lostBytes() {
    return lostBytes;
  }

  private void standIn(Node dead) {
    for (Layer layer : fleet.layers()) {
      if (fleet.owner(layer) == dead) {
        layer.isTakenOver = true;
        standIn(layer, fleet.owner(layer));
      }
    }
  }

  /** Agents hear of the heir, and tell it what they have, as they open the layer's news anew. */
  private void standIn(Layer layer, Node heir) {
    Part part = heir.seeds(layer, PieceSet.empty(layer.layout().pieceCount()));
    ingest.takeOver(part);
    long longestPause = fleet.engine.agent().maxReopenBackoff().toNanos();
    for (Part agents : List.copyOf(layer.parts)) {
      if (agents.isWanted()) {
        fleet.agenda.after(fleet.random.nextLong(longestPause), () -> heard(agents, part));
      }
    }
  }

  private void heard(Part agents, Part heirs) {
    if (!agents.node.isDead()) {
      agents.meets(heirs.node.address);
      ingest.offered(heirs, agents.have());
    }
  }
}
