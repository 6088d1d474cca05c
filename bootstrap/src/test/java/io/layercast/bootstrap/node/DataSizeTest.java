package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "7B, 7",
    "1kB, 1000",
    "1KiB, 1024",
    "100MB, 100000000",
    "512MiB, 536870912",
    "512 MiB, 536870912",
    "512mib, 536870912",
    "1.5GB, 1500000000",
    "2GiB, 2147483648",
    "1TiB, 1099511627776"
  })
  void parse_readsPowersOf1000And1024(String text, long bytes) {
    assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "MB", "-1", "1,5GB", "10XB", "100Mbit", "1e6", "9999999999999999", "100MB/s"})
  void parse_refusesWhatIsNoSizeAndSaysWhatIs(String text) {
    assertThatThrownBy(() -> DataSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("512MiB");
  }

  @Test
  void parse_refusesMoreThanALongHolds() {
    assertThatThrownBy(() -> DataSize.parse("99999999999TiB"))
        .hasMessageContaining("more than 8 EiB");
  }

  @Test
  void parseRate_takesBytesPerSecondWithAndWithoutTheSecond() {
    assertThat(DataSize.parseRate("100MB/s").bytes()).isEqualTo(100_000_000);
    assertThat(DataSize.parseRate("20MiB").bytes()).isEqualTo(20 << 20);
    assertThat(DataSize.parseRate("0").bytes()).isZero();
  }

  @Test
  void parseRate_namesTheRateItRefuses() {
    assertThatThrownBy(() -> DataSize.parseRate("100Mbit/s"))
        .hasMessageContaining("'100Mbit/s' is not a rate");
  }

  @Test
  void toString_isForPeople() {
    assertThat(new DataSize(999)).hasToString("999 B");
    assertThat(new DataSize(536_870_912)).hasToString("536.9 MB");
  }
}
