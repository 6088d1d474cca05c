package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DigestGuardTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "DigestGuardTest", ConfigFactory.parseString("akka.actor.provider = local"));

  @AfterAll
  static void shutdown() {
    KIT.shutdownTestKit();
  }

  private static Digest digestOf(String text) {
    return Digest.sha256Of(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static CompletionStage<String> pass(Digest digest, Queue<String> seen, String... parts) {
    return Source.from(List.of(parts))
        .map(ByteString::fromString)
        .via(DigestGuard.of(digest))
        .map(ByteString::utf8String)
        .alsoTo(Sink.foreach(seen::add))
        .runFold("", String::concat, KIT.system());
  }

  @Test
  void rightBody_passesWhole() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    String passed = pass(digestOf("abc"), seen, "ab", "c").toCompletableFuture().join();
    assertThat(passed).isEqualTo("abc");
  }

  @Test
  void wrongBody_failsAndKeepsItsLastPart() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    var passed = pass(digestOf("abX"), seen, "a", "b", "c").toCompletableFuture();
    assertThatThrownBy(passed::join).hasRootCauseInstanceOf(BlobRejectedException.class);
    assertThat(new ArrayList<>(seen)).doesNotContain("c");
  }

  @Test
  void emptyBody_isHashedToo() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    assertThat(pass(digestOf(""), seen).toCompletableFuture().join()).isEmpty();
    assertThatThrownBy(pass(digestOf("a"), seen).toCompletableFuture()::join)
        .hasRootCauseInstanceOf(BlobRejectedException.class);
  }
}
