package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.Digest;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmId;
import io.layercast.engine.Swarms;
import io.layercast.engine.Swarms.Traffic;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountedSwarmsTest {
  @TempDir Path folder;

  @Test
  void total_keepsTheBytesOfSwarmsThatWereLeftButNotTheirPeers() throws IOException {
    PieceLayout layout = PieceLayout.forSize(5);
    Digest digest = Digest.sha256Of(new byte[5]);
    LayerTicket ticket =
        new LayerTicket(
            digest,
            layout,
            0,
            SwarmId.of(new byte[20]),
            Secret.of("a secret of enough bytes".getBytes(StandardCharsets.US_ASCII)),
            List.of());
    AtomicReference<Traffic> traffic = new AtomicReference<>(new Traffic(1, 2, 3, 4, 5));
    CountedSwarms counted =
        new CountedSwarms((_, _) ->
            new Swarms.Member() {
              @Override
              public void leave() {
                traffic.set(new Traffic(10, 20, 30, 40, 5)); // the last bytes come with the end
              }

              @Override
              public void meet(List<InetSocketAddress> seeds) {
                throw new AssertionError("nobody asked for " + seeds);
              }

              @Override
              public Traffic traffic() {
                return Objects.requireNonNull(traffic.get());
              }
            });
    try (BlobStore store = BlobStore.open(folder);
        LiveBlob blob = LiveBlob.of(store.openOrCreate(digest, layout, 0), Runnable::run, false)) {
      Swarms.Member first = counted.join(blob, ticket);
      assertThat(counted.count()).isEqualTo(1);
      assertThat(counted.total()).isEqualTo(new Traffic(1, 2, 3, 4, 5));
      first.leave();
      first.leave();
      assertThat(counted.count()).isZero();
      assertThat(counted.total()).isEqualTo(new Traffic(10, 20, 30, 40, 0));
      traffic.set(new Traffic(1, 1, 1, 1, 1));
      counted.join(blob, ticket);
      assertThat(counted.total()).isEqualTo(new Traffic(11, 21, 31, 41, 1));
    }
  }
}
