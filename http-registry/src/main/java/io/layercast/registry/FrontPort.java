package io.layercast.registry;

import akka.NotUsed;
import akka.actor.ActorSystem;
import akka.http.impl.engine.server.HttpAttributes;
import akka.http.javadsl.Http;
import akka.http.javadsl.model.AttributeKey;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.settings.ServerSettings;
import akka.stream.ActorAttributes;
import akka.stream.Attributes;
import akka.stream.KillSwitches;
import akka.stream.SharedKillSwitch;
import akka.stream.SystemMaterializer;
import akka.stream.TLSProtocol;
import akka.stream.javadsl.BidiFlow;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.TLSPlacebo;
import akka.util.ByteString;
import io.layercast.engine.DirectRuns;
import io.layercast.engine.net.SocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/**
 * Plain HTTP at one address: akka-http's server layer on sockets of our own, so that blobs leave
 * from the disk's thread (ADR 27). Takes so many connections at once; more wait in the backlog.
 */
public final class FrontPort implements FrontServer.Port {
  /** Where a blob's bytes may be announced to the connection that a request came by. */
  private static final AttributeKey<DirectRuns> RUNS =
      AttributeKey.create("layercast-direct-runs", DirectRuns.class);

  private static final String DISPATCHER = "layercast.registry.front-dispatcher";

  private final ActorSystem system;
  private final ServerSettings settings;
  private final Flow<HttpRequest, HttpResponse, NotUsed> handler;
  private final BidiFlow<HttpResponse, ByteString, ByteString, HttpRequest, NotUsed> http;
  private final SocketListener listener;
  private final InetSocketAddress address;
  private final Executor disk;
  private final Semaphore room;
  private final SharedKillSwitch ending = KillSwitches.shared("front-ending");
  private final SharedKillSwitch end = KillSwitches.shared("front-end");

  /** Connections, and one as long as it listens. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final CompletableFuture<Void> unused = new CompletableFuture<>();
  private volatile boolean isUnbound;

  private FrontPort(
      ActorSystem system,
      ServerSettings settings,
      Flow<HttpRequest, HttpResponse, NotUsed> handler,
      SocketListener listener)
      throws IOException {
    this.system = system;
    this.settings = settings;
    this.handler = handler;
    this.http = http(system, settings);
    this.listener = listener;
    this.address = listener.address();
    this.disk = system.dispatchers().lookup("layercast.engine.disk-dispatcher");
    this.room = new Semaphore(settings.getMaxConnections());
  }

  /** Fails when the address can not be had. */
  public static FrontPort bind(
      ActorSystem system,
      ServerSettings settings,
      Flow<HttpRequest, HttpResponse, NotUsed> handler,
      InetSocketAddress address)
      throws IOException {
    FrontPort port = new FrontPort(system, settings, handler, SocketListener.bind(address));
    port.listener.acceptInto(port::take);
    return port;
  }

  /** Where the streams of its connections run, and their sockets are read and written. */
  public static ExecutionContext executor(ActorSystem system) {
    return system.dispatchers().lookup(DISPATCHER);
  }

  /** The attributes that have a source of a blob's bytes announce them, if the connection can. */
  static Attributes attributes(HttpRequest request) {
    return request.getAttribute(RUNS).map(Attributes::apply).orElseGet(Attributes::none);
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  /** On the listener's thread, which waits here while there is no room. */
  private void take(SocketChannel connection) throws IOException {
    room.acquireUninterruptibly();
    users.incrementAndGet();
    try {
      if (isUnbound) {
        throw new IOException("nobody listens any more");
      }
      run(connection);
    } catch (IOException | RuntimeException e) {
      left();
      throw e;
    }
  }

  private void run(SocketChannel connection) throws IOException {
    InetSocketAddress remote = (InetSocketAddress) connection.getRemoteAddress();
    DirectRuns runs = new DirectRuns();
    Duration idle = Duration.ofMillis(settings.getTimeouts().idleTimeout().toMillis());
    Flow<ByteString, ByteString, NotUsed> socket =
        Flow.of(ByteString.class)
            .via(end.flow())
            .via(new FrontSocket(connection, runs, disk, idle, this::left))
            .via(ending.flow());
    Flow.of(HttpRequest.class)
        .map(request -> request.addAttribute(RUNS, runs))
        .via(handler)
        .join(http.join(socket))
        .addAttributes(attributes(remote))
        .run(SystemMaterializer.get(system).materializer());
  }

  /** akka-http's side of connections without TLS. */
  private static BidiFlow<HttpResponse, ByteString, ByteString, HttpRequest, NotUsed> http(
      ActorSystem system, ServerSettings settings) {
    var plain =
        BidiFlow.fromFlows(
            Flow.of(TLSProtocol.SslTlsOutbound.class),
            Flow.of(TLSProtocol.SessionBytes.class)
                .map(bytes -> (TLSProtocol.SslTlsInbound) bytes));
    return Http.get(system).serverLayer(settings).atop(plain).atop(TLSPlacebo.getInstance());
  }

  private Attributes attributes(InetSocketAddress remote) {
    FiniteDuration delay = settings.getStreamCancellationDelay();
    var strategy =
        Attributes.cancellationStrategyAfterDelay(
            delay, Attributes.cancellationStrategyFailStage());
    return ActorAttributes.dispatcher(DISPATCHER)
        .and(Attributes.apply(new Attributes.CancellationStrategy(strategy)))
        .and(Attributes.apply(new HttpAttributes.RemoteAddress(remote)));
  }

  private void left() {
    room.release();
    unuse();
  }

  private void unuse() {
    if (users.decrementAndGet() == 0) {
      unused.complete(null);
    }
  }

  @Override
  public CompletionStage<?> unbind() {
    if (!isUnbound) {
      isUnbound = true;
      try {
        listener.close();
      } catch (IOException e) {
        return CompletableFuture.failedStage(e);
      } finally {
        room.release(); // for one that has come and waits
        unuse();
      }
    }
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<?> terminate(Duration farewell) {
    ending.shutdown();
    CompletableFuture<Void> ended = unused.copy();
    CompletableFuture.delayedExecutor(farewell.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> end.abort(new IOException("this node is being stopped")));
    return ended;
  }
}
