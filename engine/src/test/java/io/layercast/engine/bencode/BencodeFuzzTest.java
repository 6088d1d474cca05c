package io.layercast.engine.bencode;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;

/**
 * Whatever comes in, a decoder says no by its exception or yields what encodes to the same value.
 */
class BencodeFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void decode_survives(byte[] input) throws BencodeException {
    Bencode value = decodeOrNull(input);
    if (value != null) {
      byte[] canonical = Bencode.encode(value);
      assertThat(canonical).hasSameSizeAs(input); // keys may be in another order, nothing else
      assertThat(Bencode.decode(canonical)).isEqualTo(value);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void decodePrefix_staysInside(byte[] input) {
    try {
      Bencode.Prefix prefix = Bencode.decodePrefix(input);
      assertThat(prefix.lengthBytes()).isBetween(2, input.length);
      assertThat(Bencode.encode(prefix.dict())).hasSize(prefix.lengthBytes());
    } catch (BencodeException e) {
      assertThat(e).hasMessageNotContaining("\u0000");
    }
  }

  private static @Nullable Bencode decodeOrNull(byte[] input) {
    try {
      return Bencode.decode(input);
    } catch (BencodeException _) {
      return null;
    }
  }
}
