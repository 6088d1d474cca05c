package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The vectors were computed with Python's hmac module from the formulas in the javadoc of {@link
 * SwarmKeys}; the secret of generation 7 once more by {@code printf
 * 'swarm-secret\0sha256:dac1…4f85\0\0\0\7' | openssl dgst -sha256 -mac HMAC -macopt
 * hexkey:000102…1f}.
 */
class SwarmKeysTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Digest DIGEST = sha256("layer");
  private static final PieceHash HASH = hash("piece");

  private final SwarmKeys keys = new SwarmKeys(key(0));

  @ParameterizedTest
  @CsvSource({
    "0, 6b5ba649057acf3958133bbf98fcd0304c4a46e1",
    "7, c273a372d642060e81d0009d1eeff9558bc1dda3"
  })
  void id_isNameAndSeal(int generation, String hex) {
    assertThat(HEX.formatHex(keys.id(DIGEST, generation).toBytes())).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 89cd9315ba1df9cf8a160f88aa2e4e7ecd4e47677a2e7fcf09fca887aa15e995",
    "7, d9b694b355c6fc04ad4555f0392a81c2118ab34c3043cb9d061cbed1d0d4498f"
  })
  void secret_isOfTheGeneration(int generation, String hex) {
    assertThat(HEX.formatHex(keys.secret(DIGEST, generation).toBytes())).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({"0, e04a9abcf88ea854ff40795bdec7d3ef", "7, af2c1464407b66617210e1194ecf1382"})
  void proof_carriesTheMac(int generation, String hex) {
    PieceProof proof = keys.proof(DIGEST, generation, 5, HASH);

    assertThat(proof.hash()).isEqualTo(HASH);
    assertThat(HEX.formatHex(proof.mac())).isEqualTo(hex);
  }

  @Test
  void isGenuine_knowsEveryChangedBitOfAnId() {
    byte[] id = keys.id(DIGEST, 0).toBytes();

    assertThat(keys.isGenuine(SwarmId.of(id))).isTrue();
    for (int bit = 0; bit < id.length * 8; bit++) {
      byte[] changed = id.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(keys.isGenuine(SwarmId.of(changed))).isFalse();
    }
  }

  @Test
  void isGenuine_knowsAnotherClustersIdsAndProofs() {
    SwarmKeys others = new SwarmKeys(key(1));

    assertThat(keys.isGenuine(others.id(DIGEST, 0))).isFalse();
    assertThat(keys.isGenuine(DIGEST, 0, 5, others.proof(DIGEST, 0, 5, HASH))).isFalse();
  }

  @Test
  void isGenuine_bindsAProofToItsPiece() {
    PieceProof proof = keys.proof(DIGEST, 0, 5, HASH);

    assertThat(keys.isGenuine(DIGEST, 0, 5, proof)).isTrue();
    assertThat(keys.isGenuine(DIGEST, 0, 6, proof)).isFalse();
    assertThat(keys.isGenuine(DIGEST, 1, 5, proof)).isFalse();
    assertThat(keys.isGenuine(sha256("other"), 0, 5, proof)).isFalse();
    assertThat(keys.isGenuine(DIGEST, 0, 5, new PieceProof(hash("other"), proof.mac()))).isFalse();
  }

  @Test
  void twoKeys_theFirstMakesAndBothAreGenuine() {
    SwarmKeys old = new SwarmKeys(key(0));
    SwarmKeys young = new SwarmKeys(key(1));
    SwarmKeys.Held held = SwarmKeys.Held.of(key(1), Optional.of(key(0)));
    SwarmKeys both = new SwarmKeys(() -> held);

    assertThat(both.id(DIGEST, 0)).isEqualTo(young.id(DIGEST, 0));
    assertThat(both.secret(DIGEST, 0)).isEqualTo(young.secret(DIGEST, 0));
    for (SwarmKeys one : List.of(old, young)) {
      assertThat(both.isGenuine(one.id(DIGEST, 0))).isTrue();
      assertThat(both.isGenuine(DIGEST, 0, 5, one.proof(DIGEST, 0, 5, HASH))).isTrue();
      assertThat(both.isGenuine(one.hmac("x", new byte[3]), "x", new byte[3])).isTrue();
    }
    assertThat(both.isGenuine(new SwarmKeys(key(2)).id(DIGEST, 0))).isFalse();
  }

  @Test
  void isGenuine_takesNoMacThatIsEmptyOrPadded() {
    assertThat(keys.isGenuine(new byte[0], "x")).isFalse();
    assertThat(keys.isGenuine(Arrays.copyOf(keys.hmac("x"), 40), "x")).isFalse();
  }

  @Test
  void keys_areAskedForAtEachUse() {
    AtomicReference<SwarmKeys.Held> held =
        new AtomicReference<>(SwarmKeys.Held.of(key(0), Optional.of(key(1))));
    SwarmKeys rotated = new SwarmKeys(held::get);
    SwarmId old = rotated.id(DIGEST, 0);

    held.set(SwarmKeys.Held.of(key(1), Optional.of(key(0))));
    assertThat(rotated.id(DIGEST, 0)).isNotEqualTo(old);
    assertThat(rotated.isGenuine(old)).isTrue();

    held.set(SwarmKeys.Held.of(key(1), Optional.empty()));
    assertThat(rotated.isGenuine(old)).isFalse();
  }

  @Test
  void create_refusesAShortKey() {
    assertThatThrownBy(() -> new SwarmKeys(Secret.of(new byte[31])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the cluster key has 31 bytes, needs 32");
  }

  private static Secret key(int from) {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (from + i);
    }
    return Secret.of(key);
  }

  private static Digest sha256(String text) {
    return Digest.sha256Of(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static PieceHash hash(String text) {
    return PieceHash.of(PieceHash.hasher().digest(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
