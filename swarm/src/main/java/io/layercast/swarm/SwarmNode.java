package io.layercast.swarm;

import akka.Done;
import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.stream.ActorAttributes;
import akka.stream.FlowShape;
import akka.stream.SystemMaterializer;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.GraphDSL;
import akka.stream.javadsl.MergePreferred;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.SwarmId;
import io.layercast.engine.Swarms;
import io.layercast.engine.net.SocketListener;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.swarm.wire.ExtensionHandshake;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The BitTorrent side of a node: one listening port, one {@link BlobSwarm} per blob, one stream per
 * connection. Owned by whoever started it; {@link #close} ends everything it opened.
 */
public final class SwarmNode implements Swarms {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmNode.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final String PEER_DISPATCHER = "layercast.swarm.peer-dispatcher";

  /** Actors that connections talk to for each piece: on one thread nobody has to wake the other. */
  private static final Props ON_LOOP = DispatcherSelector.fromConfig(PEER_DISPATCHER);

  /**
   * What a node is made of.
   *
   * @param bind where to listen; port 0 takes a free one
   * @param dialFrom where our own connections come from; empty when the system may choose
   * @param advertised where other nodes reach this one, resolved; port 0 means the bound one
   * @param download limits what comes in from all peers together
   * @param upload limits what goes out to all peers together
   * @param buffers memory for pieces that come in
   * @param sendBuffers memory for blocks that go out
   * @param tls what all its peers speak too, or nobody does
   */
  public record Parts(
      SwarmSettings settings,
      InetSocketAddress bind,
      Optional<InetAddress> dialFrom,
      InetSocketAddress advertised,
      PeerId peerId,
      PeerDirectory directory,
      RateLimiter download,
      RateLimiter upload,
      PieceBuffers buffers,
      PieceBuffers sendBuffers,
      Optional<PeerTls> tls) {}

  private final ActorSystem<?> system;
  private final Parts parts;
  private final NodeContext context;
  private final ConnectionBudget budget;
  private final Aliases aliases;
  private final PieceShares shares;
  private final SocketListener listener;
  private final InetSocketAddress bound;
  private final Map<SwarmId, Swarm> swarms = new ConcurrentHashMap<>();

  private SwarmNode(ActorSystem<?> system, Parts parts, SocketListener listener)
      throws IOException {
    this.system = system;
    this.parts = parts;
    this.listener = listener;
    this.bound = listener.address();
    this.budget = new ConnectionBudget(parts.settings.connections());
    this.aliases = new Aliases(parts.directory, parts.settings, System::nanoTime);
    this.shares = new PieceShares(parts.buffers::piecesEach);
    int port = parts.advertised.getPort() == 0 ? bound.getPort() : parts.advertised.getPort();
    ActorRef<UploadDesk.Command> desk =
        system.systemActorOf(
            UploadDesk.create(parts.settings.transfer(), parts.upload),
            "upload-desk-" + NAMES.incrementAndGet(),
            ON_LOOP);
    this.context =
        new NodeContext(
            parts.settings,
            parts.peerId,
            new InetSocketAddress(parts.advertised.getAddress(), port),
            system
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("layercast.engine.disk-dispatcher")),
            parts.buffers,
            parts.sendBuffers,
            parts.upload,
            desk,
            this::find);
  }

  /** Listens; fails when the port can not be had. */
  public static CompletionStage<SwarmNode> start(ActorSystem<?> system, Parts parts) {
    try {
      SwarmNode node = new SwarmNode(system, parts, SocketListener.bind(parts.bind));
      node.listener.acceptInto(node::accept);
      return CompletableFuture.completedStage(node);
    } catch (IOException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Where other nodes reach this one. */
  public InetSocketAddress address() {
    return context.advertised();
  }

  /** Open connections, those that have proven nothing yet included. */
  public int connections() {
    return budget.open();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException when this node is in that swarm already
   */
  @Override
  public Member join(SharedBlob blob, LayerTicket ticket) {
    SwarmTraffic traffic = new SwarmTraffic(ticket.seeds());
    BlobSwarm.Parts swarmParts =
        new BlobSwarm.Parts(
            parts.settings,
            parts.peerId,
            context.advertised(),
            blob,
            ticket,
            traffic,
            parts.directory,
            (peer, actor) -> dial(peer, new Swarm(ticket, blob, traffic, actor)),
            shares.share(blob.layout().pieceBytes()),
            RANDOM.nextLong());
    Swarm[] joined = new Swarm[1];
    swarms.compute(
        ticket.swarmId(),
        (id, existing) -> {
          if (existing != null) {
            throw new IllegalStateException("joined twice: " + id);
          }
          ActorRef<BlobSwarm.Command> actor =
              system.systemActorOf(
                  BlobSwarm.create(swarmParts), "blob-swarm-" + NAMES.incrementAndGet(), ON_LOOP);
          joined[0] = new Swarm(ticket, blob, traffic, actor);
          return joined[0];
        });
    Swarm swarm = joined[0];
    AtomicBoolean left = new AtomicBoolean();
    return new Member() {
      @Override
      public void leave() {
        if (left.compareAndSet(false, true)) {
          swarms.remove(swarm.id(), swarm);
          swarm.actor().tell(BlobSwarm.Leave.LEAVE);
        }
      }

      @Override
      public void meet(List<InetSocketAddress> seeds) {
        traffic.addSeeds(seeds);
        swarm.actor().tell(new BlobSwarm.SeedsMet(List.copyOf(seeds)));
      }

      @Override
      public Traffic traffic() {
        return traffic.snapshot();
      }
    };
  }

  /** Leaves every swarm and stops listening. */
  public CompletionStage<Done> close() {
    swarms.values().forEach(swarm -> swarm.actor().tell(BlobSwarm.Leave.LEAVE));
    swarms.clear();
    try {
      listener.close();
      return CompletableFuture.completedStage(Done.getInstance());
    } catch (IOException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  // ---- connections

  /** On the listener's thread. */
  private void accept(SocketChannel channel) throws IOException {
    InetSocketAddress from = (InetSocketAddress) channel.getRemoteAddress();
    InetSocketAddress reachedAt = (InetSocketAddress) channel.getLocalAddress();
    Optional<ConnectionBudget.Permit> permit = budget.enter(from.getAddress());
    if (permit.isEmpty()) {
      LOG.debug("Turning {} away: too many connections", from);
      channel.close();
      return;
    }
    Greeting greeting = Greeting.accepter(self(), List.of(reachedAt, context.advertised()));
    SendMemory memory = new SendMemory(context.sendBuffers());
    run(
        SocketPlan.accepted(channel, memory, parts.settings.deadlines(), parts.tls, context.disk()),
        protocol(memory, greeting, from, Optional.empty(), permit.get()));
  }

  private boolean dial(Peer peer, Swarm swarm) {
    Optional<ConnectionBudget.Permit> permit = budget.enter(peer.address().getAddress());
    if (permit.isEmpty()) {
      return false;
    }
    Optional<InetSocketAddress> from =
        parts.dialFrom.map(address -> new InetSocketAddress(address, 0));
    SendMemory memory = new SendMemory(context.sendBuffers());
    run(
        SocketPlan.dial(
            peer.address(), from, memory, parts.settings.deadlines(), parts.tls, context.disk()),
        protocol(
            memory,
            Greeting.dialler(self(), peer.address()),
            peer.address(),
            Optional.of(new Admission.Entrance(swarm, peer.viaAlias())),
            permit.get()));
    return true;
  }

  private void run(SocketPlan socket, Flow<ByteBuffer, Outgoing, NotUsed> protocol) {
    Flow.fromGraph(new PeerSocket(socket))
        .join(protocol)
        .addAttributes(ActorAttributes.dispatcher(PEER_DISPATCHER))
        .run(SystemMaterializer.get(system).materializer());
  }

  private Greeting.Self self() {
    byte[] nonce = new byte[ExtensionHandshake.Ours.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    SwarmSettings.Transfer transfer = parts.settings.transfer();
    return new Greeting.Self(
        parts.peerId,
        context.advertised().getPort(),
        transfer.blockBytes(),
        transfer.requestQueue(),
        nonce);
  }

  /**
   * <pre>
   * socket ─► frames ─► download limit ─► session ─► control ────────────► merge ─► socket
   *                                              └─► blocks ─► upload limit ─┘
   * </pre>
   */
  private Flow<ByteBuffer, Outgoing, NotUsed> protocol(
      SendMemory memory,
      Greeting greeting,
      InetSocketAddress remote,
      Optional<Admission.Entrance> dialledFor,
      ConnectionBudget.Permit permit) {
    Arrivals arrivals = new Arrivals();
    PeerSession session =
        new PeerSession(context, arrivals, memory, greeting, remote, dialledFor, permit);
    FrameDecoder decoder = new FrameDecoder(parts.settings.transfer().blockBytes(), arrivals);
    return Flow.fromGraph(
        GraphDSL.create(builder -> {
          var frames =
              builder.add(
                  Flow.of(ByteBuffer.class)
                      .via(decoder)
                      .via(parts.download.limit(Incoming::layerBytes, arrivals::isAwaited)));
          var peer = builder.add(session);
          var limited = builder.add(parts.upload.limit(Outgoing::layerBytes));
          var merge = builder.add(MergePreferred.<Outgoing>create(1, true));
          builder.from(frames).toInlet(peer.in());
          builder.from(peer.out0()).toInlet(merge.preferred());
          builder.from(peer.out1()).via(limited).toInlet(merge.in(0));
          return FlowShape.of(frames.in(), merge.out());
        }));
  }

  // ---- what an incoming connection asks for

  private CompletionStage<Optional<Admission.Entrance>> find(SwarmId infoHash) {
    Swarm own = swarms.get(infoHash);
    if (own != null) {
      return CompletableFuture.completedStage(
          Optional.of(new Admission.Entrance(own, Optional.empty())));
    }
    return aliases
        .resolve(infoHash)
        .thenApply(id ->
            id.flatMap(known -> Optional.ofNullable(swarms.get(known)))
                .filter(swarm -> swarm.blob().state() == SharedBlob.State.SEALED)
                .map(swarm -> new Admission.Entrance(swarm, Optional.of(infoHash))));
  }
}
