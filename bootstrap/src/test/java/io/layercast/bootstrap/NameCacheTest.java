package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
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
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-exports=java.base/sun.net=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Printer.class.getName()))
            .redirectErrorStream(true)
            .start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();

    assertThat(printed).isEqualTo("3 1");
  }
}
