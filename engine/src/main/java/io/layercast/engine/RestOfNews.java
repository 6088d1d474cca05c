package io.layercast.engine;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * The news of a blob that is whole here tell nothing new but whether the proxy has it whole too.
 * Cut, they would take their connection with them, and every read of a cached layer a new one.
 */
final class RestOfNews {
  /**
   * A proxy that has the blob says so at once; one that is fetching it keeps the news open. Well
   * within {@code ingest.take-over-grace}, in which it wants to know what others hold.
   */
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private RestOfNews() {}

  /** Reads them to their end, or for a moment; whether the blob was said to be sealed. */
  static CompletionStage<Boolean> sayItIsSealed(
      Source<LayerNews, NotUsed> news, ActorSystem<?> system) {
    return news.takeWithin(PATIENCE)
        .map(LayerNews.Sealed.class::isInstance)
        .runWith(Sink.fold(false, Boolean::logicalOr), system)
        .exceptionally(_ -> false); // the proxy cannot be heard: then it does not have it
  }
}
