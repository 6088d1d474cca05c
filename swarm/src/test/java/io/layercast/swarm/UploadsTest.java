package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UploadsTest {
  private static final int KIB = 1024;
  private static final int BLOCK_BYTES = 128 * KIB;
  private static final int PIECE_BYTES = 8 * BLOCK_BYTES;

  private final List<List<PeerMessage.Request>> reads = new ArrayList<>();
  private final List<PeerMessage> sent = new ArrayList<>();
  private int served;
  private boolean hasMemory = true;

  private final Uploads.Exit exit =
      new Uploads.Exit() {
        @Override
        public void send(PeerMessage message) {
          sent.add(message);
        }

        @Override
        public boolean read(List<PeerMessage.Request> run) {
          return hasMemory && reads.add(run);
        }

        @Override
        public void served() {
          served++;
        }
      };

  @Test
  void blocksThatFollowOneAnother_areReadInOneGo() throws WireException {
    Uploads uploads = ahead(4);
    for (int block = 0; block < 6; block++) {
      uploads.request(block(0, block));
    }
    // The first was read before the others were asked for.
    assertThat(reads)
        .containsExactly(List.of(block(0, 0)), List.of(block(0, 1)), List.of(block(0, 2)));

    answer(uploads, 0);
    answer(uploads, 1);
    uploads.poll();
    uploads.poll();

    assertThat(reads.get(3)).containsExactly(block(0, 3), block(0, 4));
  }

  @Test
  void aRun_endsWithItsPiece() throws WireException {
    Uploads uploads = ahead(4);
    for (int block = 4; block < 8; block++) {
      uploads.request(block(0, block));
    }
    uploads.request(block(1, 0));
    for (int read = 0; read < 4; read++) {
      answer(uploads, read);
      uploads.poll();
    }

    assertThat(reads.subList(3, 5)).containsExactly(List.of(block(0, 7)), List.of(block(1, 0)));
    assertThat(served).isEqualTo(1);
  }

  @Test
  void aRunThatCannotBeRead_isRejectedBlockByBlock() throws WireException {
    Uploads uploads = ahead(4);
    for (int block = 0; block < 5; block++) {
      uploads.request(block(0, block));
    }
    answer(uploads, 0);
    uploads.poll();
    answer(uploads, 1);
    uploads.poll();
    List<PeerMessage.Request> run = reads.getLast();
    sent.clear();

    uploads.onRead(run, List.of());

    assertThat(run).hasSize(2);
    assertThat(sent)
        .containsExactly(
            new PeerMessage.Reject(0, run.get(0).begin(), BLOCK_BYTES),
            new PeerMessage.Reject(0, run.get(1).begin(), BLOCK_BYTES));
  }

  @Test
  void withoutMemory_requestsWaitInTheirOrder() throws WireException {
    Uploads uploads = ahead(4);
    hasMemory = false;
    for (int block = 0; block < 3; block++) {
      uploads.request(block(0, block));
    }
    assertThat(reads).isEmpty();
    assertThat(uploads.owes()).isTrue();

    hasMemory = true;
    uploads.pump();
    assertThat(reads).containsExactly(List.of(block(0, 0), block(0, 1)), List.of(block(0, 2)));
  }

  private void answer(Uploads uploads, int read) {
    List<PeerMessage.Request> run = reads.get(read);
    uploads.onRead(
        run,
        run.stream()
            .map(request -> new Outgoing(List.of(), request.lengthBytes(), List.of()))
            .toList());
  }

  private static PeerMessage.Request block(int piece, int block) {
    return new PeerMessage.Request(piece, block * BLOCK_BYTES, BLOCK_BYTES);
  }

  private Uploads ahead(int blocks) {
    var config =
        ConfigFactory.parseString("layercast.swarm.upload-ahead = " + blocks)
            .withFallback(ConfigFactory.load());
    FakeSharedBlob blob = FakeSharedBlob.full(new byte[2 * PIECE_BYTES], PIECE_BYTES).seal();
    Uploads uploads =
        new Uploads(blob, SwarmSettings.from(config).transfer(), false, true, BLOCK_BYTES, exit);
    uploads.unchoke();
    return uploads;
  }
}
