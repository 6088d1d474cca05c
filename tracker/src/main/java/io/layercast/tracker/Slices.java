package io.layercast.tracker;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts an announce into messages whose answers fit one Artery frame (256 KiB by default). An answer
 * grows by up to 140 bytes a swarm (field names, three counts) and 40 a peer (18 of address, 20 of
 * peer id; a standard client in {@code foreign} takes 90, but they are few): 500 × 140 + 4,000 × 40
 * = 230 kB.
 */
final class Slices {
  static final int MOST_SWARMS = 500;
  static final int MOST_PEERS = 4_000;

  private Slices() {}

  /** {@code reports} in order, at least one slice. */
  static List<List<Tracker.Report>> cut(List<Tracker.Report> reports) {
    List<List<Tracker.Report>> slices = new ArrayList<>();
    List<Tracker.Report> slice = new ArrayList<>();
    int peers = 0;
    for (Tracker.Report report : reports) {
      if (slice.size() == MOST_SWARMS || peers + report.want() > MOST_PEERS) {
        slices.add(List.copyOf(slice));
        slice.clear();
        peers = 0;
      }
      slice.add(report);
      peers += report.want();
    }
    slices.add(List.copyOf(slice));
    return slices;
  }
}
