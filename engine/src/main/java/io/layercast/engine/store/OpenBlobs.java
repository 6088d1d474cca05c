package io.layercast.engine.store;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs whose files are open, the one not used for longest first. Holds their number at a
 * maximum, which only blobs in use at one moment (as many as disk threads) can pass. Thread-safe.
 */
final class OpenBlobs {
  private static final Logger log = LoggerFactory.getLogger(OpenBlobs.class);

  private final int max;
  private final Map<BlobFiles, Boolean> byUse = new LinkedHashMap<>(16, 0.75f, true);

  OpenBlobs(int max) {
    this.max = max;
  }

  synchronized void used(BlobFiles files) {
    byUse.put(files, true);
    Iterator<BlobFiles> eldest = byUse.keySet().iterator();
    while (byUse.size() > max && eldest.hasNext()) {
      if (isClosed(eldest.next())) {
        eldest.remove();
      }
    }
  }

  /** Closes one blob's files if nobody uses them. */
  synchronized void close(BlobFiles files) {
    if (isClosed(files)) {
      byUse.remove(files);
    }
  }

  synchronized void closeUnused() {
    byUse.keySet().removeIf(OpenBlobs::isClosed);
  }

  synchronized int count() {
    return byUse.size();
  }

  private static boolean isClosed(BlobFiles files) {
    try {
      return files.closeIfIdle();
    } catch (IOException e) {
      log.warn("tried to close the files of a blob, but failed", e);
      return true; // the handle is gone all the same (close(2))
    }
  }
}
