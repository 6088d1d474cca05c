package io.layercast.engine.store;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the bytes of a folder of manifests below a limit: beyond it the ones not used for longest
 * go until a tenth of it is free. A file's time of change is its last use. Thread-safe and
 * blocking.
 */
final class ManifestSpace {
  /** A use is noted this seldom. */
  private static final long NOTE_USE_MILLIS = 60_000;

  private static final Logger log = LoggerFactory.getLogger(ManifestSpace.class);

  private record Kept(Path file, long bytes, FileTime lastUsed) {}

  private final Path folder;
  private final long limitBytes;
  private final InstantSource clock;
  private long
      totalBytes; // guarded by this; a manifest that was replaced counts twice until a trim

  ManifestSpace(Path folder, long limitBytes, InstantSource clock) throws IOException {
    this.folder = folder;
    this.limitBytes = limitBytes;
    this.clock = clock;
    this.totalBytes = total(list());
  }

  synchronized long totalBytes() {
    return totalBytes;
  }

  void noteUse(Path file) {
    try {
      long now = clock.millis();
      if (Math.abs(now - Files.getLastModifiedTime(file).toMillis()) >= NOTE_USE_MILLIS) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(now));
      }
    } catch (
        IOException e) { // a manifest that has just gone, or an order of trimming that is older
      log.debug("tried to note a use of {}, but failed", file, e);
    }
  }

  /** A file of {@code bytes} has come. */
  synchronized void added(long bytes) throws IOException {
    totalBytes += bytes;
    if (totalBytes > limitBytes) {
      trim();
    }
  }

  private void trim() throws IOException {
    List<Kept> kept = list();
    long left = total(kept);
    if (left > limitBytes) {
      kept.sort(Comparator.comparing(Kept::lastUsed));
      for (Kept eldest : kept) {
        if (left <= limitBytes / 10 * 9) {
          break;
        }
        Files.deleteIfExists(eldest.file());
        left -= eldest.bytes();
      }
    }
    totalBytes = left;
  }

  private static long total(List<Kept> kept) {
    return kept.stream().mapToLong(Kept::bytes).sum();
  }

  private List<Kept> list() throws IOException {
    List<Kept> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path child, BasicFileAttributes attributes) {
            boolean isTmp = child.endsWith("tmp"); // files that are being written
            return isTmp ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found.add(new Kept(file, attributes.size(), attributes.lastModifiedTime()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE; // just replaced or dropped
          }
        });
    return found;
  }
}
