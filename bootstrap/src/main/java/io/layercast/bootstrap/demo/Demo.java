package io.layercast.bootstrap.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.layercast.bootstrap.demo.DemoResult.AgentResult;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Starts everything, pulls one image on all agents at once and tells how it went. */
public final class Demo {
  private final DemoSettings settings;
  private final PrintStream out;
  private final PrintStream notes;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param out for the result
   * @param err for what goes on, where {@code out} shall hold nothing but JSON
   */
  public Demo(DemoSettings settings, PrintStream out, PrintStream err) {
    this.settings = settings;
    this.out = out;
    this.notes = settings.json() ? err : out;
  }

  /**
   * Runs the demo; without {@code once} it stays up until the process is told to end.
   *
   * @return whether every agent has every byte and the origin sent at most 1.01 copies
   */
  public boolean run() throws IOException, InterruptedException {
    notes.printf(
        "starting an origin, a tracker, %d proxies and %d agents ...%n",
        DemoProcesses.PROXIES, settings.agents());
    try (DemoProcesses processes = DemoProcesses.start(settings)) {
      processes.notes().forEach(notes::println);
      notes.printf(
          "pulling %s/%s:%s on all agents at once, cold%n",
          processes.agents().getFirst().getAuthority(), DemoImage.REPOSITORY, DemoImage.TAG);
      DemoResult result = pullOnAll(processes);
      if (settings.json()) {
        out.println(new String(Json.write(result.toJson()), StandardCharsets.UTF_8));
      } else {
        out.println();
        out.print(result.table());
      }
      if (!settings.once()) {
        stayUp(processes);
      }
      return result.isGood();
    }
  }

  private DemoResult pullOnAll(DemoProcesses processes) throws IOException, InterruptedException {
    List<Progress.Bar> bars =
        processes.agents().stream().map(agent -> new Progress.Bar(agent.getAuthority())).toList();
    List<AgentResult> results = new ArrayList<>();
    boolean terminal =
        !settings.json()
            && Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    try (Progress _ = Progress.start(notes, terminal, processes.imageBytes(), bars);
        ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Callable<AgentResult>> pulls = new ArrayList<>();
      for (int i = 0; i < bars.size(); i++) {
        URI agent = processes.agents().get(i);
        Progress.Bar bar = bars.get(i);
        pulls.add(() -> pull(agent, bar));
      }
      for (Future<AgentResult> pull : executor.invokeAll(pulls)) {
        results.add(pull.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a pull turns its own failures into results", e.getCause());
    }
    processes.checkAlive();
    return new DemoResult(processes.imageBytes(), originBytes(processes.origin()), results);
  }

  private AgentResult pull(URI agent, Progress.Bar bar) throws InterruptedException {
    long bytes = 0;
    Optional<String> failure = Optional.empty();
    AgentTraffic traffic = AgentTraffic.NONE;
    try {
      bytes =
          new ImagePuller(http, agent, bar::add).pull(DemoImage.REPOSITORY, DemoImage.TAG).bytes();
      bar.finish();
      traffic = AgentTraffic.of(get(agent.resolve("/layercast/v1/stats")));
    } catch (IOException e) {
      bar.finish();
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
    return new AgentResult(agent.getAuthority(), bar.seconds(), bytes, traffic, failure);
  }

  private long originBytes(URI origin) throws IOException, InterruptedException {
    long bytes = 0;
    for (JsonNode sent : get(origin.resolve(DemoOrigin.SENT_PATH))) {
      bytes += sent.asLong();
    }
    return bytes;
  }

  private JsonNode get(URI uri) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException("GET %s answered %d".formatted(uri, response.statusCode()));
    }
    return Json.read(response.body());
  }

  private void stayUp(DemoProcesses processes) throws IOException {
    String image =
        "%s/%s:%s"
            .formatted(
                processes.agents().getFirst().getAuthority(), DemoImage.REPOSITORY, DemoImage.TAG);
    notes.printf("%nEverything stays up until Ctrl-C. Try:%n");
    notes.printf(
        "  skopeo --insecure-policy copy --src-tls-verify=false docker://%s dir:/tmp/image%n",
        image);
    notes.printf("  docker pull %s%n", image);
    processes.awaitFirstEnd();
    processes.checkAlive();
  }
}
