package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Rates of nodes that are changed while they run, as an edited ConfigMap does. */
final class EditedRates {
  /** Edited limits hold after so long (docs/operations.md). */
  private static final Duration EDIT = Duration.ofSeconds(3);

  private final Path folder;

  private EditedRates(Path folder) {
    this.folder = folder;
  }

  /**
   * @param rate down and up, bytes a second; 0 is unlimited
   */
  static EditedRates of(Workplace workplace, String name, long rate) throws IOException {
    EditedRates rates = new EditedRates(workplace.folder(name));
    rates.write(rate);
    return rates;
  }

  /** What a node that follows them is started with. */
  String[] options() {
    return new String[] {"--config-folder", folder.toString()};
  }

  /** Those of {@code all} have changed when this returns. */
  static void change(List<EditedRates> all, List<Long> rates) throws IOException {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).write(rates.get(i));
    }
    try {
      TimeUnit.NANOSECONDS.sleep(EDIT.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void write(long rate) throws IOException {
    Path edited =
        Files.writeString(
            folder.resolve("edited"), "downloadRate = %1$d\nuploadRate = %1$d\n".formatted(rate));
    Files.move(edited, folder.resolve("layercast.conf"), StandardCopyOption.ATOMIC_MOVE);
  }
}
