package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteWindowTest {
  private static final ActorTestKit KIT = ActorTestKit.create("byte-window");

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 12, abcdefghijkl",
    "0, 2, 7, cdefg",
    "0, 3, 6, def",
    "0, 11, 12, l",
    "0, 4, 4, ''",
    "5, 7, 9, cd",
    "5, 5, 99, abcdefghijkl"
  })
  void of_cutsTheWindowOut(long sentFrom, long from, long to, String expected) throws Exception {
    Source<ByteString, ?> body = body("abc", "def", "", "ghijkl");

    assertThat(cut(body, sentFrom, from, OptionalLong.of(to))).isEqualTo(expected);
  }

  @Test
  void of_withoutAnEnd_goesOnToTheBodys() throws Exception {
    assertThat(cut(body("abc", "def"), 0, 2, OptionalLong.empty())).isEqualTo("cdef");
  }

  /** As an origin that ignores Range sends one. */
  @Test
  void bodyThatGoesOn_isCutOff() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    Source<ByteString, ?> endless =
        Source.repeat(ByteString.fromString("abc"))
            .watchTermination((_, end) -> end.thenRun(() -> cancelled.complete(null)));

    assertThat(cut(endless, 0, 2, OptionalLong.of(7))).isEqualTo("cabca");

    cancelled.get(30, TimeUnit.SECONDS);
  }

  /** A body that is broken off costs its connection. */
  @Test
  void bodyThatEndsWithTheWindow_isLeftToEnd() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Source<ByteString, ?> body =
        body("abc")
            .concatLazy(
                Source.lazySource(() -> {
                  ended.complete(null);
                  return Source.<ByteString>empty();
                }));

    assertThat(cut(body, 0, 1, OptionalLong.of(3))).isEqualTo("bc");

    assertThat(ended).isDone();
  }

  private static Source<ByteString, ?> body(String... chunks) {
    return Source.from(List.of(chunks)).map(ByteString::fromString);
  }

  private static String cut(Source<ByteString, ?> body, long sentFrom, long from, OptionalLong to)
      throws Exception {
    return body.via(ByteWindow.of(sentFrom, from, to))
        .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), KIT.system())
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS)
        .utf8String();
  }
}
