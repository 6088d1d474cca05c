package io.layercast.engine.store;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/** The folder of one blob: how it is made, read and taken away. */
record BlobFolder(StoreTree tree, Digest digest) {
  private static final int READ_BYTES = 64 * 1024;

  /**
   * What a folder says of its blob.
   *
   * @param lastUsedMillis the folder's own time of change, see {@link #touch}
   */
  record Found(BlobHead head, PieceSet have, long lastUsedMillis) {
    /** What the blob takes of the disk. */
    long storedBytes() {
      PieceLayout layout = head.layout();
      long bytes = StoreSpace.FOLDER_BYTES;
      for (int piece = have.nextPresent(0); piece >= 0; piece = have.nextPresent(piece + 1)) {
        bytes += storedBytes(layout, piece);
      }
      return bytes;
    }

    /** What a piece takes of the disk. */
    static long storedBytes(PieceLayout layout, int piece) {
      return (long) layout.lengthOf(piece) + PieceRecord.length(layout);
    }
  }

  Path path() {
    return tree.blob(digest);
  }

  boolean exists() {
    return StoreTree.isReachable(path()) && StoreTree.isFolder(path());
  }

  /** Makes the folder of an empty blob; there is none yet. */
  void create(BlobHead head) throws IOException {
    Path temporary = tree.newTemporary();
    Files.createDirectory(temporary);
    try {
      Files.write(temporary.resolve("head"), head.encode());
      Files.createFile(temporary.resolve("data"));
      Files.createFile(temporary.resolve("proofs"));
      StoreTree.makeReachable(path());
      Files.move(temporary, path(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      StoreTree.deleteAll(temporary); // unless it was moved
    }
  }

  /** Replaces the head. */
  void write(BlobHead head) throws IOException {
    StoreTree.writeWhole(path().resolve("head"), tree.newTemporary(), head.encode());
  }

  /** Takes the folder, whatever it is, out of the tree; delete the result. */
  Path takeOut() throws IOException {
    return StoreTree.isReachable(path()) ? tree.takeOut(path()) : tree.newTemporary();
  }

  /** Notes a use: the folder's time of change survives a restart and costs no file of its own. */
  void touch(long nowMillis) throws IOException {
    Files.setLastModifiedTime(path(), FileTime.fromMillis(nowMillis));
  }

  private long lastUsedMillis() throws IOException {
    return Files.getLastModifiedTime(path(), LinkOption.NOFOLLOW_LINKS).toMillis();
  }

  /**
   * As {@link #read}, and takes a sealed blob for whole without looking at its proofs.
   *
   * @throws DamagedException when the folder does not hold a blob of this store
   */
  Optional<Found> measure() throws IOException {
    return read(head -> head.sealed() ? PieceSet.full(head.layout().pieceCount()) : readHave(head));
  }

  /**
   * Reads head and proofs, not the data.
   *
   * @throws DamagedException when the folder does not hold a blob of this store
   */
  Optional<Found> read() throws IOException {
    return read(this::readHave);
  }

  /** Which pieces a folder has. */
  private interface Pieces {
    PieceSet of(BlobHead head) throws IOException;
  }

  private Optional<Found> read(Pieces pieces) throws IOException {
    if (!StoreTree.isReachable(path()) || Files.notExists(path(), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!StoreTree.isFolder(path())) {
      throw new DamagedException("it is no folder");
    }
    try {
      BlobHead head = BlobHead.decode(StoreTree.readSmall(path().resolve("head"), BlobHead.BYTES));
      return Optional.of(new Found(head, pieces.of(head), lastUsedMillis()));
    } catch (NoSuchFileException e) {
      throw new DamagedException("a file is missing", e);
    }
  }

  private PieceSet readHave(BlobHead head) throws IOException {
    PieceLayout layout = head.layout();
    long dataBytes = StoreTree.plainFileSize(path().resolve("data"));
    if (dataBytes > layout.sizeBytes()) {
      throw new DamagedException("its data is longer than the blob");
    }
    Path proofs = path().resolve("proofs");
    int recordBytes = PieceRecord.length(layout);
    if (StoreTree.plainFileSize(proofs) > PieceRecord.offset(layout, layout.pieceCount())) {
      throw new DamagedException("it has more proofs than pieces");
    }
    PieceSet have = PieceSet.empty(layout.pieceCount());
    int recordsAtOnce = Math.max(1, READ_BYTES / recordBytes);
    ByteBuffer records = ByteBuffer.allocate(recordsAtOnce * recordBytes);
    try (FileChannel channel =
        FileChannel.open(proofs, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      for (int piece = 0; piece < layout.pieceCount(); ) {
        PositionalIo.readUpTo(channel, records.clear(), PieceRecord.offset(layout, piece));
        int complete = records.position() / recordBytes;
        for (int i = 0; i < complete && piece < layout.pieceCount(); i++, piece++) {
          boolean hasData = layout.offsetOf(piece) + layout.lengthOf(piece) <= dataBytes;
          if (hasData && PieceRecord.isRecord(records.array(), i * recordBytes, head, piece)) {
            have.add(piece);
          }
        }
        if (complete < recordsAtOnce) {
          break;
        }
      }
    }
    return have;
  }
}
