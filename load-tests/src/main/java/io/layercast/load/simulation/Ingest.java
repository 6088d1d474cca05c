package io.layercast.load.simulation;

import io.layercast.engine.EngineSettings;
import io.layercast.engine.IngestPlan;
import io.layercast.engine.PeerShare;
import io.layercast.engine.PieceSet;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The origin and the proxies that fetch from it: pieces of all connections in turn through the
 * origin's one rate, hashed, stored, and only then told of.
 */
final class Ingest extends Event {
  private final Fleet fleet;
  private final Scenario.Cold origin;
  private final EngineSettings.Ingest settings;
  private final @Nullable HandOver handOver;
  private final Map<Part, Filling> fillings = new HashMap<>();
  private final ArrayDeque<Range> line = new ArrayDeque<>();
  private @Nullable Range sending;
  private long bytes;

  /** A proxy's part that is being filled. */
  private static final class Filling {
    final Part part;
    final IngestPlan plan;
    final PeerShare share;

    /** What peers said to hold. */
    final PieceSet offered;

    Filling(Part part, EngineSettings.Ingest settings, long nowNanos) {
      int pieces = part.layer.layout().pieceCount();
      this.part = part;
      this.plan = new IngestPlan(pieces);
      this.share =
          new PeerShare(pieces, settings.takeOverGrace(), settings.peerPatience(), nowNanos);
      this.offered = PieceSet.empty(pieces);
    }
  }

  /** A range that is being sent. */
  private static final class Range {
    final Filling filling;
    final int connection;
    final int end;
    int next;

    Range(Filling filling, int connection, IngestPlan.Stretch stretch) {
      this.filling = filling;
      this.connection = connection;
      this.next = stretch.begin();
      this.end = stretch.end();
    }
  }

  Ingest(Fleet fleet, Scenario.Cold origin) {
    this.fleet = fleet;
    this.origin = origin;
    this.settings = fleet.engine.ingest();
    this.handOver = fleet.scenario.kill().map(kill -> new HandOver(fleet, this, kill)).orElse(null);
  }

  /** Bytes the origin has sent. */
  long bytes() {
    return bytes;
  }

  /** Bytes the origin had sent that were nowhere any more when a proxy was killed. */
  long lostBytes() {
    return handOver == null ? 0 : handOver.lostBytes();
  }

  /** The proxy's part is to be filled; the first range alone, the others after its answer. */
  void begin(Part part) {
    if (!fillings.containsKey(part)) {
      fill(new Filling(part, settings, fleet.agenda.now()));
    }
  }

  /** As {@link #begin}, for a part that a proxy before had begun to fill: peers have pieces. */
  void takeOver(Part part) {
    Filling filling = new Filling(part, settings, fleet.agenda.now());
    filling.share.gather(fleet.agenda.now());
    part.takesOver(filling.share);
    fill(filling);
  }

  private void fill(Filling filling) {
    fillings.put(filling.part, filling);
    fleet.agenda.after(
        origin.firstByteNanos(),
        () -> {
          for (int connection = 0; connection < settings.connections(); connection++) {
            ask(filling, connection);
          }
        });
  }

  /** A peer says that it has these pieces. */
  void offered(Part part, PieceSet pieces) {
    Filling filling = fillings.get(part);
    if (filling != null) {
      pieces.stream().forEach(filling.offered::add);
    }
  }

  private void ask(Filling filling, int connection) {
    Part part = filling.part;
    if (part.node.isDead()) {
      return;
    }
    long now = fleet.agenda.now();
    filling.plan.release(connection);
    long gatheringNanos = filling.share.gatheringNanos(now);
    PieceSet settled = filling.share.settled(part.have(), filling.offered, now);
    Optional<IngestPlan.Stretch> stretch =
        gatheringNanos > 0
            ? Optional.empty()
            : filling.plan.assign(connection, settled, settings.piecesPerRange());
    if (stretch.isPresent()) {
      line.add(new Range(filling, connection, stretch.get()));
      send();
      return;
    }
    OptionalLong wait =
        gatheringNanos > 0 ? OptionalLong.of(gatheringNanos) : filling.share.waitingNanos(now);
    wait.ifPresent(nanos -> fleet.agenda.after(nanos, () -> ask(filling, connection)));
  }

  private void send() {
    line.removeIf(each -> each.filling.part.node.isDead());
    if (sending == null && !line.isEmpty()) {
      Range range = line.removeFirst();
      sending = range;
      long length = range.filling.part.layer.layout().lengthOf(range.next);
      fleet.agenda.after(length * 1_000_000_000L / origin.originRate(), this);
    }
  }

  @Override
  void happen() {
    Range range = Objects.requireNonNull(sending);
    sending = null;
    Part part = range.filling.part;
    int piece = range.next++;
    int length = part.layer.layout().lengthOf(piece);
    bytes += length;
    fleet.agenda.after(fleet.storeNanos(length), () -> stored(range, piece));
    if (range.next < range.end) {
      line.addLast(range);
    }
    if (handOver != null) {
      handOver.sent(bytes);
    }
    send();
  }

  private void stored(Range range, int piece) {
    Part part = range.filling.part;
    if (part.node.isDead()) {
      return;
    }
    part.layer.known.add(piece);
    part.ingested(piece);
    fleet.agenda.after(fleet.halfTripNanos, () -> fleet.tellKnown(part, piece));
    if (piece == range.end - 1) {
      ask(range.filling, range.connection);
    }
  }
}
