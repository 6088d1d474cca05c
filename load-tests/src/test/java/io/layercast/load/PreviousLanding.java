package io.layercast.load;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The build of the landing before this one: the commit that the resource {@code previous-landing}
 * names, taken from this clone's history and built once, into {@code target/}.
 */
final class PreviousLanding {
  private static final Duration SHORT = Duration.ofMinutes(1);
  private static final Duration BUILD = Duration.ofMinutes(15);

  private PreviousLanding() {}

  /**
   * Its source tree, built. The test is skipped where the history is not there, as in a shallow
   * clone.
   */
  static Path home(Workplace workplace) throws IOException {
    String commit = commit();
    Path here = Stack.Plan.home();
    String git = "git";
    assumeTrue(
        workplace.succeeds(
            "git-has", List.of(git, "-C", here.toString(), "cat-file", "-e", commit + "^{commit}")),
        "this clone's history has no commit " + commit + ", the previous landing");
    Path built = here.resolve("load-tests/target/previous-landing").resolve(commit);
    Path done = built.resolve("built");
    if (Files.exists(done)) {
      return built;
    }
    Files.createDirectories(built);
    Path tar = workplace.folder("previous-landing").resolve("tree.tar");
    workplace.run(
        "git-archive",
        SHORT,
        List.of(git, "-C", here.toString(), "archive", "--output=" + tar, commit));
    workplace.run("untar", SHORT, List.of("tar", "-C", built.toString(), "-xf", tar.toString()));
    workplace.run(
        "mvn-previous",
        BUILD,
        List.of(
            "mvn",
            "-B",
            "-q",
            "-f",
            built.resolve("pom.xml").toString(),
            "-Dmaven.test.skip=true",
            "-Dexec.skip",
            "-pl",
            "bootstrap",
            "-am",
            "package"));
    Files.createFile(done);
    return built;
  }

  private static String commit() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PreviousLanding.class.getResourceAsStream("/previous-landing"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
    }
  }
}
