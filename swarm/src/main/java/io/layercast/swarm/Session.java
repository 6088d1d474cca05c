package io.layercast.swarm;

import akka.stream.stage.AsyncCallback;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A running {@link PeerSession} as others see it: a way to tell it something. Thread-safe. */
final class Session {
  private static final AtomicLong NEXT_ID = new AtomicLong();

  private final long id = NEXT_ID.getAndIncrement();
  private final Consumer<SessionCommand> inbox;
  private volatile long lastAskedNanos = System.nanoTime();

  Session(AsyncCallback<SessionCommand> inbox) {
    this.inbox = inbox::invoke;
  }

  /** Unique in this process. */
  long id() {
    return id;
  }

  /** Lost when the session has ended. */
  void tell(SessionCommand command) {
    inbox.accept(command);
  }

  /** When the peer last asked for a block or was given one. */
  long lastAskedNanos() {
    return lastAskedNanos;
  }

  void asked(long nowNanos) {
    lastAskedNanos = nowNanos;
  }

  @Override
  public String toString() {
    return "session " + id;
  }
}
