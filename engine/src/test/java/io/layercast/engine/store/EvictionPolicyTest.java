package io.layercast.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvictionPolicyTest {
  private static final long NOW = 1_000_000;

  private final EvictionPolicy policy =
      policy(
          """
          quota = 1000, quota-high-percent = 90, quota-low-percent = 70
          free-low-percent = 10, free-high-percent = 20, free-floor-percent = 5, idle = 60 s
          """);

  /** Of a disk of 10,000 bytes. */
  @ParameterizedTest
  @CsvSource({
    "900, 5000, 0", // at the high mark
    "901, 5000, 201", // down to 70 % of 1000
    "100, 1000, 0", // 10 % free
    "800, 999, 800", // 1001 are missing to 20 %, more than is ours
    "2000, 900, 1300", // both short: the greater
    "0, 0, 0" // somebody else fills the disk
  })
  void bytesToFree_goesFromTheHighMarkToTheLow(long own, long free, long expected) {
    assertThat(policy.bytesToFree(new EvictionPolicy.Reading(own, free, 10_000)))
        .isEqualTo(expected);
  }

  @Test
  void bytesToFree_withoutQuotaAndMarksIsNothing() {
    EvictionPolicy none =
        policy("quota = 0, free-low-percent = 0, free-high-percent = 0, free-floor-percent = 0");
    assertThat(none.bytesToFree(new EvictionPolicy.Reading(1L << 50, 0, 1L << 50))).isZero();
    assertThat(none.isShort(new EvictionPolicy.Reading(1L << 50, 0, 1L << 50))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"500, false", "499, true"})
  void isShort_isBelowTheFloor(long free, boolean expected) {
    assertThat(policy.isShort(new EvictionPolicy.Reading(1, free, 10_000))).isEqualTo(expected);
  }

  @Test
  void victims_areTheIdleOnesLongestUnusedFirst() {
    StoreSpace.Use old = use("old", NOW - 200_000);
    StoreSpace.Use older = use("older", NOW - 300_000);
    StoreSpace.Use justIdle = use("just idle", NOW - 60_000);
    StoreSpace.Use inUse = use("in use", NOW - 59_999);
    assertThat(policy.victims(List.of(justIdle, old, inUse, older), NOW))
        .containsExactly(older, old, justIdle);
  }

  @Test
  void victims_countAUseAheadOfTheClockAsOver() {
    StoreSpace.Use ahead = use("clock was set back", NOW + 1);
    assertThat(policy.victims(List.of(ahead), NOW)).containsExactly(ahead);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quota-high-percent = 101",
        "quota-low-percent = 96",
        "free-low-percent = 21",
        "free-floor-percent = 17",
        "idle = 0s",
        "check-interval = -1s"
      })
  void settings_nameTheKeyThatIsOutOfBounds(String wrong) {
    assertThatThrownBy(() -> policy(wrong))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(wrong.substring(0, wrong.indexOf(' ')));
  }

  private static StoreSpace.Use use(String name, long lastUsed) {
    return new StoreSpace.Use(Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8)), 1, lastUsed);
  }

  static EvictionPolicy policy(String settings) {
    return new EvictionPolicy(settings(settings));
  }

  static SpaceSettings settings(String settings) {
    return SpaceSettings.from(
        ConfigFactory.parseString("layercast.engine.store.space { " + settings + " }")
            .withFallback(ConfigFactory.defaultReference()));
  }
}
