package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.HeldPieces;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceProof;
import io.layercast.engine.RepositoryName;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent tells a proxy that has begun a blob anew, and what others try to tell it. */
class HeldOfferTest {
  private static final PieceHash HASH = PieceHash.of(new byte[PieceHash.BYTES]);
  private static final OriginAccess ANYBODY =
      new OriginAccess(new RepositoryName("team/app"), Credential.NONE);
  private static Installation installation;

  @BeforeAll
  static void start(@TempDir Path folder) {
    installation = new Installation(folder);
  }

  @AfterAll
  static void stop() {
    installation.close();
  }

  private static LiveBlob begun(int seed) {
    return begun(installation, seed);
  }

  private static LiveBlob begun(Installation where, int seed) {
    byte[] bytes = new byte[600_000];
    new Random(seed).nextBytes(bytes);
    where.origin.putBlob("team/app", bytes);
    return where.layers.begin(Digest.sha256Of(bytes), bytes.length);
  }

  private static LayerNews.PieceKnown genuine(Digest digest, int generation, int piece) {
    return new LayerNews.PieceKnown(
        generation, piece, FakeLayers.KEYS.proof(digest, generation, piece, HASH));
  }

  private static HttpResponse<byte[]> post(LiveBlob about, byte[] body) {
    return installation.post(
        installation.proxy,
        "/layercast/v1/blobs/" + about.digest() + "/held?repository=team/app",
        body);
  }

  private static HttpResponse<byte[]> post(LiveBlob about, LayerNews.PieceKnown... pieces) {
    return post(about, new HeldPieces(pieces[0].generation(), List.of(pieces)).encode());
  }

  private static void assertRefused(int status, HttpResponse<byte[]> answer, LiveBlob blob) {
    assertThat(answer.statusCode()).isEqualTo(status);
    for (int piece = 0; piece < blob.layout().pieceCount(); piece++) {
      assertThat(blob.expected(piece)).isEmpty();
    }
  }

  @Test
  void offer_ofGenuinePieces_isTaken() {
    LiveBlob blob = begun(1);
    Digest digest = blob.digest();
    HeldPieces held = new HeldPieces(0, List.of(genuine(digest, 0, 1), genuine(digest, 0, 3)));
    installation.proxies.offer(ANYBODY, digest, held).toCompletableFuture().join();
    assertThat(blob.expected(1)).contains(HASH);
    assertThat(blob.expected(3)).contains(HASH);
    assertThat(blob.expected(0)).isEmpty();
  }

  @Test
  void offer_toAProxyThatDoesNotHandleIt_goesToTheOneThatDoes(@TempDir Path folder) {
    try (Installation owner = new Installation(folder)) {
      LiveBlob blob = begun(owner, 2);
      Digest digest = blob.digest();
      begun(2);
      installation.layers.moveTo(digest, owner.proxy.getAuthority());
      HeldPieces held = new HeldPieces(0, List.of(genuine(digest, 0, 2)));
      installation.proxies.offer(ANYBODY, digest, held).toCompletableFuture().join();
      assertThat(blob.expected(2)).contains(HASH);
    }
  }

  @Test
  void offer_ofAFalseHash_isRefused() {
    LiveBlob blob = begun(3);
    PieceProof forged = new PieceProof(HASH, new byte[PieceProof.MAC_BYTES]);
    assertRefused(
        409,
        post(blob, genuine(blob.digest(), 0, 0), new LayerNews.PieceKnown(0, 1, forged)),
        blob);
    HeldPieces held = new HeldPieces(0, List.of(new LayerNews.PieceKnown(0, 1, forged)));
    assertThatThrownBy(() ->
            installation.proxies.offer(ANYBODY, blob.digest(), held).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("409");
  }

  @Test
  void offer_ofAnotherDigestsPieces_isRefused() {
    LiveBlob blob = begun(4);
    assertRefused(409, post(blob, genuine(Digest.sha256Of(new byte[4]), 0, 0)), blob);
  }

  @Test
  void offer_ofAnotherGeneration_isRefused() {
    LiveBlob blob = begun(5);
    assertRefused(409, post(blob, genuine(blob.digest(), 1, 0)), blob);
  }

  @Test
  void offer_ofMoreThanTheBlobHas_isRefused() {
    LiveBlob blob = begun(6);
    int tooLong = (int) HeldPieces.maxBytes(blob.layout().pieceCount()) + 1;
    assertRefused(413, post(blob, new byte[tooLong]), blob);
    assertRefused(400, post(blob, new byte[50]), blob);
  }

  @Test
  void offer_withoutTheOriginsConsent_isNotRead() {
    LiveBlob blob = begun(7);
    installation.origin.login = FakeRegistry.Login.BASIC;
    try {
      assertRefused(401, post(blob, genuine(blob.digest(), 0, 0)), blob);
    } finally {
      installation.origin.login = FakeRegistry.Login.OPEN;
    }
  }

  @Test
  void offer_isAPost() {
    LiveBlob blob = begun(8);
    String path = "/layercast/v1/blobs/" + blob.digest();
    String repository = "?repository=team/app";
    assertThat(installation.get(installation.proxy, path + "/held" + repository).statusCode())
        .isEqualTo(405);
    assertThat(
            installation
                .post(installation.proxy, path + "/metainfo" + repository, new byte[0])
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void open_bringsOnePieceOfTheCallersNode() {
    LiveBlob blob = begun(9);
    LayerNews.PieceKnown held = genuine(blob.digest(), 4, 70_000);
    var _ =
        installation
            .proxies
            .open(ANYBODY, blob.digest(), Optional.of(held))
            .toCompletableFuture()
            .join();
    assertThat(installation.layers.heldAtOpen(blob.digest())).contains(held);
  }

  @Test
  void header_ofAnythingElse_isNoPiece() {
    for (String header : List.of("", "zz".repeat(56), "00".repeat(55), "ff".repeat(56))) {
      assertThat(HeldDesk.parse(header)).isEmpty();
    }
  }
}
