package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A network of its own for one run: each host a network namespace, all on one bridge in another,
 * where packets between some of them can be dropped. This process has a leg in it too. Needs root.
 *
 * <pre>
 *   host 198.18.n.1 ── veth ──┐
 *   host 198.18.n.2 ── veth ──┤ bridge ── veth ── 198.18.n.254 here
 * </pre>
 */
final class Lan implements Closeable {
  private static final int OWN = 254;

  private final String name;
  private final String network;
  private final Map<String, String> namespaces = new LinkedHashMap<>();
  private final List<Process> wires = new ArrayList<>();

  private Lan(String name, String network) {
    this.name = name;
    this.network = network;
  }

  /** 198.18.0.0/15 is for such (RFC 2544, C.2.2). */
  static Lan create() throws IOException {
    int number = ThreadLocalRandom.current().nextInt(256);
    Lan lan = new Lan("lc" + number + "-", "198.18." + number);
    try {
      lan.build();
      return lan;
    } catch (IOException e) {
      lan.close();
      throw e;
    }
  }

  private void build() throws IOException {
    run("ip", "netns", "add", bridge());
    inBridge("ip", "link", "add", "bridge", "type", "bridge");
    inBridge("ip", "link", "set", "bridge", "up");
    inBridge("nft", "add", "table", "bridge", "lan");
    inBridge(
        "nft",
        "add",
        "chain",
        "bridge",
        "lan",
        "forward",
        "{ type filter hook forward priority 0; }");
    run(
        "ip",
        "link",
        "add",
        name + "own",
        "type",
        "veth",
        "peer",
        "name",
        "own",
        "netns",
        bridge());
    inBridge("ip", "link", "set", "own", "master", "bridge", "up");
    run("ip", "addr", "add", own() + "/24", "dev", name + "own");
    run("ip", "link", "set", name + "own", "up");
  }

  /** This process's address. */
  String own() {
    return network + "." + OWN;
  }

  /** Makes another host; returns its address. */
  String host() throws IOException {
    int number = namespaces.size() + 1;
    String host = network + "." + number;
    String namespace = name + number;
    namespaces.put(host, namespace);
    run("ip", "netns", "add", namespace);
    String port = "port" + number;
    run(
        "ip", "link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", port,
        "netns", bridge());
    in(namespace, "ip", "link", "set", "lo", "up");
    connect(host, namespace, port);
    return host;
  }

  private void connect(String host, String namespace, String port) throws IOException {
    inBridge("ip", "link", "set", port, "master", "bridge", "up");
    // One for good: its neighbours know it for half a minute, also when its device is another one.
    int number = Integer.parseInt(host.substring(host.lastIndexOf('.') + 1));
    String hardware = "02:00:00:00:00:%02x".formatted(number);
    in(namespace, "ip", "link", "set", "eth0", "address", hardware);
    in(namespace, "ip", "addr", "add", host + "/24", "dev", "eth0");
    in(namespace, "ip", "link", "set", "eth0", "up");
  }

  /**
   * Whether the address is a host's of such a network: another machine's as far as this one sees.
   */
  static boolean isHost(String address) {
    return address.startsWith("198.18.") && !address.endsWith("." + OWN);
  }

  /** {@code command} as it runs on {@code host}; unchanged when that is none of these. */
  List<String> at(String host, List<String> command) {
    String namespace = namespaces.get(host);
    return namespace == null ? command : prefixed(namespace, command);
  }

  /**
   * No packet passes between any of {@code some} and any of {@code others}, until {@link #heal}.
   */
  void cut(List<String> some, List<String> others) throws IOException {
    for (String one : some) {
      for (String other : others) {
        drop("ip", "saddr", one, "ip", "daddr", other);
        drop("ip", "saddr", other, "ip", "daddr", one);
      }
    }
  }

  /** Of a hundred packets from and to {@code host} so many are lost, until {@link #heal}. */
  void lose(String host, int percent) throws IOException {
    for (String direction : List.of("saddr", "daddr")) {
      drop("ip", direction, host, "numgen", "random", "mod", "100", "<", "" + percent);
    }
  }

  /** Moves {@code host} away: its packets take so long each way from now on. Needs Python 3. */
  void delay(String host, Duration oneWay) throws IOException {
    String namespace = Objects.requireNonNull(namespaces.get(host), "a host of this network");
    String port = "port" + host.substring(host.lastIndexOf('.') + 1);
    inBridge("ip", "link", "del", port);
    Path script = Files.createTempFile("layercast-delay", ".py");
    try (InputStream source = Lan.class.getResourceAsStream("delay.py")) {
      Files.write(script, Objects.requireNonNull(source, "delay.py is in the jar").readAllBytes());
    }
    Process wire =
        new ProcessBuilder(
                "python3",
                script.toString(),
                namespace,
                "eth0",
                bridge(),
                port,
                "" + oneWay.toMillis())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    wires.add(wire);
    String ready = wire.inputReader().readLine();
    Files.delete(script);
    if (!"ready".equals(ready)) {
      throw new IOException("tried to move " + host + " away, but failed");
    }
    connect(host, namespace, port);
  }

  void heal() throws IOException {
    inBridge("nft", "flush", "chain", "bridge", "lan", "forward");
  }

  private void drop(String... match) throws IOException {
    List<String> rule = new ArrayList<>(List.of("nft", "add", "rule", "bridge", "lan", "forward"));
    rule.addAll(List.of(match));
    rule.add("drop");
    inBridge(rule.toArray(String[]::new));
  }

  private String bridge() {
    return name + "bridge";
  }

  private void inBridge(String... command) throws IOException {
    in(bridge(), command);
  }

  private static void in(String namespace, String... command) throws IOException {
    run(prefixed(namespace, List.of(command)).toArray(String[]::new));
  }

  private static List<String> prefixed(String namespace, List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(command);
    return all;
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int exit = process.waitFor();
      if (exit != 0) {
        throw new CommandFailed(String.join(" ", command), exit, output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + String.join(" ", command), e);
    }
  }

  /** Takes every namespace away, with what is in them, after the processes there have ended. */
  @Override
  public void close() throws IOException {
    for (Process wire : wires) {
      wire.outputWriter().close(); // it ends with its input
    }
    List<String> all = new ArrayList<>(namespaces.values());
    all.add(bridge()); // its end of our own leg takes ours with it
    for (String namespace : all) {
      run("ip", "netns", "del", namespace);
    }
  }
}
