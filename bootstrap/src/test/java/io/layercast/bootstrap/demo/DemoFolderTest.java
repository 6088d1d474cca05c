package io.layercast.bootstrap.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
  /** Above what Linux lets a process id be. */
  private static final long NOBODY = 4_194_305;

  @TempDir Path parent;

  @Test
  void create_clearsWhatTheDeadHaveLeft() throws IOException {
    Path dead = Files.createDirectories(parent.resolve("layercast-demo-" + NOBODY + "-1/agent-1"));
    Files.writeString(dead.resolve("piece"), "bytes");
    Path living = DemoFolder.create(parent).path();
    Path other = Files.createDirectory(parent.resolve("layercast-demo-mine"));

    Path second = DemoFolder.create(parent).path();

    assertThat(dead.getParent()).doesNotExist();
    assertThat(living).exists();
    assertThat(other).exists();
    assertThat(second).exists().isNotEqualTo(living);
  }

  @Test
  void create_followsNoLink() throws IOException {
    Path target = Files.createDirectory(parent.resolve("target"));
    Files.writeString(target.resolve("precious"), "bytes");
    Files.createSymbolicLink(parent.resolve("layercast-demo-" + NOBODY + "-2"), target);
    Path dead = Files.createDirectory(parent.resolve("layercast-demo-" + NOBODY + "-3"));
    Files.createSymbolicLink(dead.resolve("link"), target);

    DemoFolder.create(parent);

    assertThat(dead).doesNotExist();
    assertThat(target.resolve("precious")).exists();
  }
}
