package io.layercast.registry;

import akka.NotUsed;
import akka.http.impl.engine.server.HttpAttributes;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.japi.function.Function;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is connected to a server's port, and what one of them may take of it: so many connections
 * from an address, and for each so long without a whole request. Counts a connection from its
 * beginning, before TLS and before the head of its first request. Thread-safe; holds an address for
 * as long as it is connected.
 */
public final class Callers {
  private static final Logger LOG = LoggerFactory.getLogger(Callers.class);

  private final RegistrySettings.Server bounds;
  private final ConcurrentMap<InetAddress, Integer> connections = new ConcurrentHashMap<>();

  public Callers(RegistrySettings.Server bounds) {
    this.bounds = bounds;
  }

  /**
   * What answers one connection by {@code handler}. The server must be bound with akka-http's
   * remote-address-attribute, or no address is counted.
   */
  public Flow<HttpRequest, HttpResponse, NotUsed> bounded(
      Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
    return Flow.fromMaterializer(
            (_, attributes) -> {
              Optional<InetAddress> from =
                  attributes
                      .getAttribute(HttpAttributes.RemoteAddress.class)
                      .map(remote -> remote.address().getAddress());
              if (from.isPresent() && !enter(from.get())) {
                LOG.debug("turned {} away: too many connections", from.get());
                return Flow.<HttpRequest, HttpResponse>fromSinkAndSource(
                        Sink.cancelled(), Source.<HttpResponse>empty())
                    .mapMaterializedValue(_ -> NotUsed.getInstance());
              }
              RunningRequests running = new RunningRequests();
              return Flow.of(HttpRequest.class)
                  .via(new RequestTimeout(running, bounds.requestTimeout()))
                  .mapAsync(1, running.counting(handler))
                  .watchTermination((_, ended) -> {
                    var _ = ended.whenComplete((_, _) -> from.ifPresent(this::leave));
                    return NotUsed.getInstance();
                  });
            })
        .mapMaterializedValue(_ -> NotUsed.getInstance());
  }

  private boolean enter(InetAddress address) {
    AtomicBoolean entered = new AtomicBoolean();
    connections.compute(
        address,
        (_, before) -> {
          int now = before == null ? 0 : before;
          entered.set(now < bounds.maxConnectionsPerAddress());
          return entered.get() ? Integer.valueOf(now + 1) : before;
        });
    return entered.get();
  }

  private void leave(InetAddress address) {
    connections.computeIfPresent(address, (_, now) -> now == 1 ? null : now - 1);
  }
}
