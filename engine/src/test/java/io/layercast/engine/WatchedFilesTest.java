package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFilesTest {
  @TempDir Path folder;

  @Test
  void run_takesWhatHasChanged() throws IOException {
    WatchedFiles<String> watched = watch("one");
    write("two");
    assertThat(watched.get()).isEqualTo("one");

    watched.run();

    assertThat(watched.get()).isEqualTo("two");
  }

  @Test
  void run_seesALinkThatWasSwapped() throws IOException {
    Path first = Files.createDirectory(folder.resolve("..1"));
    Path second = Files.createDirectory(folder.resolve("..2"));
    Files.writeString(first.resolve("file"), "one");
    Files.writeString(second.resolve("file"), "two");
    Path data = Files.createSymbolicLink(folder.resolve("..data"), first);
    Files.createSymbolicLink(folder.resolve("file"), data.resolve("file"));
    WatchedFiles<String> watched = open();

    Path young = Files.createSymbolicLink(folder.resolve("..young"), second);
    Files.move(young, data, StandardCopyOption.ATOMIC_MOVE);
    watched.run();

    assertThat(watched.get()).isEqualTo("two");
  }

  @Test
  void run_keepsTheLastGoodValue() throws IOException {
    WatchedFiles<String> watched = watch("one");

    write("bad");
    watched.run();
    assertThat(watched.get()).isEqualTo("one");
    Files.delete(folder.resolve("file"));
    watched.run();
    assertThat(watched.get()).isEqualTo("one");
    write("three");
    watched.run();
    assertThat(watched.get()).isEqualTo("three");
  }

  @Test
  void open_failsOnWhatCannotBeUsed() throws IOException {
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("file");
    assertThatThrownBy(() -> watch("bad"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it is bad");
    write("x".repeat(1024 * 1024 + 1));
    assertThatThrownBy(this::open).hasMessageContaining("longer than");
  }

  @Test
  void optionalFile_comesAndGoes() throws IOException {
    Path second = folder.resolve("second");
    write("one");
    WatchedFiles<Integer> watched =
        WatchedFiles.open(
            List.of(folder.resolve("file"), second),
            Set.of(second),
            contents -> contents.getLast().length);
    List<Integer> seen = new ArrayList<>();
    watched.onChange(() -> seen.add(watched.get()));
    assertThat(watched.get()).isZero();

    Files.writeString(second, "four");
    watched.run();
    watched.run();
    Files.delete(second);
    watched.run();

    assertThat(seen).containsExactly(4, 0);
  }

  @Test
  void run_looksAgainWhateverAReadingThrows() throws IOException {
    write("one");
    WatchedFiles<Integer> watched =
        WatchedFiles.open(
            List.of(folder.resolve("file")),
            Set.of(),
            contents -> 10 / (contents.getFirst().length - 1));
    write("?");
    watched.run();
    assertThat(watched.get()).isEqualTo(5);

    write("two bytes of");
    watched.run();

    assertThat(watched.get()).isZero();
  }

  private WatchedFiles<String> watch(String text) throws IOException {
    write(text);
    return open();
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("file"), text);
  }

  private WatchedFiles<String> open() throws IOException {
    return WatchedFiles.open(
        List.of(folder.resolve("file")),
        Set.of(),
        contents -> {
          String text = new String(contents.getFirst(), StandardCharsets.US_ASCII);
          if (text.equals("bad")) {
            throw new IllegalArgumentException("it is bad");
          }
          return text;
        });
  }
}
