package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Whatever the Kubernetes API answers. */
class NamedSecretFuzzTest {
  @FuzzTest
  void data(byte[] json) {
    try {
      assertThat(NamedSecret.data(json)).doesNotContainKey("").doesNotContainValue(null);
    } catch (IOException e) {
      assertThat(e).hasNoCause(); // a parser's own words would quote the Secret
    }
  }
}
