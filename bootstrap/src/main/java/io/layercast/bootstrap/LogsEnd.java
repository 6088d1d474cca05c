package io.layercast.bootstrap;

import ch.qos.logback.core.hook.ShutdownHookBase;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Writes out what was logged and ends logging when the process exits: after its node has ended, for
 * that is told of too. Logback makes it, as logback.xml says.
 */
public final class LogsEnd extends ShutdownHookBase {
  /** Longer than any pod is given to end in. */
  private static final long LIMIT_SECONDS = 120;

  private static volatile CompletionStage<?> nodeEnded = CompletableFuture.completedStage(null);

  /** Has logging go on until {@code ended}. */
  static void after(CompletionStage<?> ended) {
    nodeEnded = ended;
  }

  @Override
  public void run() {
    nodeEnded
        .toCompletableFuture()
        .handle((_, _) -> true)
        .completeOnTimeout(false, LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
    stop();
  }
}
