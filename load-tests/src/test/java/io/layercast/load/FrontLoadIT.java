package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs {@link ManifestAndBlobSimulation} in a process of its own against one agent's front. */
@ExtendWith(OnFailureKeepLogs.class)
final class FrontLoadIT {
  private static final String REPOSITORY = "library/busy";
  private static final int USERS_PER_SECOND = 20;
  private static final int SECONDS = 8;

  @Test
  void front_servesManyRuntimesAtOnce(Workplace workplace) throws IOException {
    TestImage image = ImageMaker.make(workplace.folder("image"), 7, List.of(1_500_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    Stack stack = Stack.before(workplace, registry.url()).proxy().agent().start();
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, image.layer(0));

    String output =
        workplace.run(
            "gatling",
            Duration.ofMinutes(2),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Xmx512m",
                "-Djava.util.prefs.userRoot=" + workplace.folder("prefs"),
                "-Dload.front=" + stack.agent(0).url(),
                "-Dload.repository=" + REPOSITORY,
                "-Dload.tag=" + image.tag(),
                "-Dload.manifest=" + image.manifest().digest(),
                "-Dload.blob=" + image.layer(0).digest(),
                "-Dload.users-per-second=" + USERS_PER_SECOND,
                "-Dload.seconds=" + SECONDS,
                "-cp",
                System.getProperty("java.class.path"),
                "io.gatling.app.Gatling",
                "--simulation",
                ManifestAndBlobSimulation.class.getName(),
                "--results-folder",
                workplace.folder("gatling").toString(),
                "--no-reports"));

    assertThat(output).contains("GET blob");
    assertThat(registry.sentBytes(image.layer(0))).isEqualTo(image.layer(0).sizeBytes());
  }
}
