package io.layercast.tracker;

import akka.stream.BufferOverflowException;
import io.layercast.engine.NameLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The trackers by their configured names, one of them preferred as long as it answers. After each
 * failure the names are resolved anew and an address that has not been tried in this call is; but
 * nothing is tried when it was our own pool that had no room. Each node begins at another one.
 * Thread-safe.
 */
final class Trackers {
  private final List<InetSocketAddress> names;
  private final NameLookup lookup;
  private final Executor blocking;
  private final Random random;
  private volatile Optional<InetSocketAddress> preferred = Optional.empty();

  /**
   * @param blocking where names are resolved
   * @param random used on any thread
   */
  Trackers(List<InetSocketAddress> names, NameLookup lookup, Executor blocking, Random random) {
    this.names = List.copyOf(names);
    this.lookup = lookup;
    this.blocking = blocking;
    this.random = random;
  }

  /** The first good answer of {@code request}; fails with the last failure when none gave one. */
  <T> CompletionStage<T> call(Function<InetSocketAddress, CompletionStage<T>> request) {
    return preferred
        .map(address -> attempt(request, address, Set.of()))
        .orElseGet(
            () -> tryNext(request, Set.of(), new IOException("no address of a tracker is known")));
  }

  private <T> CompletionStage<T> attempt(
      Function<InetSocketAddress, CompletionStage<T>> request,
      InetSocketAddress address,
      Set<InetSocketAddress> failed) {
    return begun(request, address)
        .handle((answer, failure) -> {
          if (failure == null) {
            prefer(address);
            return CompletableFuture.<T>completedFuture(answer);
          }
          if (Replies.unwrap(failure) instanceof BufferOverflowException) {
            return CompletableFuture.<T>failedFuture(failure);
          }
          if (!(Replies.unwrap(failure) instanceof TrackerHttp.Refusal)) {
            doNotPrefer(address);
          }
          Set<InetSocketAddress> tried = new LinkedHashSet<>(failed);
          tried.add(address);
          return tryNext(request, tried, failure);
        })
        .thenCompose(stage -> stage);
  }

  /** What is thrown at once is a failure like any other. */
  private static <T> CompletionStage<T> begun(
      Function<InetSocketAddress, CompletionStage<T>> request, InetSocketAddress address) {
    try {
      return request.apply(address);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private synchronized void prefer(InetSocketAddress address) {
    preferred = Optional.of(address);
  }

  /** Another that was found meanwhile stays. */
  private synchronized void doNotPrefer(InetSocketAddress address) {
    if (preferred.equals(Optional.of(address))) {
      preferred = Optional.empty();
    }
  }

  private <T> CompletionStage<T> tryNext(
      Function<InetSocketAddress, CompletionStage<T>> request,
      Set<InetSocketAddress> failed,
      Throwable lastFailure) {
    return CompletableFuture.supplyAsync(this::resolve, blocking)
        .thenCompose(addresses ->
            addresses.stream()
                .filter(address -> !failed.contains(address))
                .findFirst()
                .map(address -> attempt(request, address, failed))
                .orElseGet(() -> CompletableFuture.failedStage(lastFailure)));
  }

  /** Every address of every name, in random order. Blocks. */
  private List<InetSocketAddress> resolve() {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (InetSocketAddress name : names) {
      try {
        for (InetAddress address : lookup.addressesOf(name.getHostString())) {
          addresses.add(new InetSocketAddress(address, name.getPort()));
        }
      } catch (UnknownHostException _) {
        // Another name may do; when none does, the call fails.
      }
    }
    Collections.shuffle(addresses, random);
    return addresses;
  }
}
