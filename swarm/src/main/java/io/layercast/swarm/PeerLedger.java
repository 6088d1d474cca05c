package io.layercast.swarm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one swarm remembers of its peers, by listen address: who lied or flooded, who stalled, who
 * is to be dialled again when. A close alone is no fault, it only delays the next dial. Bounded:
 * the peers touched longest ago are forgotten. Not thread-safe. Time comes in as nanoseconds.
 */
public final class PeerLedger {
  private static final int MAX_ENTRIES = 4_096;

  /** From one host so many wrong pieces or floods make every port of it avoided. */
  private static final int DEEDS_PER_HOST = 3;

  private static final int SAMPLES = 64;

  private static final class Entry {
    boolean slow;
    int closes;
    long dialFromNanos;
    boolean waits;
  }

  private record Avoided(int deeds, long untilNanos) {}

  private final SwarmSettings.Deadlines deadlines;
  private final Map<InetSocketAddress, Entry> entries = bounded();
  private final Map<InetSocketAddress, Long> avoided = bounded();
  private final Map<InetAddress, Avoided> avoidedHosts = bounded();
  private final long[] pieceNanos = new long[SAMPLES];
  private int samples;
  private long median;

  public PeerLedger(SwarmSettings.Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  /** The peer delivered a good piece, first request to last byte in {@code nanos}. */
  public void delivered(InetSocketAddress peer, long nanos) {
    Entry entry = entry(peer);
    entry.slow = false;
    entry.closes = 0;
    pieceNanos[samples++ % SAMPLES] = nanos;
    if (samples < 8 || samples % 8 == 0) {
      long[] sorted = Arrays.copyOf(pieceNanos, Math.min(samples, SAMPLES));
      Arrays.sort(sorted);
      median = sorted[sorted.length / 2];
    }
  }

  /** The peer let requests lie for {@link #stallNanos}. */
  public void stalled(InetSocketAddress peer) {
    entry(peer).slow = true;
  }

  /** The peer sent a piece that failed its hash. */
  public void lied(InetSocketAddress peer, long nowNanos) {
    avoid(peer, nowNanos);
  }

  /** The peer said far more than its blocks call for. */
  public void flooded(InetSocketAddress peer, long nowNanos) {
    avoid(peer, nowNanos);
  }

  private void avoid(InetSocketAddress peer, long nowNanos) {
    long until = nowNanos + deadlines.avoidLiarFor().toNanos();
    avoided.put(peer, until);
    avoidedHosts.merge(
        peer.getAddress(), new Avoided(1, until), (old, _) -> new Avoided(old.deeds + 1, until));
  }

  /** The connection ended, or none came about. */
  public void closed(InetSocketAddress peer, long nowNanos) {
    Entry entry = entry(peer);
    long min = deadlines.redialMin().toNanos();
    long max = deadlines.redialMax().toNanos();
    long wait = Math.min(max, min << Math.min(entry.closes, 20));
    entry.closes++;
    entry.waits = true;
    entry.dialFromNanos = nowNanos + wait;
  }

  /** This node has no room for a connection with it now. */
  public void putOff(InetSocketAddress peer, long nowNanos) {
    Entry entry = entry(peer);
    entry.waits = true;
    entry.dialFromNanos = nowNanos + deadlines.redialMin().toNanos();
  }

  /** Whether pieces were late from this peer and none came since. */
  public boolean isSlow(InetSocketAddress peer) {
    Entry entry = entries.get(peer);
    return entry != null && entry.slow;
  }

  /** Whether this peer is to be left alone for what it did. */
  public boolean isAvoided(InetSocketAddress peer, long nowNanos) {
    Long until = avoided.get(peer);
    if (until != null && until - nowNanos > 0) {
      return true;
    }
    Avoided host = avoidedHosts.get(peer.getAddress());
    return host != null && host.deeds >= DEEDS_PER_HOST && host.untilNanos - nowNanos > 0;
  }

  public boolean mayDial(InetSocketAddress peer, long nowNanos) {
    @Nullable Entry entry = entries.get(peer);
    boolean rested = entry == null || !entry.waits || entry.dialFromNanos - nowNanos <= 0;
    return rested && !isAvoided(peer, nowNanos);
  }

  /** The swarm's median time for a piece; 0 while none has come. */
  public long medianPieceNanos() {
    return median;
  }

  /** How long requests may lie without a byte before the peer counts as stalled. */
  public long stallNanos() {
    long max = deadlines.stallMax().toNanos();
    if (median == 0) {
      return max;
    }
    return Math.clamp(median * deadlines.stallFactor(), deadlines.stallMin().toNanos(), max);
  }

  /** When a piece is late enough to be asked of a second peer in the end game. */
  public long lateNanos() {
    return median == 0 ? stallNanos() : Math.max(3 * median, Duration.ofMillis(50).toNanos());
  }

  /**
   * When what a reader waits for is late enough to be asked of a second peer. Shorter waits hurt no
   * reader, and small blobs are through before that.
   */
  public long readerLateNanos() {
    return Math.max(2 * lateNanos(), Duration.ofMillis(500).toNanos());
  }

  private Entry entry(InetSocketAddress peer) {
    return entries.computeIfAbsent(peer, _ -> new Entry());
  }

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MAX_ENTRIES;
      }
    };
  }
}
