package io.layercast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackedImageTest {
  private static final long MODIFIED_MILLIS = 1_000;

  @TempDir Path folder;

  /** A tar file in the making. */
  private static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes);

    Tar file(String name, String content) throws IOException {
      return file(name, content.getBytes(StandardCharsets.UTF_8), 0644);
    }

    Tar file(String name, byte[] content, int mode) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      entry.setMode(mode);
      entry.setModTime(MODIFIED_MILLIS);
      out.putArchiveEntry(entry);
      out.write(content);
      out.closeArchiveEntry();
      return this;
    }

    Tar link(String name, byte type, String target) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
      entry.setLinkName(target);
      out.putArchiveEntry(entry);
      out.closeArchiveEntry();
      return this;
    }

    byte[] end() throws IOException {
      out.close();
      return bytes.toByteArray();
    }
  }

  private UnpackedImage unpack(Tar... layers) throws IOException {
    Tar archive = new Tar();
    List<String> names = new ArrayList<>();
    for (Tar layer : layers) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
        gzip.write(layer.end());
      }
      String name = names.size() + ".tar.gz";
      archive.file(name, packed.toByteArray(), 0644);
      names.add('"' + name + '"');
    }
    archive.file("config.json", "{\"config\":{\"Env\":[\"PATH=/opt/bin\",\"A=b=c\"]}}");
    archive.file(
        "manifest.json",
        "[{\"Config\":\"config.json\",\"Layers\":[%s]}]".formatted(String.join(",", names)));
    Path file = Files.write(folder.resolve("image.tar"), archive.end());
    return UnpackedImage.of(file, Files.createDirectory(folder.resolve("unpacked")));
  }

  @Test
  void layers_lieOnEachOther() throws IOException {
    UnpackedImage image =
        unpack(
            new Tar()
                .file("usr/bin/java", "old".getBytes(StandardCharsets.UTF_8), 0755)
                .file("etc/gone", "x")
                .link("bin", TarConstants.LF_SYMLINK, "usr/bin"),
            new Tar()
                .file("bin/java", "young".getBytes(StandardCharsets.UTF_8), 0755)
                .file("etc/.wh.gone", "")
                .link("etc/same", TarConstants.LF_LINK, "usr/bin/java"));

    Path java = image.root().resolve("usr/bin/java");
    assertThat(java).hasContent("young").isExecutable();
    assertThat(Files.getLastModifiedTime(java).toMillis()).isEqualTo(MODIFIED_MILLIS);
    assertThat(image.root().resolve("etc/same")).hasContent("young");
    assertThat(image.root().resolve("etc")).isDirectoryNotContaining("glob:**gone");
    assertThat(image.environment()).containsEntry("PATH", "/opt/bin").containsEntry("A", "b=c");
  }

  @Test
  void aName_thatLeadsOut_isRefused() {
    assertThatThrownBy(() -> unpack(new Tar().file("a/../../../out", "x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("leads out");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"way/file", "way/below/file"})
  void aLinkOfALayerBelow_thatLeadsOut_isNotFollowed(String name) throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));

    assertThatThrownBy(() ->
            unpack(
                new Tar().link("way", TarConstants.LF_SYMLINK, outside.toString()),
                new Tar().file(name, "x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("leads out");
    assertThat(outside).isEmptyDirectory();
  }
}
