package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The only proxy's disk is smaller than a layer; an agent's is the same in HostileOriginIT. */
@FaultSuite
final class FullProxyIT {
  private static final String REPOSITORY = "library/faults";
  private static final int TMPFS_BYTES = 32 * 1024 * 1024;

  @Test
  void proxysDiskFull_pullStreamsThroughAndTheNextLayerIsKept(Workplace workplace, Fault fault)
      throws IOException, InterruptedException {
    TestImage image =
        ImageMaker.make(workplace.folder("image"), 23, List.of(2L * TMPFS_BYTES, 6_000_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    Stack stack =
        Stack.before(workplace, registry.url())
            .proxyWithData(workplace.tmpfs("full", TMPFS_BYTES))
            .agent()
            .start();

    RunningPull pull = RunningPull.start(stack.agent(0), REPOSITORY, image.layer(0));
    pull.mustBeRight(Duration.ofMinutes(1));
    fault
        .stalled(pull.longestPause())
        .refetched(registry.sentBytes(image.layer(0)) - image.layer(0).sizeBytes());
    RunningPull.start(stack.agent(0), REPOSITORY, image.layer(1))
        .mustBeRight(Duration.ofMinutes(1));
    assertThat(registry.sentBytes(image.layer(1))).isEqualTo(image.layer(1).sizeBytes());
  }
}
