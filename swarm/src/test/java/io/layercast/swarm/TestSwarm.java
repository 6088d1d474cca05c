package io.layercast.swarm;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.Secret;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.SwarmId;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Nodes on loopback that share one swarm, in one actor system. */
final class TestSwarm implements AutoCloseable {
  static final SwarmId ID = SwarmId.of(filled(20, 7));
  static final Secret SECRET = Secret.of(filled(32, 9));

  private final ActorTestKit kit;
  private final SwarmSettings settings;
  private final List<SwarmNode> nodes = new ArrayList<>();
  private Optional<PeerTls> tls = Optional.empty();

  TestSwarm(String... overrides) {
    Config config =
        ConfigFactory.parseString(String.join("\n", overrides)).withFallback(ConfigFactory.load());
    this.kit = ActorTestKit.create(config);
    this.settings = SwarmSettings.from(config);
  }

  /** Nodes made from now on speak that. */
  TestSwarm speaking(PeerTls what) {
    tls = Optional.of(what);
    return this;
  }

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static byte[] randomBytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  RateLimiter limiter(long bytesPerSecond) {
    return RateLimiter.create(bytesPerSecond, kit.system());
  }

  /** Has so much pass the limit at once, and others wait for it. */
  void spend(RateLimiter limiter, int bytes) throws Exception {
    Source.single(bytes)
        .via(limiter.limit(n -> n))
        .runWith(Sink.ignore(), kit.system())
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  /** A node on 127.0.0.{@code host} and a port of its own. */
  SwarmNode node(int host, PeerDirectory directory) {
    return node(host, directory, limiter(0), limiter(0));
  }

  SwarmNode node(int host, PeerDirectory directory, RateLimiter down, RateLimiter up) {
    InetSocketAddress bind = new InetSocketAddress("127.0.0." + host, 0);
    SwarmNode.Parts parts =
        new SwarmNode.Parts(
            settings,
            bind,
            Optional.of(bind.getAddress()),
            bind,
            PeerId.random(),
            directory,
            down,
            up,
            new PieceBuffers(64L * 1024 * 1024),
            new PieceBuffers(64L * 1024 * 1024),
            tls);
    try {
      SwarmNode node =
          SwarmNode.start(kit.system(), parts).toCompletableFuture().get(10, TimeUnit.SECONDS);
      nodes.add(node);
      return node;
    } catch (Exception e) {
      throw new IllegalStateException("no node on " + bind, e);
    }
  }

  /** A ticket whose seeds are these nodes. */
  static LayerTicket ticket(SharedBlob blob, SwarmNode... seeds) {
    return ticket(blob, SECRET, Arrays.stream(seeds).map(SwarmNode::address).toList());
  }

  static LayerTicket ticket(SharedBlob blob, Secret secret, List<InetSocketAddress> seeds) {
    return new LayerTicket(blob.digest(), blob.layout(), 0, ID, secret, seeds);
  }

  @Override
  public void close() {
    nodes.forEach(SwarmNode::close);
    kit.shutdownTestKit();
  }
}
