package io.layercast.bootstrap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.layercast.bootstrap.node.RunningNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How a process of ours says that it is ready, and whom it does not outlive. */
final class Lifetime {
  private Lifetime() {}

  /** Starts a role, in this life or the next. */
  interface Start {
    RunningNode start() throws IOException, InterruptedException;
  }

  /**
   * Starts a node, says that it is ready and waits until it has ended; starts it again when it has
   * to join its cluster anew, which outside Kubernetes nobody else would do.
   */
  static int run(String role, RunOptions run, Start start)
      throws IOException, InterruptedException {
    endWithInput(run);
    RunningNode node = start.start();
    LogsEnd.after(node.whenEnded());
    sayReady(role, node.addresses(), run.json);
    while (node.whenEnded().toCompletableFuture().join() == RunningNode.End.REJOIN) {
      node = start.start();
      LogsEnd.after(node.whenEnded());
    }
    return 0;
  }

  /** Prints where {@code role} listens, one line, and nothing before it on standard output. */
  static void sayReady(String role, Map<String, ?> facts, boolean json)
      throws JsonProcessingException {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("role", role);
      line.putAll(facts);
      System.out.println(new ObjectMapper().writeValueAsString(line));
    } else {
      System.out.println(
          role
              + " is ready: "
              + facts.entrySet().stream()
                  .map(fact -> fact.getKey() + " " + fact.getValue())
                  .collect(Collectors.joining(", ")));
    }
    System.out.flush();
  }

  /** With {@code --until-input-closes}: exits in order when standard input ends. */
  static void endWithInput(RunOptions run) {
    if (run.untilInputCloses) {
      Thread.ofPlatform()
          .daemon()
          .name("until-input-closes")
          .start(() -> {
            awaitEndOfInput();
            System.exit(0);
          });
    }
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Whatever is written to us means nothing.
      }
    } catch (IOException e) {
      throw new UncheckedIOException("tried to wait for the end of standard input", e);
    }
  }
}
