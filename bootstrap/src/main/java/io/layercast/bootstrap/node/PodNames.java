package io.layercast.bootstrap.node;

import akka.discovery.Lookup;
import akka.discovery.ServiceDiscovery;
import akka.discovery.ServiceDiscovery.ResolvedTarget;
import io.layercast.engine.NameLookup;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a name for that of pods at the Kubernetes API. What it answered is good for a while, so
 * that thousands of agents that lose a proxy do not ask all at once and again and again; while it
 * cannot be asked, its last answer stands. Names are those of the configuration, a few.
 */
final class PodNames implements NameLookup {
  /** Which pods carry a name; {@code %s} is the name. */
  static final String SELECTOR = "app.kubernetes.io/name=%s";

  private static final Logger LOG = LoggerFactory.getLogger(PodNames.class);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final ServiceDiscovery pods;
  private final long keepNanos;
  private final LongSupplier nanoTime;
  private final Map<String, Pods> known = new ConcurrentHashMap<>();

  /**
   * @param keep how long an answer or a failure is taken for the next one
   * @param nanoTime as {@link System#nanoTime}
   */
  PodNames(ServiceDiscovery pods, Duration keep, LongSupplier nanoTime) {
    this.pods = pods;
    this.keepNanos = keep.toNanos();
    this.nanoTime = nanoTime;
  }

  @Override
  public List<InetAddress> addressesOf(String name) throws UnknownHostException {
    try {
      return List.of(InetAddress.ofLiteral(name));
    } catch (IllegalArgumentException _) {
      return known.computeIfAbsent(name, Pods::new).addresses();
    }
  }

  /** Those of one name. One thread asks, the others wait for what it hears. */
  private final class Pods {
    private final String name;
    private List<InetAddress> addresses = List.of();
    private String failure = "";
    private long askedNanos;
    private boolean wasAsked;

    private Pods(String name) {
      this.name = name;
    }

    private synchronized List<InetAddress> addresses() throws UnknownHostException {
      if (!wasAsked || nanoTime.getAsLong() - askedNanos >= keepNanos) {
        ask();
        wasAsked = true;
        askedNanos = nanoTime.getAsLong();
      }
      if (addresses.isEmpty()) {
        throw new UnknownHostException(failure);
      }
      return addresses;
    }

    private void ask() throws UnknownHostException {
      try {
        List<ResolvedTarget> found =
            pods.lookup(Lookup.create(name), LIMIT)
                .toCompletableFuture()
                .get(2 * LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .getAddresses();
        addresses = found.stream().map(pod -> InetAddress.ofLiteral(pod.host())).toList();
        failure = "no pod runs that is labelled " + SELECTOR.formatted(name);
      } catch (ExecutionException | TimeoutException e) {
        failure = "the Kubernetes API does not tell: " + e.getMessage();
        if (!addresses.isEmpty()) {
          LOG.warn("tried to list the pods of {}, but {}; what it told last stands", name, failure);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw unknown("the look-up of %s was interrupted".formatted(name), e);
      }
    }

    private static UnknownHostException unknown(String message, Exception cause) {
      UnknownHostException unknown = new UnknownHostException(message);
      unknown.initCause(cause);
      return unknown;
    }
  }
}
