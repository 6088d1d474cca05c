package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies in one cluster, over loopback; whichever runs the actor, callers find the bytes. */
class TwoProxiesTest {
  private static final OriginOfAll ORIGIN = new OriginOfAll();

  @TempDir private static Path folder;
  private static ProxyFixture first;
  private static ProxyFixture second;

  @BeforeAll
  static void start() throws IOException {
    first = new ProxyFixture("first", folder, ORIGIN, new FakeSwarms(), "");
    second = new ProxyFixture("second", folder, ORIGIN, new FakeSwarms(), "");
    ProxyFixture.join(first, second);
  }

  @AfterAll
  static void stop() throws IOException {
    second.close();
    first.close();
  }

  @Test
  void open_onBothProxies_ingestsOnOneAndSendsTheOtherThere() throws Exception {
    for (int i = 0; i < 4; i++) { // digests that shard to either
      byte[] content = Blobs.content(600_000 + i);
      FakeOriginBlobs origin = ORIGIN.with(content);
      ProxyLayers.Opened here = first.open(content, false);
      ProxyLayers.Opened there = second.open(content, true);
      boolean onFirst = here instanceof ProxyLayers.Here;
      ProxyFixture owner = onFirst ? first : second;
      assertThat(onFirst ? there : here).isEqualTo(new ProxyLayers.Elsewhere(owner.address));
      assertThat(onFirst ? here : there).isInstanceOf(ProxyLayers.Here.class);
      assertThat(second.open(content, false))
          .isInstanceOfAny(ProxyLayers.NeedsConsent.class, ProxyLayers.Elsewhere.class);
      assertThat(origin.sentBytes()).isLessThanOrEqualTo(content.length);
    }
  }

  @Test
  void open_ofABlobThatAnotherProxyHolds_asksNoOrigin() throws Exception {
    for (int i = 0; i < 4; i++) {
      byte[] content = Blobs.content(500_000 + i);
      FakeOriginBlobs origin = ORIGIN.with(content);
      LiveBlob blob =
          second
              .blobs
              .host(
                  Blobs.TICKETS.of(
                      Digest.sha256Of(content), PieceLayout.forSize(content.length), 0),
                  false)
              .blob();
      Blobs.learnAll(blob, content);
      for (int piece = 0; piece < blob.layout().pieceCount(); piece++) {
        Blobs.store(blob, content, piece);
      }
      blob.seal();
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(first.open(content, true))
                  .isEqualTo(new ProxyLayers.Elsewhere(second.address)));
      assertThat(first.open(content, false)).isInstanceOf(ProxyLayers.NeedsConsent.class);
      assertThat(origin.asked()).isEmpty();
    }
  }
}
