package io.layercast.engine.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The {@code data} and {@code proofs} of one blob, opened when they are used and closed when {@link
 * OpenBlobs} needs the handles. Thread-safe.
 */
final class BlobFiles {
  /** Opens a file of the store; tests put failing ones in its place. */
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path file) throws IOException;
  }

  /** Both files. Positional reads and writes only. */
  record Channels(FileChannel data, FileChannel proofs) {
    private boolean areOpen() {
      return data.isOpen() && proofs.isOpen();
    }

    private void close() throws IOException {
      try (data) {
        proofs.close();
      }
    }
  }

  private final Path folder;
  private final Opener opener;
  private final OpenBlobs openBlobs;

  private @Nullable Channels channels;
  private int users;
  private boolean ended;

  BlobFiles(Path folder, Opener opener, OpenBlobs openBlobs) {
    this.folder = folder;
    this.opener = opener;
    this.openBlobs = openBlobs;
  }

  /**
   * The open files, until {@link #release}.
   *
   * @throws IOException when the blob was deleted or a file can not be opened
   */
  Channels acquire() throws IOException {
    Channels acquired;
    synchronized (this) {
      if (ended) {
        throw new IOException("the blob was deleted or its store closed");
      }
      if (channels != null && !channels.areOpen()) {
        closeChannels(); // an interrupted thread closes the channel it uses
      }
      if (channels == null) {
        channels = open();
      }
      users++;
      acquired = channels;
    }
    openBlobs.used(this);
    return acquired;
  }

  private Channels open() throws IOException {
    FileChannel data = opener.open(folder.resolve("data"));
    try {
      return new Channels(data, opener.open(folder.resolve("proofs")));
    } catch (IOException e) {
      data.close();
      throw e;
    }
  }

  synchronized void release() {
    users--;
  }

  /** Closes the files unless somebody uses them; says whether they are closed now. */
  synchronized boolean closeIfIdle() throws IOException {
    if (users > 0) {
      return false;
    }
    closeChannels();
    return true;
  }

  /** Closes the files for good, under whoever uses them. */
  synchronized void end() throws IOException {
    ended = true;
    closeChannels();
  }

  private void closeChannels() throws IOException {
    Channels closing = channels;
    channels = null;
    if (closing != null) {
      closing.close();
    }
  }
}
