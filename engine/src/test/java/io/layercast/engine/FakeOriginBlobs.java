package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An origin with one blob and, on order, every fault an origin can have. Thread-safe. */
final class FakeOriginBlobs implements OriginBlobs {
  private static final int CHUNK = 10_000;

  /** One GET as it came. */
  record Asked(OriginAccess access, long from, OptionalLong to) {}

  private final byte[] content;
  private final List<Asked> asked = new ArrayList<>();
  private final Queue<Reply> next = new ArrayDeque<>();
  private final AtomicLong sentBytes = new AtomicLong();
  private boolean ignoresRange;
  private boolean tellsSize = true;
  private int wrongBodies;
  private int shortBodies;
  private @Nullable Credential only;
  private UnaryOperator<Source<ByteString, NotUsed>> throttle = body -> body;

  FakeOriginBlobs(byte[] content) {
    this.content = content;
  }

  synchronized FakeOriginBlobs ignoringRange() {
    ignoresRange = true;
    return this;
  }

  synchronized FakeOriginBlobs withoutSize() {
    tellsSize = false;
    return this;
  }

  /** The next {@code times} bodies have one byte flipped. */
  synchronized FakeOriginBlobs wrong(int times) {
    wrongBodies = times;
    return this;
  }

  /** The next {@code times} bodies end in the middle, half of them with an error. */
  synchronized FakeOriginBlobs cut(int times) {
    shortBodies = times;
    return this;
  }

  synchronized FakeOriginBlobs throttled(UnaryOperator<Source<ByteString, NotUsed>> by) {
    throttle = by;
    return this;
  }

  /** 401 to everybody else from now on. */
  synchronized FakeOriginBlobs onlyFor(Credential credential) {
    only = credential;
    return this;
  }

  /** Answers the next GETs with just these. */
  synchronized FakeOriginBlobs answering(Reply... replies) {
    next.addAll(List.of(replies));
    return this;
  }

  synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  long sentBytes() {
    return sentBytes.get();
  }

  @Override
  public synchronized CompletionStage<Reply> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    asked.add(new Asked(access, from, to));
    Reply ordered = next.poll();
    if (ordered != null) {
      return CompletableFuture.completedFuture(ordered);
    }
    if (only != null && !access.credential().equals(only)) {
      return CompletableFuture.completedFuture(
          new Refused(new Refusal(401, List.of("Bearer"), "{}", 0)));
    }
    if (!ignoresRange && to.isPresent() && from >= content.length) {
      return CompletableFuture.completedFuture(new Refused(new Refusal(416, List.of(), "{}", 0)));
    }
    long begin = ignoresRange ? 0 : from;
    long end = ignoresRange ? content.length : Math.min(to.orElse(content.length), content.length);
    byte[] part = java.util.Arrays.copyOfRange(content, (int) begin, (int) end);
    if (wrongBodies > 0 && part.length > 0) {
      wrongBodies--;
      part[part.length / 2] ^= 1;
    }
    return CompletableFuture.completedFuture(
        new Bytes(
            begin,
            tellsSize ? OptionalLong.of(content.length) : OptionalLong.empty(),
            throttle.apply(body(part))));
  }

  private Source<ByteString, NotUsed> body(byte[] part) {
    List<ByteString> chunks = new ArrayList<>();
    int end = part.length;
    boolean isCut = shortBodies > 0;
    if (isCut) {
      shortBodies--;
      end = part.length * 2 / 3;
    }
    for (int at = 0; at < end; at += CHUNK) {
      chunks.add(ByteString.fromArray(part, at, Math.min(CHUNK, end - at)));
    }
    Source<ByteString, NotUsed> body =
        Source.from(chunks)
            .map(chunk -> {
              sentBytes.addAndGet(chunk.size());
              return chunk;
            });
    return isCut && shortBodies % 2 == 0
        ? body.concat(Source.failed(new IOException("connection reset")))
        : body;
  }

  static Busy busy(Duration retryAfter) {
    return new Busy(new Refusal(429, List.of(), "{}", (int) retryAfter.toSeconds()), retryAfter);
  }
}
