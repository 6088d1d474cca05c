package io.layercast.swarm;

import akka.stream.stage.AsyncCallback;
import io.layercast.engine.PieceSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A running {@link PeerSession} as others see it: a way to tell it something. Thread-safe. */
final class Session extends Link {
  private static final AtomicLong NEXT_ID = new AtomicLong();

  private final long id = NEXT_ID.getAndIncrement();
  private final Consumer<SessionCommand> inbox;
  private volatile long lastAskedNanos = System.nanoTime();
  private volatile boolean owes;

  Session(AsyncCallback<SessionCommand> inbox) {
    this.inbox = inbox::invoke;
  }

  /** Unique in this process. */
  @Override
  public long id() {
    return id;
  }

  /** Lost when the session has ended. */
  void tell(SessionCommand command) {
    inbox.accept(command);
  }

  @Override
  public long lastAskedNanos() {
    return lastAskedNanos;
  }

  /**
   * The peer asked for a block or one has passed the upload limit.
   *
   * @param stillOwed whether blocks it asked for have still to do so
   */
  void asked(long nowNanos, boolean stillOwed) {
    lastAskedNanos = nowNanos;
    owes = stillOwed;
  }

  /** Whether the peer waits for blocks it asked for. */
  boolean owes() {
    return owes;
  }

  @Override
  public void start(PieceSet have) {
    tell(new SessionCommand.Start(have));
  }

  @Override
  public void haves(int[] pieces) {
    tell(new SessionCommand.Haves(pieces));
  }

  @Override
  public void interest(boolean interested) {
    tell(new SessionCommand.Interest(interested));
  }

  @Override
  public void fetch(int piece, long stallNanos) {
    tell(new SessionCommand.Fetch(piece, stallNanos));
  }

  @Override
  public void abandon(int piece) {
    tell(new SessionCommand.Abandon(piece));
  }

  @Override
  public void close(String cause) {
    tell(new SessionCommand.Close(cause));
  }

  @Override
  public String toString() {
    return "session " + id;
  }
}
