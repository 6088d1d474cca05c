package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.actor.ExtendedActorSystem;
import akka.discovery.Lookup;
import akka.discovery.ServiceDiscovery;
import akka.discovery.kubernetes.KubernetesApiServiceDiscovery;
import akka.dispatch.Dispatchers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import scala.concurrent.Future;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.FutureConverters;

/**
 * akka-discovery-kubernetes-api, which reads token and authority once: a service account's token
 * lives for an hour and is replaced in its file before that. So there is a fresh one of Akka's
 * whenever the account's files have changed. An API that accepts and does not answer is given up at
 * the look-up's own limit, which Akka's keeps for the body only. Loaded by Akka by its name.
 */
final class KubernetesPods extends ServiceDiscovery {
  /** Its name among Akka's discovery methods; akka.conf has its class. */
  static final String METHOD = "layercast-kubernetes";

  private final ActorSystem system;
  private final Path token;
  private final Path authority;
  private final Executor blocking;
  private Optional<Current> current = Optional.empty();

  /** Akka's discovery and the account it was made with. */
  private record Current(Account account, ServiceDiscovery discovery) {}

  /** Not a record: it must not be printed. */
  private static final class Account {
    private final String token;
    private final String authority;

    private Account(String token, String authority) {
      this.token = token;
      this.authority = authority;
    }

    private boolean isSameAs(Account other) {
      return token.equals(other.token) && authority.equals(other.authority);
    }
  }

  KubernetesPods(ExtendedActorSystem system) {
    var config = system.settings().config().getConfig("akka.discovery.kubernetes-api");
    this.system = system;
    this.token = Path.of(config.getString("api-token-path"));
    this.authority = Path.of(config.getString("api-ca-path"));
    this.blocking = system.dispatchers().lookup(Dispatchers.DefaultBlockingDispatcherId());
  }

  @Override
  public Future<Resolved> lookup(Lookup lookup, FiniteDuration limit) {
    CompletableFuture<Resolved> found =
        CompletableFuture.supplyAsync(this::discovery, blocking)
            .thenCompose(discovery -> FutureConverters.asJava(discovery.lookup(lookup, limit)))
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    return FutureConverters.asScala(found);
  }

  private synchronized ServiceDiscovery discovery() {
    Account account;
    try {
      account = new Account(Files.readString(token).strip(), Files.readString(authority));
    } catch (IOException e) {
      throw new UncheckedIOException("tried to read the service account, but failed", e);
    }
    if (current.isEmpty() || !current.get().account().isSameAs(account)) {
      current = Optional.of(new Current(account, new KubernetesApiServiceDiscovery(system)));
    }
    return current.get().discovery();
  }
}
