package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ByteSizeTest {
  @Test
  void parse_readsWhatPeopleWrite() {
    assertThat(ByteSize.parse("1GiB").bytes()).isEqualTo(1_073_741_824);
    assertThat(ByteSize.parse("512 MiB").bytes()).isEqualTo(536_870_912);
    assertThat(ByteSize.parse("40mb").bytes()).isEqualTo(40_000_000);
    assertThat(ByteSize.parse("17").bytes()).isEqualTo(17);
  }

  @Test
  void parse_refusesTheRestByName() {
    assertThatThrownBy(() -> ByteSize.parse("much")).hasMessageContaining("'much'");
    assertThatThrownBy(() -> ByteSize.parse("9223372036854775807k"))
        .isInstanceOf(ArithmeticException.class);
  }
}
