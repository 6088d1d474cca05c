package io.layercast.engine.store;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs on this node's disk, in a folder that is this process's alone: see {@link StoreTree}.
 * Thread-safe and blocking: call it on the disk dispatcher.
 *
 * <p>There is no index: what is here is what the folders say. A folder that does not hold a blob of
 * ours (cut short, overwritten, a link) is dropped with a warning; its blob is then fetched again.
 */
public final class BlobStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobStore.class);

  private final StoreTree tree;
  private final FileChannel lock;
  private final BlobFiles.Opener opener;
  private final OpenBlobs openBlobs;
  private final CheckedRead checkedRead = new CheckedRead();
  private final StoreSpace space = new StoreSpace();
  private final InstantSource clock;

  /** One instance a digest; guarded by this. */
  private final Map<Digest, StoredBlob> blobs = new HashMap<>();

  private BlobStore(
      StoreTree tree,
      FileChannel lock,
      StoreSettings settings,
      BlobFiles.Opener opener,
      InstantSource clock) {
    this.clock = clock;
    this.tree = tree;
    this.lock = lock;
    this.opener = opener;
    this.openBlobs = new OpenBlobs(settings.openBlobsMax());
  }

  /** Opens the store with the settings of {@code reference.conf}. */
  public static BlobStore open(Path root) throws IOException {
    return open(root, StoreSettings.defaults());
  }

  /**
   * Opens the store in {@code root}, creates what is missing and throws away what earlier runs left
   * half done.
   *
   * @throws IOException when another process has it open, or it is of another version
   */
  public static BlobStore open(Path root, StoreSettings settings) throws IOException {
    return open(root, settings, StoreTree::openPlain, InstantSource.system());
  }

  static BlobStore open(
      Path root, StoreSettings settings, BlobFiles.Opener opener, InstantSource clock)
      throws IOException {
    StoreTree tree = StoreTree.open(root);
    FileChannel lock = StoreTree.openPlain(tree.lock());
    try {
      takeLock(tree, lock);
      tree.clearTmp();
    } catch (IOException e) {
      lock.close();
      throw e;
    }
    return new BlobStore(tree, lock, settings, opener, clock);
  }

  private static void takeLock(StoreTree tree, FileChannel lock) throws IOException {
    @Nullable FileLock taken;
    try {
      taken = lock.tryLock();
    } catch (OverlappingFileLockException _) {
      taken = null;
    }
    if (taken == null) {
      throw new IOException(
          "tried to open the store in %s, but another process has it open".formatted(tree.root()));
    }
  }

  /**
   * The blob in this layout and generation. What is on disk of just that is kept; anything else
   * under this digest is deleted.
   *
   * @throws IOException when the disk is full or broken, or the blob has more than 2²⁰ pieces
   */
  public StoredBlob openOrCreate(Digest digest, PieceLayout layout, int generation)
      throws IOException {
    if (layout.pieceCount() > BlobHead.MAX_PIECES) {
      throw new IOException(
          "the blob %s has %d pieces, at most %d can be stored"
              .formatted(digest, layout.pieceCount(), BlobHead.MAX_PIECES));
    }
    StoredBlob.@Nullable Rubbish replaced = null;
    StoredBlob blob;
    synchronized (this) {
      Optional<StoredBlob> found = find(digest);
      if (found.filter(here -> isOf(here, layout, generation)).isPresent()) {
        return found.get();
      }
      if (found.isPresent()) {
        replaced = takeOut(found.get());
      }
      blob = create(digest, layout, generation);
    }
    if (replaced != null) {
      deleteReplaced(digest, replaced);
    }
    return blob;
  }

  private static void deleteReplaced(Digest digest, StoredBlob.Rubbish replaced) {
    try {
      replaced.delete();
    } catch (IOException e) {
      log.warn("tried to delete what was there of {} before, but failed", digest, e);
    }
  }

  private static boolean isOf(StoredBlob blob, PieceLayout layout, int generation) {
    return blob.layout().equals(layout) && blob.generation() == generation;
  }

  private StoredBlob create(Digest digest, PieceLayout layout, int generation) throws IOException {
    BlobFolder folder = new BlobFolder(tree, digest);
    BlobHead head = new BlobHead(layout, generation, false);
    folder.create(head);
    return remember(
        folder, new BlobFolder.Found(head, PieceSet.empty(layout.pieceCount()), clock.millis()));
  }

  /** The blob as it is on disk, in whatever layout and generation. */
  public synchronized Optional<StoredBlob> find(Digest digest) throws IOException {
    if (!lock.isOpen()) {
      throw new IOException("the store in " + tree.root() + " is closed");
    }
    BlobFolder folder = new BlobFolder(tree, digest);
    StoredBlob known = blobs.get(digest);
    if (known != null) {
      if (folder.exists()) {
        return Optional.of(known);
      }
      log.warn("the folder of {} has gone from under the store", digest);
      end(known);
      space.remove(digest);
    }
    try {
      return folder.read().map(found -> remember(folder, found));
    } catch (DamagedException e) {
      dropDamaged(folder, e);
      space.remove(digest);
      return Optional.empty();
    }
  }

  private StoredBlob remember(BlobFolder folder, BlobFolder.Found found) {
    BlobFiles files = new BlobFiles(folder.path(), opener, openBlobs);
    StoredBlob blob = new StoredBlob(this, folder, files, found);
    blobs.put(folder.digest(), blob);
    space.put(folder.digest(), found.storedBytes(), found.lastUsedMillis());
    return blob;
  }

  /** What its blobs take; complete after {@link #survey}. */
  public StoreSpace space() {
    return space;
  }

  /**
   * Counts the blobs that nobody has opened yet; one that cannot be read is logged and left out.
   * Reads a small file of each sealed one and the proofs of the others; blocks, in a large store
   * for seconds.
   */
  public void survey() {
    for (Digest digest : list()) {
      survey(digest);
    }
  }

  private synchronized void survey(Digest digest) {
    if (!lock.isOpen() || blobs.containsKey(digest)) {
      return;
    }
    BlobFolder folder = new BlobFolder(tree, digest);
    try {
      measure(folder);
    } catch (IOException e) {
      log.warn("tried to look at {}, but failed; its room is not counted", folder.path(), e);
    }
  }

  private void measure(BlobFolder folder) throws IOException {
    try {
      folder
          .measure()
          .ifPresent(found ->
              space.putIfAbsent(folder.digest(), found.storedBytes(), found.lastUsedMillis()));
    } catch (DamagedException e) {
      dropDamaged(folder, e);
    }
  }

  private static void dropDamaged(BlobFolder folder, DamagedException damage) throws IOException {
    log.warn("dropped {} from the store: {}", folder.digest(), damage.getMessage());
    StoreTree.deleteAll(folder.takeOut());
  }

  /** Bytes left to us on the file system the store is on. */
  public long freeBytes() throws IOException {
    return Files.getFileStore(tree.root()).getUsableSpace();
  }

  /** Size of the file system the store is on. */
  public long diskBytes() throws IOException {
    return Files.getFileStore(tree.root()).getTotalSpace();
  }

  InstantSource clock() {
    return clock;
  }

  /**
   * The digests that have a folder, in no order; what cannot be listed is logged and left out.
   * {@link #find} may still turn out that one of them is damaged.
   */
  public List<Digest> list() {
    List<Digest> digests = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path digits : children(tree.blobs().resolve(algorithm.label()))) {
        for (Path blob : children(digits)) {
          Optional<Digest> digest = Digest.parse(algorithm.label() + ":" + blob.getFileName());
          if (digest.isPresent() && tree.blob(digest.get()).equals(blob)) {
            digests.add(digest.get());
          } else {
            log.warn("{} is not named as the store names blobs; it is left alone", blob);
          }
        }
      }
    }
    return digests;
  }

  private static List<Path> children(Path folder) {
    if (!StoreTree.isFolder(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    } catch (IOException | UncheckedIOException e) {
      log.warn("tried to list {}, but failed; what is in it is left alone", folder, e);
      return List.of();
    }
  }

  /** Closes all files and gives the folder to whoever opens it next. */
  @Override
  public synchronized void close() throws IOException {
    for (StoredBlob blob : blobs.values()) {
      blob.end();
    }
    blobs.clear();
    lock.close();
  }

  /** Ends the blob under the monitor; its bytes are deleted beside it, for that may take long. */
  synchronized StoredBlob.Rubbish takeOut(StoredBlob blob) throws IOException {
    boolean isOurs = end(blob);
    Path rubbish = isOurs ? blob.folder().takeOut() : tree.newTemporary();
    if (isOurs) {
      space.remove(blob.digest());
    }
    return new StoredBlob.Rubbish(rubbish);
  }

  /** Ends an instance; says whether it was still the one of its digest. */
  private boolean end(StoredBlob blob) throws IOException {
    blob.end();
    return blobs.remove(blob.digest(), blob);
  }

  void closeFiles(BlobFiles files) {
    openBlobs.close(files);
  }

  CheckedRead checkedRead() {
    return checkedRead;
  }

  /** How many blobs have their files open. */
  public int openCount() {
    return openBlobs.count();
  }

  /** Closes the files that nobody uses now; they open again when they are used. */
  public void closeUnused() {
    openBlobs.closeUnused();
  }
}
