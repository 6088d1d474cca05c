package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Short forms of {@code ./layercast load}. Nothing may fail or be wrong however busy the machine
 * is; a percentile that the machine itself has spoilt proves nothing either way.
 */
final class LoadIT {
  @Test
  void imagePull_coldAndWarm() {
    holds("image-pull", "--users", "16", "--seconds", "8", "--origin", "embedded");
  }

  @Test
  void manifestStorm_asksTheOriginOnceForEachClient() {
    holds("manifest-storm", "--users", "100", "--seconds", "5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image-pull --users 5000 --seconds 10",
        "nothing",
        "soak --agents 200",
        "fleet --agents 200",
        "fleet --agents 60 --rate 2MB",
        "fleet --layer 1MiB"
      })
  void whatTheMachineCannotCarry_isRefused(String line) {
    assertThat(
            new CommandLine(new Load())
                .setErr(new PrintWriter(new StringWriter()))
                .execute(line.split(" ", -1)))
        .isEqualTo(CommandLine.ExitCode.USAGE);
  }

  private static void holds(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new Load())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    assertThat(exit).as("%s%n%s", out, err).isIn(0, Load.VOID);
  }
}
