package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnounceQueryTest {
  private static final String HASH = "%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A";
  private static final String PEER = "-TR2940-abcdefghijkl";
  private static final String REST = "&port=6881&uploaded=0&downloaded=0&left=5";

  /** The example of the BitTorrent specification wiki: 123456789abcdef123456789abcdef123456789a. */
  @Test
  void parse_readsRawBytes() {
    AnnounceQuery.Announce query =
        announce("info_hash=" + HASH + "&peer_id=" + PEER + REST + "&event=started&compact=1");

    assertThat(query.infoHash())
        .containsExactly(
            0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
            0xef, 0x12, 0x34, 0x56, 0x78, 0x9a);
    assertThat(query.peerId()).isEqualTo(PEER.getBytes(StandardCharsets.US_ASCII));
    assertThat(query.port()).isEqualTo(6881);
    assertThat(query.left()).isEqualTo(5);
    assertThat(query.event()).isEqualTo(Event.STARTED);
    assertThat(query.compact()).isTrue();
    assertThat(query.numWant()).isEmpty();
  }

  @Test
  void parse_readsWhatMayBeThere() {
    AnnounceQuery.Announce query =
        announce(
            "compact=0&no_peer_id=1&numwant=7&key=ab&trackerid=x&ip=1.2.3.4&event=stopped&info_hash="
                + HASH
                + "&peer_id="
                + PEER
                + REST);

    assertThat(query.compact()).isFalse();
    assertThat(query.noPeerId()).isTrue();
    assertThat(query.numWant()).isEqualTo(OptionalInt.of(7));
    assertThat(query.event()).isEqualTo(Event.STOPPED);
  }

  @Test
  void parse_leavesPlusAndBrokenEscapesAsTheyAre() {
    AnnounceQuery.Announce query =
        announce("info_hash=+++++++++++++++++%zz&peer_id=%2b123456789012345678%" + REST + "&x=%4");

    assertThat(new String(query.infoHash(), StandardCharsets.US_ASCII))
        .isEqualTo("+++++++++++++++++%zz");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&&&=&=",
        "info_hash=short&peer_id=-TR2940-abcdefghijkl&port=1&left=0",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=x&port=1&left=0",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=0&left=0",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=65536&left=0",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1&left=-1",
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1&left=9999999999999999999"
      })
  void parse_saysWhatIsMissing(String query) {
    assertThat(AnnounceQuery.parse(query)).isInstanceOf(AnnounceQuery.Invalid.class);
  }

  @Test
  void parseScrape_readsEachHash() {
    assertThat(AnnounceQuery.parseScrape("info_hash=" + HASH + "&info_hash=aaaaaaaaaaaaaaaaaaaa"))
        .hasValueSatisfying(hashes -> assertThat(hashes).hasSize(2));
    assertThat(AnnounceQuery.parseScrape("")).contains(List.of());
    assertThat(AnnounceQuery.parseScrape("info_hash=aa")).isEmpty();
  }

  private static AnnounceQuery.Announce announce(String query) {
    AnnounceQuery result = AnnounceQuery.parse(query);
    assertThat(result).isInstanceOf(AnnounceQuery.Announce.class);
    return (AnnounceQuery.Announce) result;
  }
}
