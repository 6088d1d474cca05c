package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A whole installation in front of one origin, each role a process of its own on its own address:
 * one tracker, some proxies, some agents. The agents are told of a proxy and the tracker, never of
 * the origin.
 */
final class Stack {
  private final List<Role> trackers;
  private final List<Role> proxies;
  private final List<Role> agents;

  private final Path clusterKey;

  private Stack(List<Role> trackers, List<Role> proxies, List<Role> agents, Path clusterKey) {
    this.clusterKey = clusterKey;
    this.trackers = List.copyOf(trackers);
    this.proxies = List.copyOf(proxies);
    this.agents = List.copyOf(agents);
  }

  static Plan before(Workplace workplace, String originUrl) throws IOException {
    return new Plan(workplace, originUrl);
  }

  /** The file with the cluster's key. */
  Path clusterKey() {
    return clusterKey;
  }

  Role tracker() {
    return trackers.getFirst();
  }

  List<Role> trackers() {
    return trackers;
  }

  List<Role> proxies() {
    return proxies;
  }

  Role proxy(int index) {
    return proxies.get(index);
  }

  List<Role> agents() {
    return agents;
  }

  Role agent(int index) {
    return agents.get(index);
  }

  /** All of them. */
  List<Role> roles() {
    return Stream.of(trackers, proxies, agents).flatMap(List::stream).toList();
  }

  /** The proxy that answers for the layer itself; the others redirect to it. */
  Role ownerOf(Blob blob, String repository) throws IOException {
    for (Role proxy : proxies) {
      var answer =
          Http.open(
              "%s/layercast/v1/blobs/%s/metainfo?repository=%s"
                  .formatted(proxy.url(), blob.digest(), repository));
      answer.body().close();
      if (answer.statusCode() == 200) {
        return proxy;
      }
    }
    throw new IOException("no proxy owns " + blob);
  }

  /** Which roles there will be and what they are told. */
  static final class Plan {
    private static final String MAIN = "io.layercast.bootstrap.Main";

    private final Workplace workplace;
    private final String originUrl;
    private final List<String> managements = new ArrayList<>();
    private final Path clusterKey;
    private final List<Role> trackers = new ArrayList<>();
    private final List<Role> proxies = new ArrayList<>();
    private final List<Role> agents = new ArrayList<>();
    private int agentsAtOnce = Integer.MAX_VALUE;
    private List<String> agentCommand = List.of();
    private List<String> allOptions = List.of();
    private Map<String, String> environment = Map.of();
    private final Map<String, FakeClock> clocks = new HashMap<>();
    private Path build = home();

