package io.layercast.load.simulation;

import com.typesafe.config.Config;
import io.layercast.engine.EngineSettings;
import io.layercast.engine.PieceBudget;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SwarmId;
import io.layercast.load.simulation.Node.Health;
import io.layercast.swarm.SwarmSettings;
import io.layercast.tracker.TrackerSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One scenario, run once from a seed. */
final class Fleet {
  /** SHA-256 at 1.8 GB/s and a write into the page cache. */
  private static final double STORE_BYTES_PER_SECOND = 1e9;

  /** A run that takes this many times the ideal is broken. */
  private static final int HOPELESS = 20;

  /** Of a caller whose proxy does not answer. */
  private static final long RETRY_NANOS = 1_000_000_000;

  private static final int AGENT_PORT = 6881;

  final Scenario scenario;
  final Agenda agenda = new Agenda();
  final long seed;
  final SplittableRandom random;
  final EngineSettings engine;
  final SwarmSettings settings;
  final SwarmSettings.Transfer transfer;
  final TrackerSettings trackerSettings;
  final long halfTripNanos;
  final long connectNanos;
  final PieceBudget buffers;
  final int quantumBytes;
  final TrackerModel tracker;

  long controlBytes;
  long wastedBytes;
  long httpBytes;

  /** How much of a layer its reader has had when half of it is here. */
  final DoubleSummaryStatistics readersAtHalf = new DoubleSummaryStatistics();

  private final List<Layer> layers = new ArrayList<>();
  private final List<Node> proxies = new ArrayList<>();
  private final List<Node> agents = new ArrayList<>();
  private final Map<InetSocketAddress, Node> byAddress = new HashMap<>();
  private final @Nullable Ingest ingest;
  private long ids;
  private int awaited;

  /**
   * @param config of engine, swarm and tracker, as production reads it
   * @param quantumBytes how many bytes of a connection pass a limit at a time
   */
  Fleet(Scenario scenario, Config config, int quantumBytes, long seed) {
    this.scenario = scenario;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.engine = EngineSettings.from(config);
    this.settings = SwarmSettings.from(config);
    this.transfer = settings.transfer();
    this.trackerSettings = TrackerSettings.from(config);
    this.halfTripNanos = scenario.rates().roundTripNanos() / 2;
    this.connectNanos = settings.deadlines().connect().toNanos();
    this.buffers = PieceBudget.from(config);
    this.quantumBytes = quantumBytes;
    this.tracker = new TrackerModel(this);
    this.ingest = scenario.cold().map(cold -> new Ingest(this, cold)).orElse(null);
    makeLayers();
    makeProxies();
    makeAgents();
  }

  private void makeLayers() {
    for (int image = 0; image < scenario.images(); image++) {
      for (long bytes : scenario.layerBytes()) {
        Layer layer = new Layer(layers.size(), bytes);
        if (scenario.cold().isEmpty()) {
          IntStream.range(0, layer.layout().pieceCount()).forEach(layer.known::add);
        }
        layers.add(layer);
      }
    }
  }

  private void makeProxies() {
    Scenario.Rates rates = scenario.rates();
    for (int i = 0; i < scenario.proxies(); i++) {
      Node proxy = node(true, Health.HEALTHY, rates.proxy(), rates.proxy());
      proxies.add(proxy);
      if (scenario.cold().isEmpty()) {
        for (Layer layer : layers) {
          Part _ = proxy.seeds(layer, PieceSet.full(layer.layout().pieceCount()));
        }
      }
    }
  }

  private void makeAgents() {
    Scenario.Rates rates = scenario.rates();
    for (int i = 0; i < scenario.nodes(); i++) {
      Health health = health();
      int share = health == Health.SLOW ? 10 : 1;
      agents.add(node(false, health, rates.down() / share, rates.up() / share));
    }
  }

  private Health health() {
    double chance = random.nextDouble();
    Scenario.Hurt hurt = scenario.hurt();
    if (chance < hurt.dying()) {
      return Health.DYING;
    }
    if (chance < hurt.dying() + hurt.slow()) {
      return Health.SLOW;
    }
    return chance < hurt.dying() + hurt.slow() + hurt.lying() ? Health.LYING : Health.HEALTHY;
  }

