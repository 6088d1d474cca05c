package io.layercast.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Bytes written by hand from BEP 3, 6 and 10. */
class FrameReaderTest {
  private static final String PROTOCOL = "13426974546f7272656e742070726f746f636f6c";
  private static final String HASH = "000102030405060708090a0b0c0d0e0f10111213";
  private static final String PEER = "2d4c43303130302d6162636465666768696a6b6c";
  private static final String HELLO = PROTOCOL + "0000000000100004" + HASH + PEER;
  private static final int MAX_BLOCK = 64;

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** Everything in {@code text}, fed {@code step} bytes at a time. */
  private static List<Incoming> read(String text, int step) throws WireException {
    FrameReader reader = new FrameReader(MAX_BLOCK);
    List<Incoming> all = new ArrayList<>();
    byte[] bytes = hex(text);
    for (int at = 0; at < bytes.length; at += step) {
      int length = Math.min(step, bytes.length - at);
      reader.offer(ByteBuffer.wrap(bytes, at, length));
      for (Incoming next = reader.next(); next != null; next = reader.next()) {
        all.add(next);
      }
    }
    return all;
  }

  private static List<Incoming> frames(String text) throws WireException {
    List<Incoming> all = read(HELLO + text, 1000);
    return all.subList(1, all.size());
  }

  @Test
  void handshake_isReadAndWritten() throws WireException {
    Handshake handshake = (Handshake) read(HELLO, 1000).getFirst();

    assertThat(handshake)
        .isEqualTo(new Handshake(SwarmId.of(hex(HASH)), PeerId.of(hex(PEER)), true, true));
    assertThat(handshake.encode().toArray()).isEqualTo(hex(HELLO));
  }

  @Test
  void anotherProtocol_isRefusedByItsFirstBytes() {
    FrameReader reader = new FrameReader(MAX_BLOCK);
    reader.offer(ByteBuffer.wrap("GET /".getBytes(StandardCharsets.US_ASCII)));
    assertThatThrownBy(reader::next).isInstanceOf(WireException.class);
  }

  @Test
  void messages_areReadAndWritten() throws WireException {
    String[] wire = {
      "00000000",
      "00000001 00",
      "00000001 01",
      "00000001 02",
      "00000001 03",
      "00000005 04 00000102",
      "00000003 05 a0c0",
      "0000000d 06 00000001 00004000 00004000",
      "0000000d 08 00000001 00004000 00004000",
      "00000005 0d 00000007",
      "00000001 0e",
      "00000001 0f",
      "0000000d 10 00000001 00004000 00004000",
      "00000005 11 00000007",
      "00000004 14 00 6465"
    };
    List<PeerMessage> messages =
        List.of(
            PeerMessage.KeepAlive.KEEP_ALIVE,
            PeerMessage.Choke.CHOKE,
            PeerMessage.Unchoke.UNCHOKE,
            PeerMessage.Interested.INTERESTED,
            PeerMessage.NotInterested.NOT_INTERESTED,
            new PeerMessage.Have(0x102),
            new PeerMessage.Bitfield(hex("a0c0")),
            new PeerMessage.Request(1, 0x4000, 0x4000),
            new PeerMessage.Cancel(1, 0x4000, 0x4000),
            new PeerMessage.Suggest(7),
            PeerMessage.HaveAll.HAVE_ALL,
            PeerMessage.HaveNone.HAVE_NONE,
            new PeerMessage.Reject(1, 0x4000, 0x4000),
            new PeerMessage.AllowedFast(7),
            new PeerMessage.Extended(0, hex("6465")));
    for (int i = 0; i < wire.length; i++) {
      assertThat(PeerMessage.encode(messages.get(i)).toArray()).isEqualTo(hex(wire[i]));
      assertThat(frames(wire[i])).containsExactly(messages.get(i));
    }
  }

  @Test
  void anySplit_givesTheSame() throws WireException {
    String text =
        HELLO + "00000005 04 00000102" + "0000000b 07 00000001 00000000 aabb" + "00000001 01";
    for (int step : new int[] {1, 2, 3, 5, 7, 70, 90}) {
      List<Incoming> all = read(text, step);
      ByteBuffer block = ByteBuffer.allocate(2);
      for (Incoming each : all) {
        if (each instanceof Incoming.Part(ByteBuffer bytes)) {
          block.put(bytes);
        }
      }
      assertThat(block.array()).isEqualTo(hex("aabb"));
      assertThat(all).contains(new PeerMessage.Have(0x102), new Incoming.Start(1, 0, 2));
      assertThat(all.getLast()).isEqualTo(PeerMessage.Unchoke.UNCHOKE);
    }
  }

  @Test
  void block_isHandedOnWithoutACopy() throws WireException {
    byte[] bytes = hex(HELLO + "0000000d 07 00000001 00000010 01020304");
    FrameReader reader = new FrameReader(MAX_BLOCK);
    reader.offer(ByteBuffer.wrap(bytes));
    reader.next();

    assertThat(reader.next()).isEqualTo(new Incoming.Start(1, 16, 4));
    Incoming.Part part = (Incoming.Part) Objects.requireNonNull(reader.next());
    bytes[bytes.length - 1] = 9;
    assertThat(part.layerBytes()).isEqualTo(4);
    assertThat(part.bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 9}));
  }

  @Test
  void wrongLengths_areRefused() {
    String[] bad = {
      "ffffffff", // negative as an int
      "00100001 05", // 1 MiB
      "00010003 14", // 64 KiB + 3
      "0000004a 07", // a block of 65
      "00000009 07", // a block of 0
      "00000002 00 00", // choke with a payload
      "00000004 04 000000", // have of 3 bytes
      "00000005 04 80000000", // piece 2^31
      "0000000c 06 00000001 00004000 000040", // request cut short
      "00000001 14" // extended without an id
    };
    for (String each : bad) {
      assertThatThrownBy(() -> frames(each)).as(each).isInstanceOf(WireException.class);
    }
  }

  @Test
  void longestBlock_isTaken() throws WireException {
    assertThat(frames("00000049 07 00000000 00000000"))
        .containsExactly(new Incoming.Start(0, 0, MAX_BLOCK));
  }

  @Test
  void unknownTypes_areSkipped() throws WireException {
    assertThat(frames("00000003 09 1ae1" + "00000003 63 0000" + "00000001 01"))
        .containsExactly(
            new PeerMessage.Ignored(9), new PeerMessage.Ignored(0x63), PeerMessage.Unchoke.UNCHOKE);
  }

  @Test
  void pieceHeader_isAsInBep3() {
    byte[] header = PeerMessage.pieceHead(new PeerMessage.Request(1, 0x4000, 2)).array();
    assertThat(header).isEqualTo(hex("0000000b 07 00000001 00004000"));
  }
}
