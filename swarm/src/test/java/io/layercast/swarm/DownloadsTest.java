package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PieceBuffer;
import io.layercast.engine.PieceBuffers;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DownloadsTest {
  private static final int PIECE = 3;
  private static final int PIECE_BYTES = 256 * 1024;
  private static final int REQUEST_QUEUE = 512;

  private final List<PeerMessage.Request> requests = new ArrayList<>();
  private final List<Outcome> notFetched = new ArrayList<>();
  private final List<Integer> stored = new ArrayList<>();
  private final PieceBuffers buffers = new PieceBuffers(64 * 1024 * 1024);
  private final Downloads downloads =
      new Downloads(
          new RequestPipeline(
              SwarmSettings.from(ConfigFactory.load()).transfer(),
              RequestPipeline.STANDARD_BLOCK_BYTES),
          buffers,
          true,
          REQUEST_QUEUE,
          new Downloads.Exit() {
            @Override
            public void send(PeerMessage message) {}

            @Override
            public void request(List<PeerMessage.Request> batch) {
              requests.addAll(batch);
            }

            @Override
            public void store(int piece, PieceBuffer buffer, long nanos) {
              stored.add(piece);
              buffer.release();
            }

            @Override
            public void notFetched(int piece, Outcome outcome) {
              notFetched.add(outcome);
            }

            @Override
            public void wasted(int bytes) {}
          });

  @BeforeEach
  void unchoke() {
    downloads.unchoked(0);
  }

  @Test
  void rejectOfARequestOfBefore_isNotOneOfTheSameBlockAskedForAnew() throws WireException {
    List<PeerMessage.Request> first = fetch();
    downloads.giveUpAll(Outcome.STALLED);
    fetch();

    first.forEach(request -> downloads.rejected(reject(request), 0));

    assertThat(notFetched).containsExactly(Outcome.STALLED);
    answerAll();
    assertThat(stored).containsExactly(PIECE);
  }

  @Test
  void rejectOfWhatIsAskedForAnew_isOne() {
    List<PeerMessage.Request> first = fetch();
    downloads.giveUpAll(Outcome.STALLED);
    first.forEach(request -> downloads.rejected(reject(request), 0));

    downloads.rejected(reject(fetch().getFirst()), 0);

    assertThat(notFetched).containsExactly(Outcome.STALLED, Outcome.REFUSED);
    assertThat(buffers.lentBytes()).isZero();
  }

  /** The peer had sent it when the cancel came, and does not know of the request after it yet. */
  @Test
  void blockOfARequestOfBefore_isTheSameBlock_andItsSecondIsTolerated() throws WireException {
    List<PeerMessage.Request> first = fetch();
    downloads.giveUpAll(Outcome.STALLED);
    fetch();

    for (PeerMessage.Request request : first) {
      come(request);
    }
    answerAll();

    assertThat(stored).containsExactly(PIECE);
    assertThatThrownBy(() -> come(first.getFirst())).isInstanceOf(WireException.class);
  }

  @Test
  void rejectedOnes_areNotAlsoToleratedAsBlocks() {
    List<PeerMessage.Request> first = fetch();
    downloads.giveUpAll(Outcome.STALLED);
    first.forEach(request -> downloads.rejected(reject(request), 0));

    assertThatThrownBy(() -> come(first.getFirst())).isInstanceOf(WireException.class);
  }

  /** Else what may be asked for shrinks by a block each time, until nothing may. */
  @Test
  void pieceGivenUpWithinABlockAndAskedForAnew_leavesNothingOutstanding() throws WireException {
    for (int i = 0; i < 100; i++) {
      PeerMessage.Request cut = fetch().getFirst();
      downloads.onStart(new Incoming.Start(cut.piece(), cut.begin(), cut.lengthBytes()));
      downloads.onPart(ByteBuffer.allocate(cut.lengthBytes() / 2), 0);
      downloads.giveUpAll(Outcome.STALLED);
      fetch();
      downloads.onPart(ByteBuffer.allocate(cut.lengthBytes() / 2), 0);
      answerAll();
    }

    assertThat(stored).hasSize(100);
  }

  /** Else nobody would fetch it until this peer has a slot for us again. */
  @Test
  void pieceToBeFetchedFromWhoHasJustChoked_isFreeForOthers() {
    downloads.choked();

    downloads.fetch(PIECE, PIECE_BYTES, 0);

    assertThat(requests).isEmpty();
    assertThat(notFetched).containsExactly(Outcome.REFUSED);
  }

  /** Else nothing would be under way, and nothing be missed. */
  @Test
  void rejectThatEmptiesTheWire_hasTheNextPieceAskedFor() {
    List<PeerMessage.Request> first = fetch();
    downloads.fetch(PIECE + 1, PIECE_BYTES, 0);
    downloads.fetch(PIECE + 2, 8 * PIECE_BYTES, 0);
    downloads.fetch(PIECE + 3, 8 * PIECE_BYTES, 0);
    requests.clear();

    first.forEach(request -> downloads.rejected(reject(request), 0));

    assertThat(requests).isNotEmpty();
  }

  @Test
  void pieceThatMayBeFinishedInSpiteOfAChoke_isAskedFor() {
    downloads.allowedFast(PIECE, 0);
    downloads.choked();

    assertThat(fetch()).isNotEmpty();
  }

  /** What was asked for of the piece. */
  private List<PeerMessage.Request> fetch() {
    requests.clear();
    downloads.fetch(PIECE, PIECE_BYTES, 0);
    assertThat(requests).isNotEmpty();
    return List.copyOf(requests);
  }

  /** All that was asked for since {@link #fetch}, and what is asked for meanwhile. */
  private void answerAll() throws WireException {
    while (!requests.isEmpty()) {
      come(requests.removeFirst());
    }
  }

  private void come(PeerMessage.Request request) throws WireException {
    downloads.onStart(new Incoming.Start(request.piece(), request.begin(), request.lengthBytes()));
    downloads.onPart(ByteBuffer.allocate(request.lengthBytes()), 0);
  }

  private static PeerMessage.Reject reject(PeerMessage.Request request) {
    return new PeerMessage.Reject(request.piece(), request.begin(), request.lengthBytes());
  }
}
