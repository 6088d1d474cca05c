package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import akka.NotUsed;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.javadsl.Source;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class RestOfNewsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  /** Beyond the verdict too: a stream that is cut costs its connection. */
  @Test
  void newsThatEnd_areReadToTheirEnd() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    Source<LayerNews, NotUsed> news =
        Source.<LayerNews>from(Collections.nCopies(100, new LayerNews.Sealed(0)))
            .map(item -> {
              taken.incrementAndGet();
              return item;
            });
    assertThat(isSealed(news)).isTrue();
    assertThat(taken).hasValue(100);
  }

  @Test
  void newsThatGoOn_areCut() throws Exception {
    CompletableFuture<Done> cut = new CompletableFuture<>();
    Source<LayerNews, NotUsed> news =
        Source.<LayerNews>never()
            .watchTermination((used, end) -> {
              end.thenAccept(cut::complete);
              return used;
            });
    assertThat(isSealed(news)).isFalse();
    assertThat(cut.get(5, TimeUnit.SECONDS)).isEqualTo(Done.getInstance());
  }

  @Test
  void newsThatBreak_sayNothing() throws Exception {
    assertThat(isSealed(Source.failed(new IOException("proxy gone")))).isFalse();
  }

  private static boolean isSealed(Source<LayerNews, NotUsed> news) throws Exception {
    return RestOfNews.sayItIsSealed(news, KIT.system())
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }
}
