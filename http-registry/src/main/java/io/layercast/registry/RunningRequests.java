package io.layercast.registry;

import akka.Done;
import akka.NotUsed;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ResponseEntity;
import akka.http.javadsl.model.headers.Connection;
import akka.japi.function.Function;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests a server is answering, up to the last byte of their bodies. Akka's own drain waits
 * for the head of an answer and breaks a body off. Thread-safe.
 */
final class RunningRequests {
  private final AtomicInteger running = new AtomicInteger();
  private volatile long doneNanos = System.nanoTime();
  private final Queue<CompletableFuture<Void>> awaiting = new ConcurrentLinkedQueue<>();
  private volatile boolean isEnding;

  /** Answers by {@code handler}, until {@link #end}; afterwards with 503. */
  Function<HttpRequest, CompletionStage<HttpResponse>> counting(
      Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
    return request -> {
      if (isEnding) {
        return CompletableFuture.completedFuture(
            Responses.unavailable("answer the request", "this node is being stopped")
                .addHeader(Connection.create("close")));
      }
      running.incrementAndGet();
      CompletionStage<HttpResponse> answer;
      try {
        answer = handler.apply(request);
      } catch (Exception e) {
        done();
        throw e;
      }
      return answer
          .thenApply(response -> response.withEntity(counted(response.entity())))
          .whenComplete((_, _) -> done());
    };
  }

  /**
   * Counts from when it is sent on: one that is never sent, to a caller who left, counts for none.
   */
  private ResponseEntity counted(ResponseEntity entity) {
    if (entity.isStrict()) {
      return entity;
    }
    Source<ByteString, Object> body =
        entity.getDataBytes().via(Flow.of(ByteString.class).watchTermination(this::bodyRuns));
    if (entity.isDefault()) {
      return HttpEntities.create(
          entity.getContentType(), entity.getContentLengthOption().getAsLong(), body);
    }
    return entity.isChunked()
        ? HttpEntities.createChunked(entity.getContentType(), body)
        : HttpEntities.createCloseDelimited(entity.getContentType(), body);
  }

  private NotUsed bodyRuns(NotUsed value, CompletionStage<Done> end) {
    running.incrementAndGet();
    var _ = end.whenComplete((_, _) -> done());
    return value;
  }

  /** Since when none runs; zero while one does. */
  Duration idleFor() {
    return running.get() > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - doneNanos);
  }

  private void done() {
    doneNanos = System.nanoTime();
    running.decrementAndGet();
    tellWhenIdle();
  }

  private void tellWhenIdle() {
    while (running.get() == 0) {
      CompletableFuture<Void> next = awaiting.poll();
      if (next == null) {
        return;
      }
      next.complete(null);
    }
  }

  /**
   * Completes when next none runs, which a body may never let happen; takes more meanwhile. Between
   * an answer's head and its body none does for a moment.
   */
  CompletableFuture<Void> idle() {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    awaiting.add(idle);
    tellWhenIdle();
    return idle;
  }

  /** Takes no more; completes as {@link #idle}. */
  CompletableFuture<Void> end() {
    isEnding = true;
    return idle();
  }
}
