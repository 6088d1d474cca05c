package io.layercast.engine.store;

import io.layercast.engine.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where things stand in a store's folder, and how files come and go there.
 *
 * <pre>
 * root/
 * ├── VERSION                      "1": the version of this tree
 * ├── lock                         held by the process whose store it is
 * ├── tmp/                         not yet or no longer part of the store; emptied at open
 * ├── blobs/
 * │   └── sha256/                  algorithm
 * │       └── 4a/                  first two digits
 * │           └── 4a5f…/           the digest's hex
 * │               ├── head         size, piece length, generation, sealed: {@link BlobHead}
 * │               ├── data         the blob's bytes at their offsets; sparse
 * │               └── proofs       one {@link PieceRecord} a piece
 * └── manifests/
 *     ├── tmp/
 *     └── sha256/
 *         └── 4a/
 *             └── 4a5f…            one file a manifest: {@link ManifestFile}
 * </pre>
 *
 * Folders and small files appear and disappear whole, by a move out of or into {@code tmp}. Links
 * are not followed below the root; the folders below it are their owner's alone, for what they hold
 * may be private.
 */
final class StoreTree {
  private static final String VERSION = "1";
  private static final int SMALL_FILE_MAX = 64;

  private static final Logger log = LoggerFactory.getLogger(StoreTree.class);

  private final Path root;
  private final AtomicLong temporaries = new AtomicLong();

  private StoreTree(Path root) {
    this.root = root;
  }

  /**
   * Creates what is missing of the tree.
   *
   * @throws IOException when the folder is of another version, or a folder of the tree is something
   *     else
   */
  static StoreTree open(Path folder) throws IOException {
    Files.createDirectories(folder);
    StoreTree tree = new StoreTree(folder.toRealPath());
    tree.checkVersion();
    tree.ownFolder(tree.root.resolve("tmp"));
    tree.ownFolder(tree.root.resolve("blobs"));
    tree.ownFolder(tree.manifests());
    tree.ownFolder(tree.manifestTmp());
    return tree;
  }

  private void checkVersion() throws IOException {
    Path file = root.resolve("VERSION");
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(root.resolve("blobs"), LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            "the store in %s has no VERSION file, expected version %s".formatted(root, VERSION));
      }
      Path temporary = root.resolve("VERSION.tmp");
      Files.deleteIfExists(temporary);
      Files.writeString(
          temporary, VERSION + "\n", StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    String found = new String(readSmall(file, SMALL_FILE_MAX), StandardCharsets.UTF_8).strip();
    if (!found.equals(VERSION)) {
      throw new IOException(
          "the store in %s is of version '%s', this program reads and writes version %s"
              .formatted(root, found, VERSION));
    }
  }

  private void ownFolder(Path folder) throws IOException {
    if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(folder);
    }
    if (!isFolder(folder)) {
      throw new IOException("tried to open a store, but %s is no folder".formatted(folder));
    }
    PosixFileAttributeView view =
        Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view != null) {
      view.setPermissions(PosixFilePermissions.fromString("rwx------"));
    }
  }

  Path root() {
    return root;
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path blobs() {
    return root.resolve("blobs");
  }

  Path blob(Digest digest) {
    return below(blobs(), digest);
  }

  Path manifests() {
    return root.resolve("manifests");
  }

  Path manifestTmp() {
    return manifests().resolve("tmp");
  }

  Path manifest(Digest digest) {
    return below(manifests(), digest);
  }

  private static Path below(Path folder, Digest digest) {
    return folder
        .resolve(digest.algorithm().label())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  /** A name in {@code tmp} that nothing has. */
  Path newTemporary() {
    return newIn(root.resolve("tmp"));
  }

  /** A name in the manifests' {@code tmp} that nothing has. */
  Path newManifestTemporary() {
    return newIn(manifestTmp());
  }

  private Path newIn(Path folder) {
    Path name;
    do {
      name = folder.resolve(Long.toString(temporaries.incrementAndGet()));
    } while (Files.exists(name, LinkOption.NOFOLLOW_LINKS)); // what could not be deleted
    return name;
  }

  /** Throws away what earlier runs left in {@code tmp}, as far as that can be deleted. */
  void clearTmp() throws IOException {
    clear(root.resolve("tmp"));
  }

  void clearManifestTmp() throws IOException {
    clear(manifestTmp());
  }

  private static void clear(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      for (Path child : children.toList()) {
        try {
          deleteAll(child);
        } catch (IOException e) {
          log.warn(
              "tried to delete {}, but failed; it takes room and does no other harm", child, e);
        }
      }
    }
  }

  /** Whether a folder, and no link to one, stands there. */
  static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether the two folders above {@code path}, algorithm and first digits, are folders. */
  static boolean isReachable(Path path) {
    Path digits = parent(path);
    return isFolder(digits) && isFolder(parent(digits));
  }

  /** Creates the two folders above {@code path}, in place of links and files. */
  static void makeReachable(Path path) throws IOException {
    Path digits = parent(path);
    makeFolder(parent(digits));
    makeFolder(digits);
  }

  /** One at a time: what one caller found in the way may by now be another's new folder. */
  private static synchronized void makeFolder(Path folder) throws IOException {
    if (!isFolder(folder)) {
      deleteAll(folder);
      Files.createDirectory(folder);
    }
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no folder");
    }
    return parent;
  }

  /** Makes {@code file} hold {@code bytes}, whole or not at all. */
  static void writeWhole(Path file, Path temporary, byte[] bytes) throws IOException {
    try {
      Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A small file's content.
   *
   * @throws DamagedException when it is no plain file or longer than {@code maxBytes}
   */
  static byte[] readSmall(Path file, int maxBytes) throws IOException {
    plainFileSize(file);
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new DamagedException(
            "%s is longer than %d bytes".formatted(file.getFileName(), maxBytes));
      }
      return bytes;
    }
  }

  /**
   * A plain file's length.
   *
   * @throws DamagedException when it is a link, a folder, a pipe
   */
  static long plainFileSize(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new DamagedException(file.getFileName() + " is no plain file");
    }
    return attributes.size();
  }

  /** Opens a plain file for reading and writing, and creates it when it is missing. */
  static FileChannel openPlain(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      plainFileSize(file);
    }
    return FileChannel.open(
        file,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.CREATE,
        LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Takes a file or folder, if it is there, out of the tree by one move; {@link #deleteAll} the
   * result.
   */
  Path takeOut(Path path) throws IOException {
    Path rubbish = newTemporary();
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(path, rubbish, StandardCopyOption.ATOMIC_MOVE);
    }
    return rubbish;
  }

  /**
   * Deletes a file, link or folder with all it holds, if it is there. Links in it are not followed.
   */
  static void deleteAll(Path path) throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // gone is what was wanted
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
