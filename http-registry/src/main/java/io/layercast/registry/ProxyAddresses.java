package io.layercast.registry;

import io.layercast.engine.Digest;
import io.layercast.engine.NameLookup;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies an agent may ask, in the order it should: rendezvous hash, so that all that concerns
 * one key goes to one proxy and only that proxy's keys move when it is gone; those that have just
 * failed come last. Names are looked up again in the background; of one that cannot be, the
 * addresses it had are asked, and at last the name itself. Thread-safe.
 */
final class ProxyAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyAddresses.class);
  private static final Duration DOWN = Duration.ofSeconds(5);

  private final List<HostAndPort> configured;
  private final NameLookup lookup;
  private final Duration resolveEvery;
  private final Map<HostAndPort, Long> failedNanos = new ConcurrentHashMap<>();
  private final AtomicBoolean resolving = new AtomicBoolean();

  /** What each name last stood for; only the look-up that runs touches it. */
  private final Map<HostAndPort, List<HostAndPort>> known = new HashMap<>();

  private volatile List<HostAndPort> resolved;
  private volatile List<HostAndPort> unknown = List.of();
  private volatile long resolvedNanos;

  ProxyAddresses(List<String> addresses, NameLookup lookup, Duration resolveEvery) {
    this.configured = addresses.stream().flatMap(a -> HostAndPort.parse(a).stream()).toList();
    this.lookup = lookup;
    this.resolveEvery = resolveEvery;
    this.resolved = configured;
    resolve();
  }

  /** All proxies, the one to ask first at the front. */
  List<HostAndPort> order(String key) {
    long now = System.nanoTime();
    if (now - resolvedNanos > resolveEvery.toNanos()) {
      resolve();
    }
    List<HostAndPort> order = rendezvous(resolved, key);
    List<HostAndPort> last = unknown;
    order.sort(
        Comparator.<HostAndPort, Boolean>comparing(last::contains)
            .thenComparing(address -> isDown(address, now)));
    return order;
  }

  /** No connection, or none that answered. */
  void failed(HostAndPort address) {
    failedNanos.put(address, System.nanoTime());
    resolve();
  }

  void answered(HostAndPort address) {
    failedNanos.remove(address);
  }

  /** Whether there are proxies and every one of them has failed last. */
  boolean areAllDown() {
    List<HostAndPort> all = resolved;
    return !all.isEmpty() && failedNanos.keySet().containsAll(all);
  }

  /** Whether it is one of those in {@link #order} and has just failed. */
  boolean isDown(HostAndPort address) {
    return resolved.contains(address) && isDown(address, System.nanoTime());
  }

  private boolean isDown(HostAndPort address, long now) {
    Long failed = failedNanos.get(address);
    return failed != null && now - failed < DOWN.toNanos();
  }

  /** By SHA-256 of key and address, highest first; the same on every node. */
  static List<HostAndPort> rendezvous(List<HostAndPort> addresses, String key) {
    List<HostAndPort> order = new ArrayList<>(addresses);
    order.sort(
        Comparator.comparing((HostAndPort address) ->
                Digest.sha256Of((key + "\0" + address).getBytes(StandardCharsets.UTF_8)).hex())
            .reversed());
    return order;
  }

  private void resolve() {
    if (!resolving.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("resolve-proxies")
        .start(() -> {
          try {
            List<HostAndPort> found = lookUp();
            failedNanos.keySet().retainAll(found);
            resolved = found;
            resolvedNanos = System.nanoTime();
          } finally {
            resolving.set(false);
          }
        });
  }

  private List<HostAndPort> lookUp() {
    List<HostAndPort> found = new ArrayList<>();
    List<HostAndPort> names = new ArrayList<>();
    for (HostAndPort address : configured) {
      try {
        List<HostAndPort> ofName = new ArrayList<>();
        for (InetAddress ip : lookup.addressesOf(address.host())) {
          ofName.add(new HostAndPort(ip.getHostAddress(), address.port()));
        }
        known.put(address, ofName);
      } catch (UnknownHostException e) {
        LOG.warn("tried to look up proxy {}, but failed because {}", address, e.getMessage());
        names.add(address);
      }
      found.addAll(known.getOrDefault(address, List.of()));
    }
    found.addAll(names);
    unknown = names;
    return found;
  }
}
