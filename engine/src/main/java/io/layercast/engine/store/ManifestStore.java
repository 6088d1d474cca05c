package io.layercast.engine.store;

import io.layercast.engine.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manifests on this node's disk, by digest, in the folder of a {@link BlobStore}, which is
 * opened first and holds the lock for both. A manifest is hashed at every read, so nothing wrong is
 * ever served. Thread-safe and blocking: call it on the disk dispatcher.
 */
public final class ManifestStore {
  /**
   * What the OCI distribution spec asks every registry to take at least, and a client to expect.
   */
  public static final int MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(ManifestStore.class);

  private final StoreTree tree;
  private final ManifestSpace space;

  private ManifestStore(StoreTree tree, ManifestSpace space) {
    this.tree = tree;
    this.space = space;
  }

  /** Opens the manifests with the settings of {@code reference.conf}. */
  public static ManifestStore open(Path root) throws IOException {
    return open(root, SpaceSettings.defaults(), InstantSource.system());
  }

  /**
   * Opens the manifests in {@code root} and creates what is missing.
   *
   * @throws IOException when the store there is of another version
   */
  public static ManifestStore open(Path root, SpaceSettings settings) throws IOException {
    return open(root, settings, InstantSource.system());
  }

  static ManifestStore open(Path root, SpaceSettings settings, InstantSource clock)
      throws IOException {
    StoreTree tree = StoreTree.open(root);
    tree.clearManifestTmp();
    return new ManifestStore(
        tree, new ManifestSpace(tree.manifests(), settings.manifestsBytes(), clock));
  }

  /** What the manifests take of the disk. */
  public long bytes() {
    return space.totalBytes();
  }

  /** The manifest, if it is here and hashes to its digest; a damaged one is deleted. */
  public Optional<StoredManifest> find(Digest digest) throws IOException {
    Path file = tree.manifest(digest);
    if (!StoreTree.isReachable(file) || Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      StoredManifest manifest =
          ManifestFile.decode(
              StoreTree.readSmall(file, MAX_MANIFEST_BYTES + ManifestFile.MAX_OVERHEAD_BYTES));
      checkDigest(digest, manifest.bytes());
      space.noteUse(file);
      return Optional.of(manifest);
    } catch (DamagedException e) {
      log.warn("dropped the manifest {}: {}", digest, e.getMessage());
      StoreTree.deleteAll(file);
      return Optional.empty();
    } catch (NoSuchFileException _) {
      return Optional.empty(); // another reader has just dropped it
    }
  }

  /**
   * Stores a manifest, in place of what is there.
   *
   * @throws IOException when the disk is full or broken; nothing has changed then
   * @throws IllegalArgumentException when {@code bytes} do not hash to the digest or are more than
   *     4 MiB, or the media type is longer than 255 bytes
   */
  public void put(Digest digest, String mediaType, byte[] bytes) throws IOException {
    if (bytes.length > MAX_MANIFEST_BYTES) {
      throw new IllegalArgumentException("a manifest of " + bytes.length + " bytes");
    }
    try {
      checkDigest(digest, bytes);
    } catch (DamagedException e) {
      throw new IllegalArgumentException("not the manifest " + digest, e);
    }
    Path file = tree.manifest(digest);
    byte[] content = ManifestFile.encode(mediaType, bytes);
    StoreTree.makeReachable(file);
    if (StoreTree.isFolder(file)) {
      StoreTree.deleteAll(file); // in the way of the move
    }
    StoreTree.writeWhole(file, tree.newManifestTemporary(), content);
    space.added(content.length);
  }

  private static void checkDigest(Digest digest, byte[] bytes) throws DamagedException {
    Digest found = Digest.ofHash(digest.algorithm(), digest.algorithm().hasher().digest(bytes));
    if (!found.equals(digest)) {
      throw new DamagedException("it hashes to " + found);
    }
  }
}
