package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.typesafe.config.ConfigException;
import io.layercast.engine.rate.RateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveLimitsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final RateLimiter download = RateLimiter.create(10, KIT.system());
  private final RateLimiter upload = RateLimiter.create(20, KIT.system());

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve(LiveLimits.FILE);
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void start_setsWhatTheFileSaysAndKeepsTheRest() throws IOException {
    start("downloadRate = 5");
    assertThat(rates()).containsExactly(5, 20);
  }

  @Test
  void start_failsOnAMistakeAndOnNoFile() throws IOException {
    Files.writeString(file, "downloadRate = fast");
    assertThatThrownBy(() -> LiveLimits.start("agent", file, download, upload))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fast");
    assertThat(rates()).containsExactly(10, 20);
    Files.delete(file);
    assertThatThrownBy(() -> LiveLimits.start("agent", file, download, upload))
        .isInstanceOf(IOException.class);
  }

  @Test
  void run_followsAnEdit() throws IOException {
    LiveLimits limits = start("downloadRate = 5\nuploadRate = 6");
    Files.writeString(file, "downloadRate = 0\nuploadRate = 7");
    limits.run();
    assertThat(rates()).containsExactly(0, 7);
    assertThat(limits.appliedCount()).isEqualTo(1);
  }

  @Test
  void run_goesBackToTheRateOfTheStartWhenALineIsTakenOut() throws IOException {
    LiveLimits limits = start("downloadRate = 5");
    Files.writeString(file, "");
    limits.run();
    assertThat(rates()).containsExactly(10, 20);
  }

  @Test
  void run_followsTheLinkThatKubeletSwaps() throws IOException {
    Path old = Files.createDirectory(folder.resolve("..2026_1"));
    Files.writeString(old.resolve(LiveLimits.FILE), "downloadRate = 5");
    Files.createSymbolicLink(folder.resolve("..data"), old.getFileName());
    Files.createSymbolicLink(file, Path.of("..data", LiveLimits.FILE));
    LiveLimits limits = LiveLimits.start("agent", file, download, upload);
    assertThat(rates()).containsExactly(5, 20);

    Path young = Files.createDirectory(folder.resolve("..2026_2"));
    Files.writeString(young.resolve(LiveLimits.FILE), "downloadRate = 6");
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), young.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    limits.run();
    assertThat(rates()).containsExactly(6, 20);
  }

  @Test
  void run_changesNothingWhenOneLineIsWrongAndCountsItOnce() throws IOException {
    LiveLimits limits = start("downloadRate = 5\nuploadRate = 6");
    Files.writeString(file, "downloadRate = 50\nuploadRate = lots");
    limits.run();
    limits.run();
    assertThat(rates()).containsExactly(5, 6);
    assertThat(limits.refusedCount()).isEqualTo(1);
    Files.writeString(file, "downloadRate = 50\nuploadRate = 60");
    limits.run();
    assertThat(rates()).containsExactly(50, 60);
  }

  @Test
  void run_keepsTheRatesWhenTheFileIsGoneOrTooLong() throws IOException {
    LiveLimits limits = start("downloadRate = 5");
    Files.delete(file);
    limits.run();
    assertThat(rates()).containsExactly(5, 20);
    Files.writeString(file, "downloadRate = 9\n" + "#".repeat(70_000));
    limits.run();
    assertThat(rates()).containsExactly(5, 20);
    assertThat(limits.appliedCount()).isZero();
  }

  private LiveLimits start(String text) throws IOException {
    Files.writeString(file, text);
    return LiveLimits.start("agent", file, download, upload);
  }

  private long[] rates() {
    return new long[] {download.rate(), upload.rate()};
  }
}
