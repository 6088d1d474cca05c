package io.layercast.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ImageCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir Path folder;

  @Test
  void image_isTheSameWheneverAndWhereverItIsMade() throws IOException {
    List<String> digests =
        List.of(
            make("first", Instant.parse("2026-01-01T00:00:00Z")),
            make("second", Instant.parse("2026-02-02T00:00:00Z")));

    assertThat(digests.getFirst()).isEqualTo(digests.getLast()).contains("layercast@sha256:");
    assertThat(folder.resolve("first.tar")).hasSameBinaryContentAs(folder.resolve("second.tar"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', --to",
    "--to UPPER, 'UPPER' is not an image's name",
    "--tar x.tar --from scratch --platform linux, --platform 'linux'"
  })
  void whatIsNotUnderstood_isNamed(String line, String named) throws IOException {
    builtIn("home", Instant.EPOCH);
    assertThat(run("home", line.isEmpty() ? new String[0] : line.split(" "))).isNotZero();
    assertThat(err.toString()).contains(named);
  }

  @Test
  void aTreeThatIsNotBuilt_isToldSo() {
    assertThat(run("nothing", "--tar", "x.tar", "--from", "scratch")).isEqualTo(1);
    assertThat(err.toString()).contains("build first");
  }

  private String make(String home, Instant modified) throws IOException {
    builtIn(home, modified);
    String tar = folder.resolve(home + ".tar").toString();
    assertThat(run(home, "--from", "scratch", "--tar", tar)).as(err.toString()).isZero();
    return out.toString().lines().reduce("", (_, last) -> last);
  }

  /** A source tree as a build leaves it. */
  private void builtIn(String home, Instant modified) throws IOException {
    Path lib = Files.createDirectories(folder.resolve(home).resolve("bootstrap/target/dist/lib"));
    Path jvm = Files.createDirectories(folder.resolve(home).resolve("bootstrap/src/main/jvm"));
    List<Path> files =
        List.of(
            Files.writeString(lib.resolve("other-1.0.jar"), "a jar"),
            Files.writeString(lib.resolve("engine-0.1.0.jar"), "our jar"),
            Files.writeString(jvm.resolve("common.args"), "-Xss512k"),
            Files.writeString(jvm.resolve("agent.args"), "-Xmx192m"),
            Files.writeString(jvm.resolve("agent.compile"), "[]"));
    for (Path file : files) {
      Files.setLastModifiedTime(file, FileTime.from(modified));
    }
  }

  private int run(String home, String... arguments) {
    String before = System.setProperty("layercast.home", folder.resolve(home).toString());
    try {
      CommandLine commandLine = Main.commandLine();
      return commandLine
          .setOut(new PrintWriter(out, true))
          .setErr(new PrintWriter(err, true))
          .execute(arguments);
    } finally {
      if (before == null) {
        System.clearProperty("layercast.home");
      } else {
        System.setProperty("layercast.home", before);
      }
    }
  }
}
