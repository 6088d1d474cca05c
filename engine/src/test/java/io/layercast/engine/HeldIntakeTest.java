package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a proxy that begins anew believes of the pieces that others say they hold. */
class HeldIntakeTest {
  private static final byte[] CONTENT = Blobs.content(1_000_000);
  private static final PieceLayout LAYOUT = PieceLayout.forSize(CONTENT.length);
  private static final Digest DIGEST = Digest.sha256Of(CONTENT);

  @TempDir Path folder;
  private BlobStore store;
  private LiveBlob blob;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(folder);
    blob = LiveBlob.of(store.openOrCreate(DIGEST, LAYOUT, 1), Runnable::run, false);
  }

  @AfterEach
  void close() throws IOException {
    blob.close();
    store.close();
  }

  private static LayerNews.PieceKnown genuine(int generation, int piece) {
    return new LayerNews.PieceKnown(
        generation, piece, Blobs.proof(CONTENT, LAYOUT, generation, piece));
  }

  private HeldIntake.Outcome take(int generation, LayerNews.PieceKnown... pieces) {
    return HeldIntake.take(blob, new HeldPieces(generation, List.of(pieces)), Blobs.KEYS);
  }

  private void assertRefused(HeldIntake.Outcome outcome) {
    assertThat(outcome).isInstanceOf(HeldIntake.Refused.class);
    assertThat(blob.knownCount()).isZero();
    assertThat(blob.heldElsewhere().isEmpty()).isTrue();
  }

  @Test
  void take_ofGenuinePieces_makesThemExpectedAndHeldElsewhere() {
    assertThat(take(1, genuine(1, 0), genuine(1, 2))).isEqualTo(new HeldIntake.Taken(2));
    assertThat(blob.expected(2)).contains(genuine(1, 2).proof().hash());
    assertThat(blob.heldElsewhere().stream()).containsExactly(0, 2);
    assertThat(blob.have().isEmpty()).isTrue();
    assertThat(take(1, genuine(1, 2), genuine(1, 3))).isEqualTo(new HeldIntake.Taken(1));
    assertThat(Blobs.store(blob, CONTENT, 2)).isEqualTo(SharedBlob.Stored.STORED);
    assertThat(blob.heldElsewhere().stream()).containsExactly(0, 3);
    assertThat(blob.held()).isEqualTo(new HeldPieces(1, List.of(genuine(1, 2))));
  }

  @Test
  void take_ofAFalseHash_refusesEverything() {
    PieceProof right = Blobs.proof(CONTENT, LAYOUT, 1, 2);
    PieceProof forged = new PieceProof(PieceHash.of(new byte[PieceHash.BYTES]), right.mac());
    assertRefused(take(1, genuine(1, 0), new LayerNews.PieceKnown(1, 2, forged)));
  }

  @Test
  void take_ofAMacUnderAnotherKey_refusesEverything() {
    SwarmKeys other =
        new SwarmKeys(
            Secret.of("another cluster's key of 32 byte".getBytes(StandardCharsets.US_ASCII)));
    PieceHash hash = genuine(1, 0).proof().hash();
    assertRefused(take(1, new LayerNews.PieceKnown(1, 0, other.proof(DIGEST, 1, 0, hash))));
  }

  @Test
  void take_ofAnotherPiecesProof_refusesEverything() {
    assertRefused(take(1, new LayerNews.PieceKnown(1, 3, genuine(1, 0).proof())));
  }

  @Test
  void take_ofAnotherDigestsProofs_refusesEverything() {
    byte[] other = Blobs.content(1_000_001);
    PieceProof proof = Blobs.proof(other, PieceLayout.forSize(other.length), 1, 0);
    assertRefused(take(1, new LayerNews.PieceKnown(1, 0, proof)));
  }

  @Test
  void take_ofAnotherGeneration_refusesEverything() {
    assertRefused(take(0, genuine(0, 0)));
    assertRefused(take(1, new LayerNews.PieceKnown(1, 0, genuine(0, 0).proof())));
  }

  @Test
  void take_ofAPieceBeyondTheBlob_refusesEverything() {
    int beyond = LAYOUT.pieceCount();
    PieceHash hash = genuine(1, 0).proof().hash();
    assertRefused(
        take(1, new LayerNews.PieceKnown(1, beyond, Blobs.KEYS.proof(DIGEST, 1, beyond, hash))));
  }

  @Test
  void take_ofAnotherHashThanKnown_keepsTheKnownOne() {
    List<Integer> lost = new ArrayList<>();
    blob.learn(0, genuine(1, 0).proof());
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.STORED);
    blob.subscribe(
        new SharedBlob.Listener() {
          @Override
          public void onLost(int piece) {
            lost.add(piece);
          }
        });
    PieceHash other = PieceHash.of(new byte[PieceHash.BYTES]);
    PieceProof contradicting = Blobs.KEYS.proof(DIGEST, 1, 0, other);
    assertThat(take(1, new LayerNews.PieceKnown(1, 0, contradicting)))
        .isEqualTo(new HeldIntake.Taken(0));
    assertThat(blob.has(0)).isTrue();
    assertThat(lost).isEmpty();
  }
}
