package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.typesafe.config.Config;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveLimitsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Config RUNNING = KIT.system().settings().config();

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
    assertThatThrownBy(() -> LiveLimits.start("agent", file, download, upload, RUNNING))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fast");
    assertThat(rates()).containsExactly(10, 20);
    Files.delete(file);
    assertThatThrownBy(() -> LiveLimits.start("agent", file, download, upload, RUNNING))
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
    LiveLimits limits = LiveLimits.start("agent", file, download, upload, RUNNING);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layercast.bootstrap.agent.dta = /d",
        "layercast.bootstrap.agent.stop-grace = soon",
        "layercast.bootstrap.log.level = loud",
        "layercast.engine.store.space.quota = lots",
        "layercast.engine.piece-buffers.limit = -1",
        "layercast.engine.ingest.connections = 0",
        "layercast.registry.proxies.addresses = [\"proxy\"]",
        "layercast.swarm.request-queue = 0",
        "layercast.tracker.client.connect-timeout = 0s",
        "downloadRate = {",
        "downloadRate = ${nothing}",
        "\u0000\u0001"
      })
  void run_refusesAsAWholeWhatTheNextStartWouldFailOn(String mistake) throws IOException {
    LiveLimits limits = start("downloadRate = 5\nuploadRate = 6");
    Files.writeString(file, "downloadRate = 50\nuploadRate = 60\n" + mistake);
    limits.run();
    assertThat(rates()).containsExactly(5, 6);
    assertThat(limits.refusedCount()).isEqualTo(1);
  }

  @Test
  void run_followsAnEditBesideKeysThatAreReadAtStart() throws IOException {
    LiveLimits limits = start("downloadRate = 5");
    Files.writeString(file, "downloadRate = 7\nlayercast.bootstrap.log.level = debug");
    limits.run();
    assertThat(rates()).containsExactly(7, 20);
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
    return LiveLimits.start("agent", file, download, upload, RUNNING);
  }

  private long[] rates() {
    return new long[] {download.rate(), upload.rate()};
  }
}
