package io.layercast.engine;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Something that blocks on the disk or hashes. */
@FunctionalInterface
interface DiskDeed<T> {
  T run() throws IOException;

  /** Runs {@code deed} on {@code disk}; the stage fails with what it throws. */
  static <T> CompletionStage<T> on(Executor disk, DiskDeed<T> deed) {
    CompletableFuture<T> done = new CompletableFuture<>();
    disk.execute(() -> {
      try {
        done.complete(deed.run());
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }
}
