package io.layercast.engine;

import akka.stream.stage.AsyncCallback;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Calls a stage from any thread, once for however many calls come before it has run: a stage that
 * is slow costs one message, not one for each event.
 */
final class WakeUp {
  private final AtomicBoolean due = new AtomicBoolean();
  private final AsyncCallback<WakeUp> callback;

  /** {@code callback} begins with {@link #taken}. */
  WakeUp(AsyncCallback<WakeUp> callback) {
    this.callback = callback;
  }

  void ring() {
    if (due.compareAndSet(false, true)) {
      callback.invoke(this);
    }
  }

  /** Events from now on ring again. */
  void taken() {
    due.set(false);
  }
}
