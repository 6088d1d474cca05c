package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The first command of the README, small. */
@ExtendWith(OnFailureKeepLogs.class)
final class DemoIT {
  @Test
  void demo_givesEveryAgentEveryByteFromOneCopy(Workplace workplace) throws IOException {
    List<String> command = new ArrayList<>(Stack.Plan.java("demo"));
    command.addAll(List.of("--once", "--agents", "2", "--size", "48MiB", "--port", "0"));

    // Exits with 0 only if every digest was right and the origin sent at most 1.01 copies.
    String output = workplace.run("demo", Duration.ofMinutes(2), command);

    assertThat(output).contains("origin sent 1.0").contains("from proxies");
  }

  @Test
  void demo_endedByASignal_saysOfNoProcessThatItEnded(Workplace workplace) throws IOException {
    List<String> command = new ArrayList<>(Stack.Plan.java("demo"));
    command.addAll(List.of("--agents", "2", "--size", "48MiB", "--port", "0"));
    Program demo = workplace.start("demo", command);
    Wait.until(
        "the demo to have pulled",
        Duration.ofMinutes(2),
        () -> demo.output().contains("until Ctrl-C"));

    demo.askToStop();

    demo.join(Duration.ofSeconds(20));
    assertThat(demo.output()).doesNotContain("has ended");
  }
}
