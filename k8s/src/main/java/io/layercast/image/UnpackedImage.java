package io.layercast.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a container of an image would see, unpacked into a folder.
 *
 * @param root its file system; owners are the caller's, device files are left out
 * @param environment what the image sets
 */
record UnpackedImage(Path root, Map<String, String> environment) {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /**
   * Unpacks a file as {@code docker save} writes it: {@code manifest.json} names its layers, lowest
   * first, and its configuration.
   *
   * @param folder an empty one
   * @throws IOException also when an entry would be written outside of the root
   */
  static UnpackedImage of(Path archive, Path folder) throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    Path root = Files.createDirectory(folder.resolve("root")).toRealPath();
    try (TarArchiveInputStream tar = tar(Files.newInputStream(archive))) {
      unpack(tar, parts.toRealPath());
    }
    ObjectMapper json = new ObjectMapper();
    JsonNode image = json.readTree(parts.resolve("manifest.json").toFile()).path(0);
    for (JsonNode layer : image.path("Layers")) {
      try (TarArchiveInputStream tar =
          tar(new GzipCompressorInputStream(stream(parts.resolve(layer.asText())), true))) {
        unpack(tar, root);
      }
    }
    Map<String, String> environment = new HashMap<>();
    JsonNode config = json.readTree(parts.resolve(image.path("Config").asText()).toFile());
    for (JsonNode variable : config.at("/config/Env")) {
      String[] words = variable.asText().split("=", 2);
      environment.put(words[0], words.length == 2 ? words[1] : "");
    }
    return new UnpackedImage(root, environment);
  }

  private static InputStream stream(Path file) throws IOException {
    return new BufferedInputStream(Files.newInputStream(file));
  }

  private static TarArchiveInputStream tar(InputStream in) {
    return new TarArchiveInputStream(new BufferedInputStream(in), "UTF-8");
  }

  private static void unpack(TarArchiveInputStream tar, Path root) throws IOException {
    for (@Nullable TarArchiveEntry entry = tar.getNextEntry();
        entry != null;
        entry = tar.getNextEntry()) {
      Path file = root.resolve("./" + entry.getName()).normalize();
      if (file.equals(root)) {
        continue;
      }
      Path folder = folderOf(root, file);
      String name = file.getFileName().toString();
      Path place = folder.resolve(name);
      if (name.equals(OPAQUE)) {
        throw new IOException("a layer hides all of " + folder + ", which is not done here");
      } else if (name.startsWith(WHITEOUT)) {
        delete(place.resolveSibling(name.substring(WHITEOUT.length())));
      } else {
        write(tar, entry, root, place);
      }
    }
  }

  /** A link of a layer below may lead out of the root; one within is a folder like any. */
  private static Path folderOf(Path root, Path file) throws IOException {
    Path parent = above(inside(root, file));
    Path existing = parent;
    while (!Files.exists(existing)) {
      existing = above(existing);
    }
    inside(root, existing.toRealPath());
    return inside(root, Files.createDirectories(parent).toRealPath());
  }

  private static Path above(Path file) {
    return file.resolve("..").normalize();
  }

  private static Path inside(Path root, Path file) throws IOException {
    if (!file.startsWith(root)) {
      throw new IOException("an entry of a layer leads out of it: " + file);
    }
    return file;
  }

  private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path root, Path place)
      throws IOException {
    boolean isFolder = entry.isDirectory();
    if (!isFolder || !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      delete(place);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(place, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Path target = root.resolve("./" + entry.getLinkName()).normalize();
      Path folder = inside(root, above(inside(root, target)).toRealPath());
      Files.createLink(place, folder.resolve(target.getFileName()));
    } else if (isFolder) {
      Files.createDirectories(place);
    } else if (entry.isFile()) {
      Files.copy(tar, place, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(place, permissions(entry.getMode()));
      // A start-up cache names jars and the runtime by time and size.
      Files.setLastModifiedTime(place, entry.getLastModifiedTime());
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      text.append((mode >> bit & 1) == 1 ? "rwx".charAt((8 - bit) % 3) : '-');
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  /** Deletes a file or a whole folder, if there is one. */
  static void delete(Path place) throws IOException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(place)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
