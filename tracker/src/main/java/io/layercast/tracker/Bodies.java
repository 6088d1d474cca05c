package io.layercast.tracker;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.scaladsl.model.EntityStreamSizeException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/** Reads request bodies whole, within bounds on size, time and what is in memory at once. */
final class Bodies {
  /** Of the longest: with 4 MiB these are 64 MiB, and 16 MiB for one address. */
  private static final long AT_ONCE = 16;

  private static final long OF_ONE_ADDRESS = 4;

  private final ActorSystem<?> system;
  private final TrackerSettings.Service settings;
  private final BodyBudget budget;

  Bodies(ActorSystem<?> system, TrackerSettings.Service settings) {
    this.system = system;
    this.settings = settings;
    this.budget =
        new BodyBudget(
            AT_ONCE * settings.maxRequestBytes(), OF_ONE_ADDRESS * settings.maxRequestBytes());
  }

  /**
   * Answers a request by its body, which counts as in memory until then. A body that is too large
   * or too slow, breaks off or finds no room is refused.
   *
   * @param mostBytes it may have
   * @param answer of the body and where it came from
   */
  CompletionStage<HttpResponse> answer(
      HttpRequest request,
      int mostBytes,
      BiFunction<byte[], InetAddress, CompletionStage<HttpResponse>> answer) {
    Optional<InetAddress> source = Replies.source(request);
    if (source.isEmpty()) {
      return refuse(
          request, Replies.failure(StatusCodes.BAD_REQUEST, "where this came from is unknown"));
    }
    InetAddress from = source.get();
    // A body of unknown length may have them all.
    long bytes = request.entity().getContentLengthOption().orElse(mostBytes);
    if (bytes > mostBytes) {
      return refuse(request, tooLarge());
    }
    if (!budget.take(from, bytes)) {
      return refuse(
          request,
          Replies.failure(StatusCodes.SERVICE_UNAVAILABLE, "too many bodies at once, try again"));
    }
    return read(request, mostBytes)
        .thenCompose(body ->
            switch (body) {
              case Unreadable(HttpResponse refusal) -> CompletableFuture.completedStage(refusal);
              case Read(byte[] read) -> answer.apply(read, from);
            })
        .whenComplete((_, _) -> budget.giveBack(from, bytes));
  }

  private CompletionStage<HttpResponse> refuse(HttpRequest request, HttpResponse refusal) {
    request.discardEntityBytes(system);
    return CompletableFuture.completedStage(refusal);
  }

  private sealed interface Body {}

  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Read(byte[] bytes) implements Body {}

  private record Unreadable(HttpResponse refusal) implements Body {}

  /** The stage does not fail. */
  private CompletionStage<Body> read(HttpRequest request, int mostBytes) {
    return request
        .entity()
        .withSizeLimit(mostBytes)
        .toStrict(settings.bodyTimeout().toMillis(), system)
        .<Body>thenApply(strict -> new Read(strict.getData().toArrayUnsafe()))
        .exceptionally(failure -> new Unreadable(refusal(failure)));
  }

  private static HttpResponse refusal(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof EntityStreamSizeException
        ? tooLarge()
        : Replies.failure(StatusCodes.BAD_REQUEST, "the body did not come in whole");
  }

  private static HttpResponse tooLarge() {
    return Replies.failure(StatusCodes.CONTENT_TOO_LARGE, "the body is too large");
  }
}
