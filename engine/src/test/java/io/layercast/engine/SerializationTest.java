package io.layercast.engine;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.SerializationTestKit;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Every message that may cross the cluster comes back as it went. */
class SerializationTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "SerializationTest",
          ConfigFactory.parseString("akka.actor.provider = local")
              .withFallback(ConfigFactory.load()));
  private static final Digest DIGEST = Digest.sha256Of(new byte[3]);
  private static final LayerNews.PieceKnown HELD =
      new LayerNews.PieceKnown(
          1, 7, Blobs.KEYS.proof(DIGEST, 1, 7, PieceHash.of(new byte[PieceHash.BYTES])));
  private final SerializationTestKit cbor = KIT.serializationTestKit();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void layerBlob_messagesAreRoundTripped() {
    var answers = KIT.<LayerBlob.Answer>createTestProbe().ref();
    verify(
        new LayerBlob.Open("a", Blobs.ALICE, OptionalLong.of(5), true, Optional.of(HELD), answers));
    verify(
        new LayerBlob.Open(
            "b",
            new OriginAccess(new RepositoryName("a/b"), Credential.NONE),
            OptionalLong.empty(),
            false,
            Optional.empty(),
            answers));
    verify(new LayerBlob.Held("127.0.0.1:5005"));
    verify(new LayerBlob.NeedsConsent());
    verify(new LayerBlob.Refused(new Refusal(429, List.of("Bearer x"), "{}", 7)));
    verify(new LayerBlob.Unavailable("why"));
    verify(new LayerBlob.Relayed(OptionalLong.of(7)));
    verify(new LayerBlob.Relayed(OptionalLong.empty()));
  }

  @Test
  void holders_messagesAreRoundTripped() {
    var holder = KIT.<Holders.Command>createTestProbe().ref();
    verify(new Holders.DoYouHold(DIGEST, KIT.<Holders.Holding>createTestProbe().ref()));
    verify(new Holders.WhichPieces(DIGEST, 2, KIT.<Holders.Told>createTestProbe().ref()));
    verify(new Holders.Holding(Holders.Extent.PART, 1, "127.0.0.1:5005", holder));
    verify(new Holders.Told(List.of(HELD), true));
    verify(new Holders.Told(List.of(), false));
  }

  private void verify(CborSerializable message) {
    cbor.verifySerialization(message, true);
  }
}
