package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process logs while it ends, in a JVM of its own. */
class LogsEndTest {
  /** Exits at once; its node ends half a second later, with a line about it. */
  static final class Exiting {
    private static final Logger LOG = LoggerFactory.getLogger(Exiting.class);

    private Exiting() {}

    public static void main(String[] arguments) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      LogsEnd.after(ended);
      Executor later = CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                CompletableFuture.runAsync(() -> LOG.info("ended after {} pulls", 7), later).join();
                ended.complete(null);
              }));
      System.exit(0);
    }
  }

  @Test
  void lines_areWrittenUntilTheNodeHasEndedAsTheyRead() throws IOException, InterruptedException {
    String printed = ChildJvm.run(Exiting.class, "-Dlayercast.log.format=json");

    JsonNode line = new ObjectMapper().readTree(printed);
    assertThat(line.path("formattedMessage").asText()).isEqualTo("ended after 7 pulls");
    assertThat(line.has("message")).isFalse();
    assertThat(line.has("arguments")).isFalse();
  }
}
