package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.layercast.engine.bencode.BencodeException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

class TrackerCodecsFuzzTest {
  @FuzzTest
  void parse_takesAnything(byte[] data) {
    String query = new String(data, StandardCharsets.ISO_8859_1);
    if (AnnounceQuery.parse(query) instanceof AnnounceQuery.Announce announce) {
      assertThat(announce.infoHash()).hasSize(20);
      assertThat(announce.peerId()).hasSize(20);
      assertThat(announce.port()).isBetween(1, 65_535);
      assertThat(announce.left()).isNotNegative();
    }
    AnnounceQuery.parseScrape(query)
        .ifPresent(hashes -> assertThat(hashes).allMatch(hash -> hash.length == 20));
  }

  @FuzzTest
  void decode_takesAnyBody(byte[] data) {
    try {
      NodeAnnounce announce = NodeAnnounce.decode(data, 10, 50);
      assertThat(announce.reports())
          .hasSizeLessThanOrEqualTo(10)
          .allMatch(report -> report.want() >= 0 && report.want() <= 50 && report.left() >= 0);
    } catch (BencodeException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  @FuzzTest
  void decode_takesAnyAnswer(byte[] data) {
    try {
      assertThat(NodeReply.decode(data).interval()).isPositive();
    } catch (BencodeException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  @FuzzTest
  void decode_takesAnyAlias(byte[] data) {
    try {
      assertThat(AliasRequest.decode(data).expiry()).isAfter(Instant.EPOCH);
    } catch (BencodeException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }
}
