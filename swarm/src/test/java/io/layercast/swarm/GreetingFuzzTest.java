package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.layercast.engine.LayerTicket;
import io.layercast.swarm.wire.FrameReader;
import io.layercast.swarm.wire.Handshake;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerId;
import io.layercast.swarm.wire.WireException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Whatever a stranger says who knows the swarm's id and not its secret, no greeting gets done. */
class GreetingFuzzTest {
  private static final FakeSharedBlob BLOB = FakeSharedBlob.full(new byte[256 * 1024], 128 * 1024);
  private static final InetSocketAddress HERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6881);
  private static final Greeting.Self SELF =
      new Greeting.Self(PeerId.of(new byte[20]), 6881, 128 * 1024, 64, new byte[32]);
  private static final Handshake THEIRS =
      Handshake.ours(TestSwarm.ID, PeerId.of(TestSwarm.filled(20, 'x')));
  private static final LayerTicket TICKET = TestSwarm.ticket(BLOB, TestSwarm.SECRET, List.of(HERE));

  @FuzzTest
  void accepter(byte[] frames) throws WireException {
    Greeting greeting = Greeting.accepter(SELF, List.of(HERE));
    greeting.onHandshake(THEIRS);
    greeting.enter(swarm(), Optional.empty());
    hear(greeting, frames);
  }

  @FuzzTest
  void dialler(byte[] frames) throws WireException {
    Greeting greeting = Greeting.dialler(SELF, HERE);
    greeting.enter(swarm(), Optional.empty());
    greeting.onHandshake(THEIRS);
    hear(greeting, frames);
  }

  private static void hear(Greeting greeting, byte[] frames) throws WireException {
    FrameReader reader = new FrameReader(128 * 1024);
    reader.offer(THEIRS.encode().asByteBuffer());
    assertThat(reader.next()).isEqualTo(THEIRS);
    try {
      reader.offer(ByteBuffer.wrap(frames));
      for (Incoming next = reader.next(); next != null; next = reader.next()) {
        assertThat(greeting.onFrame(next).length()).isLessThan(1024);
        assertThat(greeting.isDone()).isFalse();
      }
    } catch (WireException _) {
      assertThat(greeting.isDone()).isFalse();
    }
  }

  @SuppressWarnings("NullAway") // nobody tells the actor of a greeting that is not done
  private static Swarm swarm() {
    return new Swarm(TICKET, BLOB, null, null);
  }
}
