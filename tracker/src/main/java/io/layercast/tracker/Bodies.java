package io.layercast.tracker;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.scaladsl.model.EntityStreamSizeException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Reads request bodies whole, within bounds on size and time. */
final class Bodies {
  private Bodies() {}

  /** What came of reading. */
  sealed interface Body {}

  /** The whole body. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Read(byte[] bytes) implements Body {}

  /** It was too large or too slow, or broke off. */
  record Unreadable(HttpResponse answer) implements Body {}

  /** The stage does not fail. */
  static CompletionStage<Body> read(
      HttpRequest request, TrackerSettings.Service settings, ActorSystem<?> system) {
    OptionalLong length = request.entity().getContentLengthOption();
    if (length.isPresent() && length.getAsLong() > settings.maxRequestBytes()) {
      request.discardEntityBytes(system);
      return CompletableFuture.completedFuture(new Unreadable(tooLarge()));
    }
    return request
        .entity()
        .withSizeLimit(settings.maxRequestBytes())
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
