package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** In a JVM of its own: the JDK reads both once, at the first look-up. */
class NameCacheTest {
  /** Prints what the JDK goes by. */
  static final class Printer {
    private Printer() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
      NameCache.keepShortly();
      Class<?> policy = Class.forName("sun.net.InetAddressCachePolicy");
      System.out.print(policy.getMethod("get").invoke(null));
      System.out.print(" " + policy.getMethod("getNegative").invoke(null));
    }
  }

  @Test
  void keepShortly_isWhatTheJdkGoesBy() throws IOException, InterruptedException {
    assertThat(ChildJvm.run(Printer.class, "--add-exports=java.base/sun.net=ALL-UNNAMED"))
        .isEqualTo("3 1");
  }
}
