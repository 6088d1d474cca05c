package io.layercast.load.simulation;

import io.layercast.engine.IngestPlan;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The origin and the proxies that fetch from it: pieces of all connections in turn through the
 * origin's one rate, hashed, stored, and only then told of.
 */
final class Ingest extends Event {
  private final Fleet fleet;
  private final Scenario.Cold origin;
  private final int connections;
  private final int piecesPerRange;
  private final Map<Part, IngestPlan> plans = new HashMap<>();
  private final ArrayDeque<Range> line = new ArrayDeque<>();
  private boolean busy;
  private long bytes;

  /** A range that is being sent. */
  private static final class Range {
    final Part part;
    final int connection;
    final int end;
    int next;

    Range(Part part, int connection, IngestPlan.Stretch stretch) {
      this.part = part;
      this.connection = connection;
      this.next = stretch.begin();
      this.end = stretch.end();
    }
  }

  Ingest(Fleet fleet, Scenario.Cold origin, int connections, int piecesPerRange) {
    this.fleet = fleet;
    this.origin = origin;
    this.connections = connections;
    this.piecesPerRange = piecesPerRange;
  }

  /** Bytes the origin has sent. */
  long bytes() {
    return bytes;
  }

  /** The proxy's part is to be filled; the first range alone, the others after its answer. */
  void begin(Part part) {
    if (plans.containsKey(part)) {
      return;
    }
    plans.put(part, new IngestPlan(part.layer.layout().pieceCount()));
    fleet.agenda.after(
        origin.firstByteNanos(),
        () -> {
          for (int connection = 0; connection < connections; connection++) {
            ask(part, connection);
          }
        });
  }

  private void ask(Part part, int connection) {
    IngestPlan plan = plans.get(part);
    if (plan == null) {
      throw new IllegalStateException("an ingest that never began");
    }
    plan.release(connection);
    Optional<IngestPlan.Stretch> stretch = plan.assign(connection, part.have(), piecesPerRange);
    stretch.ifPresent(pieces -> {
      line.add(new Range(part, connection, pieces));
      send();
    });
  }

  private void send() {
    if (!busy && !line.isEmpty()) {
      busy = true;
      Range range = line.getFirst();
      long length = range.part.layer.layout().lengthOf(range.next);
      fleet.agenda.after(length * 1_000_000_000L / origin.originRate(), this);
    }
  }

  @Override
  void happen() {
    busy = false;
    Range range = line.removeFirst();
    int piece = range.next++;
    Part part = range.part;
    int length = part.layer.layout().lengthOf(piece);
    bytes += length;
    fleet.agenda.after(
        fleet.storeNanos(length),
        () -> {
          part.layer.known.add(piece);
          part.ingested(piece);
          fleet.agenda.after(fleet.halfTripNanos, () -> fleet.tellKnown(part, piece));
          if (piece == range.end - 1) {
            ask(part, range.connection);
          }
        });
    if (range.next < range.end) {
      line.addLast(range);
    }
    send();
  }
}
