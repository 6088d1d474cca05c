package io.layercast.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;

/** Whatever comes in, the parsers say {@link WireException} or give something that can be sent. */
class WireFuzzTest {
  private static final int MAX_BLOCK = 1024;

  @FuzzTest(maxDuration = "30s")
  void frames(FuzzedDataProvider data) {
    FrameReader reader = new FrameReader(MAX_BLOCK);
    Handshake hello = Handshake.ours(SwarmId.of(new byte[20]), PeerId.of(new byte[20]));
    try {
      reader.offer(hello.encode().asByteBuffer());
      assertThat(reader.next()).isEqualTo(hello);
      assertThat(reader.next()).isNull();
      int block = 0;
      while (data.remainingBytes() > 0) {
        reader.offer(ByteBuffer.wrap(data.consumeBytes(data.consumeInt(0, 200))));
        for (Incoming next = reader.next(); next != null; next = reader.next()) {
          block = check(next, block);
        }
      }
    } catch (WireException _) {
      return; // as it should
    }
  }

  private static int check(Incoming next, int block) {
    return switch (next) {
      case Incoming.Start start -> {
        assertThat(block).isZero();
        assertThat(start.lengthBytes()).isBetween(1, MAX_BLOCK);
        assertThat(start.piece()).isNotNegative();
        yield start.lengthBytes();
      }
      case Incoming.Part part -> {
        assertThat(part.bytes().remaining()).isBetween(1, block);
        yield block - part.bytes().remaining();
      }
      case PeerMessage message -> {
        assertThat(block).isZero();
        assertThat(PeerMessage.encode(message).length())
            .isLessThanOrEqualTo(4 + PeerMessage.MAX_BYTES);
        yield 0;
      }
      case Handshake _ -> throw new AssertionError("a second handshake");
    };
  }

  @FuzzTest(maxDuration = "30s")
  void handshake(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      Handshake handshake = Handshake.decode(bytes);
      assertThat(Handshake.decode(handshake.encode().toArray())).isEqualTo(handshake);
    } catch (WireException _) {
      return; // as it should
    }
  }

  @FuzzTest(maxDuration = "30s")
  void extensionHandshake(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      ExtensionHandshake handshake = ExtensionHandshake.decode(bytes);
      assertThat(ExtensionHandshake.decode(handshake.encode())).isEqualTo(handshake);
    } catch (WireException _) {
      return; // as it should
    }
  }

  @FuzzTest(maxDuration = "30s")
  void metainfo(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      Metainfo metainfo = Metainfo.decode(bytes);
      assertThat(Metainfo.decode(metainfo.encode())).isEqualTo(metainfo);
    } catch (WireException _) {
      return; // as it should
    }
  }
}
