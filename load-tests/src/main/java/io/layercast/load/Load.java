package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code ./layercast load}: a Gatling simulation against the origin itself, then the same against
 * agents in front of it, both on one machine within minutes; or against a system that runs.
 */
@Command(
    name = "load",
    description = "Puts load on Layercast and judges how it bears it.",
    mixinStandardHelpOptions = true,
    subcommands = LoadFleet.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all assertions hold",
      "1:one does not",
      "3:only a percentile does not, and the machine was the limit: nothing is proven"
    })
public final class Load implements Callable<Integer> {
  private static final int FAILED = 1;

  /** Exit code of a run that only the machine has spoilt. */
  static final int VOID = 3;

  /** Above this the machine, not the system, decided: facts of the test machine. */
  static final double VOID_BUSY = 0.80;

  /** What one core carries: a layer byte is sent, received, hashed, stored and sent on. */
  private static final long BYTES_PER_SECOND_AND_CORE = 50_000_000;

  /** JVMs have compiled most of what they need by then. */
  private static final int WARM_UP_SECONDS = 20;

  private static final int USERS_PER_SECOND_MAX = 1_000;
  private static final int SECONDS_MAX = 4 * 3_600;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "image-pull, manifest-storm, small-blobs, range-reads, announce or soak.")
  private String name = "";

  @Option(names = "--users", description = "How many clients come (default: by simulation).")
  private int users;

  @Option(names = "--seconds", description = "Over how long they come (default: by simulation).")
  private int seconds;

  @Option(
      names = "--agents",
      defaultValue = "2",
      description = "How many agents are started (default: ${DEFAULT-VALUE}).")
  private int agents = 2;

  @Option(
      names = "--origin",
      defaultValue = "docker-registry",
      paramLabel = "KIND",
      description = "docker-registry, with tokens, or embedded (default: ${DEFAULT-VALUE}).")
  private String origin = "docker-registry";

  @Option(
      names = "--url",
      split = ",",
      description = "Agents, or the tracker, that run already: nothing is started.")
  private List<String> urls = List.of();

  @Option(
      names = "--direct",
      paramLabel = "URL",
      description = "With --url: the origin behind it, to compare with.")
  private Optional<String> direct = Optional.empty();

  @Option(names = "--repository", description = "With --url: of the image to pull.")
  private String repository = "";

  @Option(
      names = "--tag",
      defaultValue = "v1",
      description = "With --url (default: ${DEFAULT-VALUE}).")
  private String tag = "v1";

  @Option(
      names = "--credentials",
      paramLabel = "FILE",
      description = "With --url: a file with user:password.")
  private Optional<Path> credentials = Optional.empty();

  @Option(
      names = "--cluster-key",
      paramLabel = "FILE",
      description = "With --url, for announce: the cluster's key.")
  private Optional<Path> clusterKey = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Load()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    LoadKind kind = kind();
    PrintWriter out = spec.commandLine().getOut();
    Path reports = reports(kind.title());
    try (Workplace workplace = Workplace.open("load")) {
      LoadSystem system = urls.isEmpty() ? started(workplace, kind) : running(kind);
      LoadResult result = run(workplace, kind, system, reports);
      result.print(out);
      out.flush();
      return exitCode(result);
    }
  }

  /** Where the pages of a run go: {@code load-tests/target/load/<name>-<time>}. */
  static Path reports(String name) {
    String time =
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    return Stack.Plan.home().resolve("load-tests/target/load").resolve(name + "-" + time);
  }

  private LoadResult run(Workplace workplace, LoadKind kind, LoadSystem system, Path reports)
      throws IOException {
    Map<String, String> told = new HashMap<>(system.properties());
    told.put("users", "" + users);
    told.put("seconds", "" + seconds);
    if (system.isOurs()) {
      say("warming it with the same, of another image");
      Map<String, String> other = during(Math.min(seconds, WARM_UP_SECONDS), told);
      other.put("urls", String.join(",", system.urls()));
      other.put("repository", LoadOrigin.WARM_UP);
      GatlingRun.Outcome warmUp = GatlingRun.run(workplace, kind, "warm-up", other, reports);
      if (warmUp.failed() > 0) {
        say("%,d of its requests failed: too much for cold processes".formatted(warmUp.failed()));
      }
    }
    Optional<GatlingRun.Outcome> base = Optional.empty();
    if (system.direct().isPresent() && kind != LoadKind.ANNOUNCE) {
      say(kind.title() + " against the origin itself");
      Map<String, String> toOrigin =
          during(kind == LoadKind.SOAK ? Math.min(seconds, WARM_UP_SECONDS) : seconds, told);
      toOrigin.put("urls", system.direct().get());
      base = Optional.of(GatlingRun.run(workplace, kind, "direct", toOrigin, reports));
    }
    boolean isBounded = base.isPresent() || kind == LoadKind.ANNOUNCE;
    if (isBounded) {
      int bound = kind.p95MaxMillis(base.map(GatlingRun.Outcome::p95Millis).orElse(0));
      told.put("p95-max-millis", "" + bound);
    }
    told.put("urls", String.join(",", system.urls()));
    say(kind.title() + " against " + String.join(", ", system.urls()));
    LoadOrigin.Asked before = system.asked();
    Map<String, Double> cpu = system.cpuSeconds();
    try (SoakWatch watch = SoakWatch.start(kind == LoadKind.SOAK ? system : LoadSystem.NONE)) {
      GatlingRun.Outcome outcome = GatlingRun.run(workplace, kind, "layercast", told, reports);
      List<String> broken = system.broken(kind, users, before);
      Map<String, Double> took = new TreeMap<>(system.cpuSeconds());
      cpu.forEach((who, seconds) -> took.merge(who, -seconds, Double::sum));
      took.put("load generator", outcome.cpuSeconds());
      return new LoadResult(kind, isBounded, base, outcome, broken, watch.end(), took);
    }
  }

  /** The same load for a shorter time. */
  private Map<String, String> during(int shorter, Map<String, String> told) {
    Map<String, String> all = new HashMap<>(told);
    all.put("seconds", "" + shorter);
    all.put("users", "" + Math.max(1, (long) users * shorter / seconds));
    return all;
  }

  private static int exitCode(LoadResult result) {
    if (result.holds()) {
      return 0;
    }
    return result.isVoid() ? VOID : FAILED;
  }

  private LoadSystem started(Workplace workplace, LoadKind kind) throws Exception {
    say(
        kind == LoadKind.ANNOUNCE
            ? "starting a tracker"
            : "starting an origin, a tracker, two proxies and %d agents".formatted(agents));
    return switch (origin) {
      case "docker-registry" ->
          LoadSystem.start(workplace, kind, LoadOrigin.dockerRegistry(workplace), agents);
      case "embedded" -> LoadSystem.start(workplace, kind, LoadOrigin.embedded(workplace), agents);
      default -> throw refused("--origin is docker-registry or embedded, not " + origin);
    };
  }

  private LoadSystem running(LoadKind kind) {
    Map<String, String> properties = new HashMap<>();
    if (kind == LoadKind.ANNOUNCE) {
      Path key = clusterKey.orElseThrow(() -> refused("announce needs --cluster-key"));
      properties.put("cluster-key", key.toAbsolutePath().toString());
    } else if (repository.isEmpty()) {
      throw refused("--url needs --repository");
    }
    properties.put("repository", repository);
    properties.put("tag", tag);
    credentials.ifPresent(file -> properties.put("credentials", file.toAbsolutePath().toString()));
    return LoadSystem.running(urls, direct, properties);
  }

  private LoadKind kind() {
    LoadKind kind;
    try {
      kind = LoadKind.named(name);
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
    seconds = seconds > 0 ? seconds : kind.seconds();
    users = users > 0 ? users : kind.users(seconds);
    if (origin.equals("embedded") && kind == LoadKind.MANIFEST_STORM) {
      throw refused("manifest-storm is about tokens, which the embedded origin does not ask for");
    }
    long rate = users * kind.bytesPerUser() / seconds;
    int cores = Runtime.getRuntime().availableProcessors();
    if (seconds > SECONDS_MAX || users > (long) USERS_PER_SECOND_MAX * seconds || agents > 20) {
      throw refused(
          String.format(
              Locale.ROOT,
              "at most %d s, %d clients a second and 20 agents",
              SECONDS_MAX,
              USERS_PER_SECOND_MAX));
    }
    if (rate > cores * BYTES_PER_SECOND_AND_CORE) {
      throw refused(
          String.format(
              Locale.ROOT,
              "%d clients in %d s are %.0f MB/s, more than the %.0f MB/s that %d cores carry",
              users,
              seconds,
              rate / 1e6,
              cores * BYTES_PER_SECOND_AND_CORE / 1e6,
              cores));
    }
    return kind;
  }

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private void say(String what) {
    spec.commandLine().getErr().println(what);
  }
}