  private Node node(boolean proxy, Health health, long down, long up) {
    byte[] ip = ByteBuffer.allocate(4).putInt(0x0A00_0001 + byAddress.size()).array();
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(ip), AGENT_PORT);
      Node node = new Node(this, address, proxy, health, down, up);
      byAddress.put(address, node);
      return node;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 bytes are an address", e);
    }
  }

  /** Runs until every node that can has its image. */
  Report run() {
    long startNanos = System.nanoTime();
    long horizon = (long) (HOPELESS * scenario.idealSeconds() * 1e9) + scenario.joinNanos();
    // The proxies have announced what they hold before anybody pulls.
    long warm = 1_000_000_000L;
    for (int i = 0; i < agents.size(); i++) {
      start(agents.get(i), i, warm);
    }
    while (awaited > 0 && agenda.step(warm + horizon)) {
      // each step is an event
    }
    return Report.of(this, (System.nanoTime() - startNanos) / 1e9);
  }

  private void start(Node agent, int number, long warm) {
    int image = number % scenario.images();
    int perImage = scenario.layerBytes().size();
    List<Integer> toPull =
        IntStream.range(image * perImage, (image + 1) * perImage).boxed().toList();
    long spread = scenario.joinNanos() * number / Math.max(1, agents.size());
    long pullAt = warm + spread + scenario.extraNanos();
    agenda.at(pullAt, () -> agent.pull(toPull, scenario.parallelLayers()));
    awaited += agent.health == Health.HEALTHY ? 1 : 0;
    if (agent.health == Health.DYING) {
      long life = (long) (random.nextDouble() * scenario.idealSeconds() * 1e9);
      agenda.at(pullAt + life, agent::die);
    }
  }

  /** A caller asks a proxy for the layer; two round trips, the caller's check included. */
  void ticket(Node agent, int layerNumber) {
    Layer layer = layers.get(layerNumber);
    controlBytes += 1_000 + 80L * layer.layout().pieceCount();
    Node proxy =
        scenario.cold().isPresent() ? owner(layer) : proxies.get(random.nextInt(proxies.size()));
    if (proxy.isDead()) {
      agenda.after(RETRY_NANOS, () -> ticket(agent, layerNumber));
      return;
    }
    agenda.after(
        3 * halfTripNanos,
        () -> {
          if (ingest != null) {
            Part part =
                proxy
                    .part(layer.swarm())
                    .orElseGet(
                        () -> proxy.seeds(layer, PieceSet.empty(layer.layout().pieceCount())));
            ingest.begin(part);
          }
          agenda.after(halfTripNanos, () -> agent.begin(layer, proxy.address));
        });
  }

  /** The proxy that fetches a layer, even if it was killed and none stands in for it yet. */
  Node owner(Layer layer) {
    int place = layer.number + (layer.isTakenOver ? 1 : 0);
    return proxies.get(place % proxies.size());
  }

  /** The ingesting proxy's word reaches all who asked it. */
  void tellKnown(Part from, int piece) {
    for (Part part : List.copyOf(from.layer.parts)) {
      if (part != from && !part.node.isDead()) {
        part.heardOf(piece);
      }
    }
  }

  void done(Node node) {
    if (node.health == Health.HEALTHY) {
      awaited--;
    }
  }

  long nextId() {
    return ids++;
  }

  Node node(InetSocketAddress address) {
    Node node = byAddress.get(address);
    if (node == null) {
      throw new BrokenInvariant("somebody dials " + address + ", which nobody has");
    }
    return node;
  }

  Part partOf(Node node, SwarmId swarm) {
    return node.part(swarm).orElseThrow();
  }

  long storeNanos(int bytes) {
    return (long) (bytes / STORE_BYTES_PER_SECOND * 1e9);
  }

  List<Node> proxies() {
    return proxies;
  }

  List<Node> agents() {
    return agents;
  }

  List<Layer> layers() {
    return layers;
  }

  /** How long each healthy node took that has its image, the metadata included. */
  DoubleStream healthySeconds() {
    return agents.stream()
        .filter(node -> node.health == Health.HEALTHY && node.isDone())
        .mapToDouble(node -> (node.tookNanos() + scenario.extraNanos()) / 1e9);
  }

  /** Bytes that came from the origin; nothing where the proxies were warm. */
  Optional<Long> originBytes() {
    return Optional.ofNullable(ingest).map(Ingest::bytes);
  }

  /** Of those, bytes that were lost with a proxy and had to come again. */
  long lostBytes() {
    return ingest == null ? 0 : ingest.lostBytes();
  }
}
