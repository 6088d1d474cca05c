package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiveRatesTest {
  @ParameterizedTest
  @CsvSource({
    "100MB/s, 100000000",
    "100 MB/s, 100000000",
    "'\"1.5GB/s\"', 1500000000",
    "20MiB/s, 20971520",
    "512, 512",
    "0, 0"
  })
  void parse_takesARateAsPeopleWriteIt(String written, long bytesPerSecond) {
    LiveRates rates = LiveRates.parse("downloadRate = " + written + "\nuploadRate = 7MB/s\n");
    assertThat(rates.download()).hasValue(bytesPerSecond);
    assertThat(rates.upload()).hasValue(7_000_000);
  }

  @Test
  void parse_leavesOpenWhatTheFileDoesNotSay() {
    assertThat(LiveRates.parse("layercast.bootstrap.log.level = debug\nuploadRate = 1"))
        .isEqualTo(new LiveRates(OptionalLong.empty(), OptionalLong.of(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fast", "-1", "100MB/h", "1e9", "200GB/s", "", "null", "[1]", "{a = 1}"})
  void parse_namesKeyAndValueOfWhatIsNoRate(String written) {
    assertThatThrownBy(() -> LiveRates.parse("uploadRate = \"" + written + "\""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("uploadRate")
        .hasMessageContaining(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[1]", "{a = 1}", "true"})
  void parse_refusesWhatIsNoText(String written) {
    assertThatThrownBy(() -> LiveRates.parse("uploadRate = " + written))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("uploadRate");
  }

  @Test
  void parse_namesAKeyThatDoesNotExist() {
    assertThatThrownBy(() -> LiveRates.parse("donwloadRate = 1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("donwloadRate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"downloadRate = {", "\u0000\u0001", "downloadRate = ${nothing}"})
  void parse_refusesWhatIsNotHocon(String text) {
    assertThatThrownBy(() -> LiveRates.parse(text)).isInstanceOf(ConfigException.class);
  }
}
