package io.layercast.tracker;

import io.layercast.engine.PeerDirectory.Holding;
import io.layercast.engine.SwarmId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What this node is to tell the tracker next, and when: everything at each interval and whenever
 * the tracker has lost what it knew; joins and departures at once, changes with the next of those
 * or a little later. One request is under way at a time; what comes up meanwhile goes together into
 * the next. Times are nanoseconds on any clock that does not go back.
 */
public final class Inventory {
  /**
   * One request.
   *
   * @param full whether swarms that are not named are left
   * @param departures what the tracker will know this node has left
   */
  public record Request(boolean full, List<Tracker.Report> reports, Set<SwarmId> departures) {}

  private static final class Membership {
    /** Whether there is something to tell before the next inventory. */
    boolean changed = true;

    long tellAtNanos;
    boolean started;
    boolean completed;
    boolean wantsPeers;
    long lastWantNanos;
    boolean everWanted;

    Membership(long nowNanos) {
      this.tellAtNanos = nowNanos;
    }

    void toTellBy(long nanos) {
      tellAtNanos = changed ? earlier(tellAtNanos, nanos) : nanos;
      changed = true;
    }
  }

  private final TrackerClientSettings settings;
  private final RandomGenerator random;
  private final Map<SwarmId, Membership> members = new LinkedHashMap<>();

  /** Left, and the tracker does not know yet. */
  private final Set<SwarmId> departed = new LinkedHashSet<>();

  private Optional<Request> underWay = Optional.empty();
  private boolean inventoryDue = true;
  private long inventoryAtNanos;
  private long notBeforeNanos;
  private int failures;
  private String trackerId = "";

  public Inventory(TrackerClientSettings settings, RandomGenerator random, long nowNanos) {
    this.settings = settings;
    this.random = random;
    this.inventoryAtNanos = nowNanos;
    this.notBeforeNanos = nowNanos;
  }

  public void join(SwarmId swarm, long nowNanos) {
    departed.remove(swarm);
    members.put(swarm, new Membership(nowNanos));
  }

  public void leave(SwarmId swarm) {
    if (members.remove(swarm) != null) {
      departed.add(swarm);
    }
  }

  public void changed(SwarmId swarm, long nowNanos) {
    Membership member = members.get(swarm);
    if (member != null) {
      member.toTellBy(nowNanos + settings.changeDelay().toNanos());
    }
  }

  public void wantPeers(SwarmId swarm) {
    Membership member = members.get(swarm);
    if (member != null) {
      member.wantsPeers = true;
    }
  }

  /** Whether a request waits for its answer. */
  boolean isUnderWay() {
    return underWay.isPresent();
  }

  /**
   * The next request, which is under way from now on; empty when none is due. What {@code holdings}
   * throws counts as a failure of the request.
   */
  public Optional<Request> next(long nowNanos, Function<SwarmId, Holding> holdings) {
    if (underWay.isPresent() || nowNanos - notBeforeNanos < 0) {
      return Optional.empty();
    }
    if (nowNanos - inventoryAtNanos >= 0) {
      inventoryDue = true;
    }
    if (!inventoryDue
        && departed.isEmpty()
        && members.values().stream().noneMatch(member -> isDue(member, nowNanos))) {
      return Optional.empty();
    }
    List<Tracker.Report> reports = new ArrayList<>();
    boolean full = inventoryDue && members.size() <= settings.maxSwarmsPerRequest();
    if (inventoryDue && !full) {
      // Too many for one request: every swarm by itself, in parts.
      members.values().forEach(member -> member.toTellBy(nowNanos));
      inventoryDue = false;
      scheduleInventory(settings.announceInterval(), nowNanos);
    }
    Set<SwarmId> departures = new LinkedHashSet<>();
    for (SwarmId id : departed) {
      if (full) {
        departures.add(id);
      } else if (reports.size() < settings.maxSwarmsPerRequest()) {
        departures.add(id);
        reports.add(new Tracker.Report(id.toBytes(), 0, Event.STOPPED, 0));
      }
    }
    try {
      addReports(reports, full, holdings, nowNanos);
    } catch (RuntimeException e) {
      underWay = Optional.of(new Request(full, reports, departures));
      failed(nowNanos);
      throw e;
    }
    if (reports.isEmpty() && departures.isEmpty()) {
      return Optional.empty();
    }
    underWay = Optional.of(new Request(full, reports, departures));
    return underWay;
  }

