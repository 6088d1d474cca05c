package io.layercast.bootstrap.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DemoLayerTest {
  private static final int CONTENT = 1000;

  private final DemoLayer layer = new DemoLayer("a.bin", CONTENT, 7);

  @Test
  void sizeBytes_countsHeaderPaddingAndEnd() {
    // 512 header + 1000 content padded to 1024 + 1024 of zeros.
    assertThat(layer.sizeBytes()).isEqualTo(512 + 1024 + 1024);
    assertThat(bytes(0, layer.sizeBytes())).hasSize(2560);
  }

  @Test
  void writeTo_writesAUstarHeader() {
    byte[] tar = bytes(0, layer.sizeBytes());
    assertThat(text(tar, 0, 6)).isEqualTo("a.bin\0");
    assertThat(text(tar, 124, 12)).isEqualTo("00000001750\0"); // 1000 in octal
    assertThat(text(tar, 257, 8)).isEqualTo("ustar\00000");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? ' ' : tar[i] & 0xff;
    }
    assertThat(Integer.parseInt(text(tar, 148, 6), 8)).isEqualTo(sum);
  }

  @Test
  void writeTo_endsInZeros() {
    byte[] tar = bytes(0, layer.sizeBytes());
    assertThat(Arrays.copyOfRange(tar, 512 + CONTENT, tar.length)).containsOnly(0);
  }

  @Test
  void writeTo_startsWithSplitMix64OfTheSeed() {
    // The first output of SplitMix64 seeded with 0 is 0xe220a8397b1dcdaf (Vigna's splitmix64.c).
    byte[] content = new byte[8];
    System.arraycopy(all(new DemoLayer("z", 8, 0)), 512, content, 0, 8);
    assertThat(content).containsExactly(0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2);
  }

  @Test
  void writeTo_givesAnyRangeAsItIsInTheWhole() {
    byte[] tar = bytes(0, layer.sizeBytes());
    for (int from = 500; from < 540; from++) {
      for (int to : new int[] {from, from + 1, from + 7, from + 8, from + 33, 1511, 1513, 2560}) {
        assertThat(bytes(from, to))
            .as("%d-%d", from, to)
            .isEqualTo(Arrays.copyOfRange(tar, from, to));
      }
    }
  }

  @Test
  void digest_isOfTheBytes() {
    assertThat(layer.digest()).isEqualTo(Digest.sha256Of(bytes(0, layer.sizeBytes())));
  }

  private byte[] bytes(long from, long to) {
    return bytes(layer, from, to);
  }

  private static byte[] all(DemoLayer layer) {
    return bytes(layer, 0, layer.sizeBytes());
  }

  private static byte[] bytes(DemoLayer layer, long from, long to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      layer.writeTo(out, from, to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static String text(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }
}
