package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class LayercastCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void help_listsTheCommandsOfPeopleAndNoOther() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "demo", "up", "agent", "proxy", "tracker", "manifests", "image", "verify", "bench")
        .doesNotContain("demo-origin", "own-folder", "keys");
  }

  @Test
  void version_isTheBuilds() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).containsPattern("layercast [0-9]+\\.[0-9]+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "up", "agent", "proxy", "tracker", "manifests"})
  void everyCommand_explainsItself(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Usage: layercast " + command);
  }

  @Test
  void ownFolder_givesTheFolderAndNothingInIt(@TempDir Path folder) throws IOException {
    // Whose it is already: giving it to others takes root, which a test need not be.
    Object uid = Files.getAttribute(folder, "unix:uid");
    Object gid = Files.getAttribute(folder, "unix:gid");
    Path inside = Files.createFile(folder.resolve("inside"));
    FileTime before = (FileTime) Files.getAttribute(inside, "unix:ctime");

    assertThat(run("own-folder", "--uid", "" + uid, "--gid", "" + gid, folder.toString())).isZero();

    assertThat(Files.getAttribute(inside, "unix:ctime")).isEqualTo(before);
  }

  @Test
  void nothing_isAMistakeAndShowsTheHelp() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Usage: layercast");
  }

  @ParameterizedTest
  @CsvSource({
    "demo --agents many, --agents",
    "demo --size big, 'big'",
    "demo --download-rate 1Mbit/s, is not a rate",
    "demo --nosuch, --nosuch",
    "up, --origin",
    "proxy, --origin",
    "manifests --origin r.example, --image",
    "manifests --image r.example/l, --origin",
    "nosuch, nosuch"
  })
  void whatIsNotUnderstood_isNamed(String line, String named) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(named);
  }

  @ParameterizedTest
  @CsvSource({
    "demo --agents 0, --agents is 1 to 64",
    "demo --size 1kB, --size is 1MiB to 12GiB",
    "agent --config /nosuch.conf, /nosuch.conf",
    "manifests --image r/l --origin r --download-rate 1Mbit/s, is not a rate",
    "manifests --image r/l --origin r --proxies 0, --proxies is 1 to",
    "own-folder --uid 1 --gid 1 /nosuch, /nosuch is not a folder",
    "keys --cluster a --authority b --tls c --agent d --name e --account /nosuch, KUBERNETES_SERVICE_HOST",
    "agent --tracker udp://t:1, udp://t:1",
    "tracker --cluster-key /nosuch.key, /nosuch.key"
  })
  void whatCannotBeDone_isToldInOneLine(String line, String told) {
    assertThat(run(line.split(" "))).isEqualTo(1);
    assertThat(err.toString()).contains(told).hasLineCount(1);
  }

  private int run(String... arguments) {
    CommandLine commandLine = LayercastCommand.commandLine(arguments);
    return commandLine
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
