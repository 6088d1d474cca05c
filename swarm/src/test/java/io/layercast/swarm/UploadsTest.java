package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UploadsTest {
  private static final int BLOCK_BYTES = 128 * 1024;
  private static final int PIECE_BYTES = 8 * BLOCK_BYTES;

  private final List<PeerMessage> sent = new ArrayList<>();
  private int served;
  private final Uploads uploads =
      new Uploads(
          FakeSharedBlob.full(new byte[2 * PIECE_BYTES], PIECE_BYTES).seal(),
          SwarmSettings.from(ConfigFactory.load()).transfer(),
          false,
          true,
          BLOCK_BYTES,
          new Uploads.Exit() {
            @Override
            public void send(PeerMessage message) {
              sent.add(message);
            }

            @Override
            public void served() {
              served++;
            }
          });

  @BeforeEach
  void unchoke() {
    uploads.unchoke();
    sent.clear();
  }

  @Test
  void whatGoesOutInOneGo_isWhatWasAskedForFirst_andBounded() throws WireException {
    for (int block = 0; block < 6; block++) {
      uploads.request(block(0, block));
    }

    assertThat(uploads.take(2 * BLOCK_BYTES)).containsExactly(block(0, 0), block(0, 1));
    assertThat(uploads.take(BLOCK_BYTES - 1)).containsExactly(block(0, 2));
    assertThat(uploads.owes()).isTrue();
    assertThat(uploads.take(PIECE_BYTES)).hasSize(3);
    assertThat(uploads.owes()).isFalse();
    assertThat(uploads.take(PIECE_BYTES)).isEmpty();
  }

  @Test
  void aPiece_isServedWithItsLastBlock() throws WireException {
    for (int block = 6; block < 8; block++) {
      uploads.request(block(0, block));
    }
    uploads.request(block(1, 0));

    uploads.take(BLOCK_BYTES);
    assertThat(served).isZero();
    uploads.take(PIECE_BYTES);
    assertThat(served).isEqualTo(1);
  }

  @Test
  void whatTheDiskDoesNotGive_isRejectedBlockByBlock() throws WireException {
    uploads.request(block(0, 0));
    uploads.request(block(0, 1));

    uploads.unreadable(uploads.take(PIECE_BYTES));

    assertThat(sent)
        .containsExactly(
            new PeerMessage.Reject(0, 0, BLOCK_BYTES),
            new PeerMessage.Reject(0, BLOCK_BYTES, BLOCK_BYTES));
  }

  @Test
  void whatIsTakenBack_isRejectedAndDoesNotGoOut() throws WireException {
    uploads.request(block(0, 0));
    uploads.request(block(0, 1));

    uploads.cancel(new PeerMessage.Cancel(0, 0, BLOCK_BYTES));

    assertThat(sent).containsExactly(new PeerMessage.Reject(0, 0, BLOCK_BYTES));
    assertThat(uploads.take(PIECE_BYTES)).containsExactly(block(0, 1));
  }

  private static PeerMessage.Request block(int piece, int block) {
    return new PeerMessage.Request(piece, block * BLOCK_BYTES, BLOCK_BYTES);
  }
}