  private void addReports(
      List<Tracker.Report> reports,
      boolean full,
      Function<SwarmId, Holding> holdings,
      long nowNanos) {
    for (Map.Entry<SwarmId, Membership> entry : members.entrySet()) {
      Membership member = entry.getValue();
      if (reports.size() < settings.maxSwarmsPerRequest()
          && (full || member.changed || mayWant(member, nowNanos))) {
        reports.add(report(entry.getKey(), member, holdings.apply(entry.getKey()), nowNanos));
      }
    }
  }

  /** When {@link #next} has something to give if nothing happens before; empty while waiting. */
  public OptionalLong wakeAtNanos(long nowNanos) {
    if (underWay.isPresent() || (members.isEmpty() && departed.isEmpty())) {
      return OptionalLong.empty();
    }
    long soonest = inventoryDue || !departed.isEmpty() ? nowNanos : inventoryAtNanos;
    for (Membership member : members.values()) {
      if (member.changed) {
        soonest = earlier(soonest, member.tellAtNanos);
      }
      if (member.wantsPeers) {
        soonest = earlier(soonest, wantAt(member, nowNanos));
      }
    }
    return OptionalLong.of(notBeforeNanos - soonest > 0 ? notBeforeNanos : soonest);
  }

  /**
   * The request under way was answered.
   *
   * @param interval until the next inventory, before jitter
   */
  public void answered(String fromTrackerId, Duration interval, long nowNanos) {
    Request request = underWay.orElseThrow();
    underWay = Optional.empty();
    failures = 0;
    notBeforeNanos = nowNanos;
    departed.removeAll(request.departures());
    boolean lost = !fromTrackerId.equals(trackerId);
    trackerId = fromTrackerId;
    if (request.full()) {
      inventoryDue = false;
      scheduleInventory(interval, nowNanos);
    } else if (lost) {
      inventoryDue = true;
    }
  }

  /** The request under way was not answered, or not usefully: all of it is due again. */
  public void failed(long nowNanos) {
    Request request = underWay.orElseThrow();
    underWay = Optional.empty();
    for (Tracker.Report report : request.reports()) {
      Membership member = members.get(SwarmId.of(report.id()));
      if (member != null) {
        member.toTellBy(nowNanos);
        member.started &= report.event() != Event.STARTED;
        member.completed &= report.event() != Event.COMPLETED;
        member.wantsPeers |= report.want() > 0;
        member.everWanted &= report.want() == 0;
      }
    }
    inventoryDue |= request.full();
    long longest = settings.backoff().max().toNanos();
    long doubled = settings.backoff().min().toNanos() << Math.min(failures, 20);
    failures++;
    long wait = doubled <= 0 || doubled > longest ? longest : doubled;
    notBeforeNanos = nowNanos + Math.round(wait * random.nextDouble(0.5, 1.5));
  }

  private Tracker.Report report(SwarmId id, Membership member, Holding holding, long nowNanos) {
    boolean complete = holding.leftBytes() == 0;
    Event event = Event.NONE;
    if (!member.started) {
      event = Event.STARTED;
    } else if (complete && !member.completed) {
      event = Event.COMPLETED;
    }
    boolean asks = member.wantsPeers || !complete;
    int want = asks && nowNanos - wantAt(member, nowNanos) >= 0 ? settings.wantPeers() : 0;
    if (want > 0) {
      member.wantsPeers = false;
      member.everWanted = true;
      member.lastWantNanos = nowNanos;
    }
    member.changed = false;
    member.started = true;
    member.completed = complete;
    return new Tracker.Report(id.toBytes(), holding.leftBytes(), event, want);
  }

  private boolean isDue(Membership member, long nowNanos) {
    return (member.changed && nowNanos - member.tellAtNanos >= 0) || mayWant(member, nowNanos);
  }

  private boolean mayWant(Membership member, long nowNanos) {
    return member.wantsPeers && nowNanos - wantAt(member, nowNanos) >= 0;
  }

  private long wantAt(Membership member, long nowNanos) {
    return member.everWanted
        ? member.lastWantNanos + settings.minWantInterval().toNanos()
        : nowNanos;
  }

  private void scheduleInventory(Duration interval, long nowNanos) {
    double jitter = settings.announceJitter();
    double factor = jitter == 0 ? 1 : random.nextDouble(1 - jitter, 1 + jitter);
    inventoryAtNanos = nowNanos + Math.round(interval.toNanos() * factor);
  }

  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }
}
