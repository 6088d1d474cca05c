package io.layercast.engine.bencode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.layercast.engine.bencode.Bencode.BList;
import io.layercast.engine.bencode.Bencode.Bytes;
import io.layercast.engine.bencode.Bencode.Dict;
import io.layercast.engine.bencode.Bencode.Int;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BencodeTest {
  @Test
  void decode_readsTheExamplesOfBep3() throws BencodeException {
    assertThat(decode("4:spam")).isEqualTo(Bytes.of("spam"));
    assertThat(decode("i3e")).isEqualTo(new Int(3));
    assertThat(decode("i-3e")).isEqualTo(new Int(-3));
    assertThat(decode("i0e")).isEqualTo(new Int(0));
    assertThat(decode("l4:spam4:eggse"))
        .isEqualTo(new BList(List.of(Bytes.of("spam"), Bytes.of("eggs"))));
    assertThat(decode("d3:cow3:moo4:spam4:eggse"))
        .isEqualTo(Bencode.dict().put("cow", "moo").put("spam", "eggs").build());
    assertThat(decode("d4:spaml1:a1:bee"))
        .isEqualTo(
            Bencode.dict().put("spam", new BList(List.of(Bytes.of("a"), Bytes.of("b")))).build());
    assertThat(decode("0:")).isEqualTo(Bytes.of(""));
    assertThat(decode("le")).isEqualTo(new BList(List.of()));
    assertThat(decode("de")).isEqualTo(Bencode.dict().build());
  }

  @Test
  void decode_readsIntegersOf64Bits() throws BencodeException {
    assertThat(decode("i9223372036854775807e")).isEqualTo(new Int(Long.MAX_VALUE));
    assertThat(decode("i-9223372036854775808e")).isEqualTo(new Int(Long.MIN_VALUE));
  }

  @Test
  void decode_takesKeysOutOfOrder() throws BencodeException {
    assertThat(decode("d1:bi2e1:ai1ee")).isEqualTo(Bencode.dict().put("a", 1).put("b", 2).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "i",
        "ie",
        "i-e",
        "i-0e",
        "i03e",
        "i-03e",
        "i+3e",
        "i 3e",
        "i3",
        "i--3e",
        "i3-e",
        "i9223372036854775808e",
        "i99999999999999999999999999e",
        "i1.5e",
        "i1E5e",
        ":",
        "4",
        "4:",
        "4:spa",
        "04:spam",
        "-1:",
        "-0:",
        "+4:spam",
        "4294967297:a",
        "9223372036854775807:a",
        "99999999999999999999:a",
        "x",
        "e",
        "l",
        "li1e",
        "lee",
        "i1ei1e",
        "4:spamx",
        "d",
        "d1:a",
        "d1:ae",
        "di1ei1ee",
        "d1:ai1e1:ai1ee",
        "dli1eei1ee",
        "d1:ai1e"
      })
  void decode_refusesWhatIsMalformed(String text) {
    assertThatThrownBy(() -> decode(text)).isInstanceOf(BencodeException.class);
  }

  @Test
  void decode_boundsDepth() throws BencodeException {
    int depth = Bencode.MAX_DEPTH;
    decode("l".repeat(depth + 1) + "e".repeat(depth + 1));

    assertThatThrownBy(() -> decode("l".repeat(depth + 2) + "e".repeat(depth + 2)))
        .isInstanceOf(BencodeException.class);
    assertThatThrownBy(() -> decode("d1:a".repeat(1_000_000))).isInstanceOf(BencodeException.class);
  }

  @Test
  void decode_boundsTheNumberOfValues() throws BencodeException {
    decode("l" + "0:".repeat(Bencode.MAX_VALUES - 1) + "e");

    assertThatThrownBy(() -> decode("l" + "0:".repeat(Bencode.MAX_VALUES) + "e"))
        .isInstanceOf(BencodeException.class);
  }

  @Test
  void decode_isQuickWhereKeysCollide() {
    // Every pair is "Aa" or "BB", which hash alike: 2^15 keys with one hash code.
    StringBuilder dict = new StringBuilder("d");
    for (int i = 0; i < 1 << 15; i++) {
      dict.append("30:");
      for (int bit = 0; bit < 15; bit++) {
        dict.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      dict.append("0:");
    }
    String input = dict.append('e').toString();

    assertTimeoutPreemptively(ofSeconds(2), () -> decode(input));
  }

  @Test
  void encode_sortsKeysByTheirBytes() {
    Dict dict =
        Bencode.dict()
            .put("\u00ff", 4)
            .put("b", List.of(1L).getFirst())
            .put("aa", new byte[] {0, (byte) 0xff})
            .put("a", "x")
            .put("B", 0)
            .build();

    assertThat(new String(Bencode.encode(dict), ISO_8859_1))
        .isEqualTo("d1:Bi0e1:a1:x2:aa2:\u0000\u00ff1:bi1e1:\u00ffi4ee");
  }

  @Test
  void encode_writesNumbersAndLists() {
    Bencode list = new BList(List.of(new Int(-42), Bytes.of("ü"), new BList(List.of())));

    assertThat(new String(Bencode.encode(list), ISO_8859_1)).isEqualTo("li-42e2:\u00c3\u00bclee");
  }

  @Test
  void decodePrefix_saysWhereThePayloadBegins() throws BencodeException {
    Bencode.Prefix prefix = Bencode.decodePrefix("d8:msg_typei1eepayload".getBytes(ISO_8859_1));

    assertThat(prefix.dict().integer("msg_type")).contains(1L);
    assertThat(prefix.lengthBytes()).isEqualTo(15);
    assertThatThrownBy(() -> Bencode.decodePrefix("i1e".getBytes(ISO_8859_1)))
        .isInstanceOf(BencodeException.class);
  }

  @Test
  void dict_isEmptyHandedForMissingKeysAndOtherKinds() throws BencodeException {
    Dict dict = Bencode.decodeDict("d1:d1:x1:ii7e1:lli1ee1:md1:ai1eee".getBytes(ISO_8859_1));

    assertThat(dict.integer("i")).contains(7L);
    assertThat(dict.integer("d")).isEmpty();
    assertThat(dict.text("d")).contains("x");
    assertThat(dict.text("i")).isEmpty();
    assertThat(dict.bytes("d")).contains(new byte[] {'x'});
    assertThat(dict.bytes("none")).isEmpty();
    assertThat(dict.dict("m").flatMap(m -> m.integer("a"))).contains(1L);
    assertThat(dict.dict("l")).isEmpty();
    assertThat(dict.list("l")).containsExactly(new Int(1));
    assertThat(dict.list("m")).isEmpty();
    assertThatThrownBy(() -> Bencode.decodeDict("le".getBytes(ISO_8859_1)))
        .isInstanceOf(BencodeException.class);
  }

  @Test
  void bytes_areNotPrinted() {
    assertThat(Bencode.dict().put("peer id", "secret").build().toString()).doesNotContain("secret");
  }

  private static Bencode decode(String text) throws BencodeException {
    return Bencode.decode(text.getBytes(ISO_8859_1));
  }
}