    private Plan(Workplace workplace, String originUrl) throws IOException {
      this.workplace = workplace;
      this.originUrl = originUrl;
      this.clusterKey = workplace.folder("cluster").resolve("cluster.key");
      byte[] key = new byte[32];
      new SecureRandom().nextBytes(key);
      Files.createFile(
          clusterKey,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(clusterKey, HexFormat.of().formatHex(key));
      workplace.secrets().add("the cluster's key", key);
      anotherTracker();
    }

    /** Adds a tracker to the one that there is always: who is left takes the tracker's place. */
    Plan anotherTracker() {
      String name = trackers.isEmpty() ? "tracker" : "tracker-" + (trackers.size() + 1);
      String host = workplace.address();
      String address = Workplace.freePort(host, 6969);
      List<String> command = java("tracker");
      command.addAll(List.of("--listen", address));
      command.addAll(memberOptions(host));
      trackers.add(
          new Role(workplace, name, address, "", "/scrape", workplace.folder(name), command));
      return this;
    }

    private List<String> memberOptions(String host) {
      managements.add(Workplace.freePort(host, 8558));
      return List.of(
          "--cluster-address",
          Workplace.freePort(host, 25520),
          "--management",
          managements.getLast(),
          "--cluster-key",
          clusterKey.toString());
    }

    /**
     * Agents, all to be added after this, are many: so many start together, the next ones when they
     * are ready, and the cluster's members go before them on a busy machine.
     */
    Plan crowd(int atOnce) {
      agentsAtOnce = atOnce;
      agentCommand = List.of("nice", "-n", "15");
      return this;
    }

    /** Every role's command line, that of those added before too, ends with {@code options}. */
    Plan all(String... options) {
      allOptions = List.of(options);
      return this;
    }

    /** Adds to the environment of every role, for all its lives. */
    Plan environment(Map<String, String> variables) {
      environment = Map.copyOf(variables);
      return this;
    }

    /** Gives the role of that name, tracker, proxy-1, agent-1 …, a clock that can be set. */
    FakeClock clockOf(String name) throws IOException {
      FakeClock clock = new FakeClock(workplace.folder("clocks").resolve(name));
      clocks.put(name, clock);
      return clock;
    }

    /** Every role runs what was built in that source tree. */
    Plan build(Path home) {
      build = home;
      return this;
    }

    /** Gives the tracker these on its command line. */
    Plan tracker(String... options) {
      trackers.getFirst().tell(List.of(options));
      return this;
    }

    /** Adds a proxy; {@code options} go to its command line as they are. */
    Plan proxy(String... options) {
      return proxyWithData(workplace.folder("proxy-" + (proxies.size() + 1)), options);
    }

    /** Adds a proxy with its data in a folder of the caller's. */
    Plan proxyWithData(Path data, String... options) {
      String name = "proxy-" + (proxies.size() + 1);
      String host = workplace.address();
      String api = Workplace.freePort(host, 5005);
      String peers = Workplace.freePort(host, 6882);
      List<String> command = java("proxy");
      command.addAll(List.of("--origin", originUrl, "--api-address", api));
      command.addAll(List.of("--peer-address", peers, "--data", data.toString()));
      command.addAll(memberOptions(host));
      command.addAll(List.of(options));
      proxies.add(new Role(workplace, name, api, peers, "/v2/", data, command));
      return this;
    }

    /**
     * Adds an agent that knows all proxies so far: the first agent prefers the first, and so on.
     */
    Plan agent(String... options) {
      return agentWithData(workplace.folder("agent-" + (agents.size() + 1)), options);
    }

    /** Adds an agent with its data in a folder of the caller's. */
    Plan agentWithData(Path data, String... options) {
      String name = "agent-" + (agents.size() + 1);
      String host = workplace.address();
      String front = Workplace.freePort(host, 5004);
      String peers = Workplace.freePort(host, 6881);
      List<String> command = new ArrayList<>(agentCommand);
      command.addAll(java("agent"));
      command.addAll(List.of("--listen", front, "--peer-address", peers));
      command.addAll(List.of("--data", data.toString()));
      for (int i = 0; i < proxies.size(); i++) {
        Role proxy = proxies.get((agents.size() + i) % proxies.size());
        command.addAll(List.of("--proxy", proxy.address()));
      }
      command.addAll(List.of(options));
      agents.add(new Role(workplace, name, front, peers, "/v2/", data, command));
      return this;
    }

    /** Starts everything and returns when each role can serve. */
    Stack start() throws IOException {
      List<String> contactPoints =
          managements.stream().flatMap(at -> Stream.of("--contact-point", at)).toList();
      List<String> announceTo =
          trackers.stream().flatMap(tracker -> Stream.of("--tracker", tracker.url())).toList();
      trackers.forEach(tracker -> tracker.tell(contactPoints));
      proxies.forEach(proxy -> proxy.tell(contactPoints));
      proxies.forEach(proxy -> proxy.tell(announceTo));
      agents.forEach(agent -> agent.tell(announceTo));
      List<Role> members = Stream.concat(trackers.stream(), proxies.stream()).toList();
      int step = Math.max(1, Math.min(agentsAtOnce, agents.size()));
      List<Role> together = new ArrayList<>(members);
      for (int i = 0; i == 0 || i < agents.size(); i += step) {
        together.addAll(agents.subList(i, Math.min(agents.size(), i + step)));
        startTogether(together);
        together.clear();
      }
      return new Stack(trackers, proxies, agents, clusterKey);
    }

    private void startTogether(List<Role> roles) throws IOException {
      for (Role role : roles) {
        if (clocks.containsKey(role.name())) {
          role.tell(clocks.get(role.name()).environment());
        }
        role.tell(environment);
        role.swap(home(), build);
        role.start(allOptions.toArray(String[]::new));
      }
      roles.forEach(Role::awaitReady);
    }

    /**
     * As ./layercast starts a role: its own JVM flags, from files beside bootstrap's sources, what
     * C2 compiles, and the start-up cache.
     */
    static List<String> java(String role) {
      Path dist = dist();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      Path flags = dist.resolve("../../../src/main/jvm").normalize();
      for (String name : List.of("common.args", role + ".args")) {
        if (Files.isReadable(flags.resolve(name))) {
          command.add("@" + flags.resolve(name));
        }
      }
      Path compile = flags.resolve(role + ".compile");
      if (Files.isReadable(compile)) {
        command.add(Role.DIRECTIVES + compile);
      }
      Path own = dist.resolveSibling(role + ".aot");
      Path cache = Files.isReadable(own) ? own : dist.resolveSibling("layercast.aot");
      command.add("-XX:AOTCache=" + cache);
      command.addAll(List.of("-cp", dist.resolve("*").toString(), MAIN, role));
      return command;
    }

    /** The source tree that was built. */
    static Path home() {
      return dist().resolve("../../../..").normalize();
    }

    /**
     * The folder of jars that bootstrap packages: the system property {@code layercast.dist}, else
     * as it lies below {@code layercast.home}, which ./layercast sets.
     */
    private static Path dist() {
      String home = System.getProperty("layercast.home", ".");
      Path usual = Path.of(home, "bootstrap", "target", "dist", "lib");
      Path dist =
          Path.of(System.getProperty("layercast.dist", usual.toString()))
              .toAbsolutePath()
              .normalize();
      if (!Files.isDirectory(dist)) {
        throw new IllegalStateException(
            "no jars in " + dist + ": package bootstrap first, or set layercast.dist");
      }
      return dist;
    }
  }
}
