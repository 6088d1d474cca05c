package io.layercast.bootstrap.node;

import static akka.http.javadsl.server.Directives.complete;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.Done;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.layercast.engine.Digest;
import io.layercast.engine.HeldPieces;
import io.layercast.engine.LayerCatalog;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.Swarms;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the layer bytes that come to an agent, by where they come from, and tells them at {@code
 * GET /layercast/v1/stats}. Stands between the agent's layers and both ways they come by.
 */
final class AgentStats {
  private final Swarms swarms;
  private final LayerCatalog catalog;
  private final Set<Swarms.Member> members = ConcurrentHashMap.newKeySet();
  private final AtomicLong overHttp = new AtomicLong();
  private final AtomicLong leftFromSeeds = new AtomicLong();
  private final AtomicLong leftFromPeers = new AtomicLong();
  private final AtomicLong leftUploaded = new AtomicLong();
  private final AtomicLong leftWasted = new AtomicLong();

  AgentStats(Swarms swarms, LayerCatalog catalog) {
    this.swarms = swarms;
    this.catalog = catalog;
  }

  /** The swarms, counted. */
  Swarms swarms() {
    return this::join;
  }

  /** The proxies, counted. */
  LayerCatalog catalog() {
    return new CountedCatalog();
  }

  Route route() {
    return path(
        segment("layercast").slash("v1").slash("stats"),
        () ->
            get(() ->
                complete(
                    HttpResponse.create()
                        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, json())))));
  }

  private String json() {
    long fromSeeds = leftFromSeeds.get();
    long fromPeers = leftFromPeers.get();
    long uploaded = leftUploaded.get();
    long wasted = leftWasted.get();
    for (Swarms.Member member : members) {
      Swarms.Traffic traffic = member.traffic();
      fromSeeds += traffic.fromSeeds();
      fromPeers += traffic.fromPeers();
      uploaded += traffic.uploaded();
      wasted += traffic.wasted();
    }
    // An agent has no way to the origin of its own.
    return """
    {"fromOriginBytes":0,"fromProxiesBytes":%d,"fromAgentsBytes":%d,\
    "uploadedBytes":%d,"wastedBytes":%d}\
    """
        .formatted(fromSeeds + overHttp.get(), fromPeers, uploaded, wasted);
  }

  private Swarms.Member join(SharedBlob blob, LayerTicket ticket) {
    Swarms.Member member = swarms.join(blob, ticket);
    members.add(member);
    AtomicBoolean left = new AtomicBoolean();
    return new Swarms.Member() {
      @Override
      public void leave() {
        if (left.compareAndSet(false, true) && members.remove(member)) {
          Swarms.Traffic traffic = member.traffic();
          leftFromSeeds.addAndGet(traffic.fromSeeds());
          leftFromPeers.addAndGet(traffic.fromPeers());
          leftUploaded.addAndGet(traffic.uploaded());
          leftWasted.addAndGet(traffic.wasted());
        }
        member.leave();
      }

      @Override
      public void meet(List<InetSocketAddress> seeds) {
        member.meet(seeds);
      }

      @Override
      public Swarms.Traffic traffic() {
        return member.traffic();
      }
    };
  }

  private final class CountedCatalog implements LayerCatalog {
    @Override
    public CompletionStage<Opening> open(
        OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> held) {
      return catalog
          .open(access, digest, held)
          .thenApply(opening -> {
            if (opening instanceof Inline inline) {
              overHttp.addAndGet(inline.bytes().size());
            }
            return opening;
          });
    }

    @Override
    public CompletionStage<Done> offer(OriginAccess access, Digest digest, HeldPieces held) {
      return catalog.offer(access, digest, held);
    }

    @Override
    public CompletionStage<Fetch> fetch(
        OriginAccess access, Digest digest, long from, OptionalLong to) {
      return catalog.fetch(access, digest, from, to).thenApply(this::counted);
    }

    private Fetch counted(Fetch fetch) {
      return switch (fetch) {
        case Fetched fetched ->
            new Fetched(
                fetched.from(),
                fetched.sizeBytes(),
                fetched
                    .body()
                    .map(bytes -> {
                      overHttp.addAndGet(bytes.size());
                      return bytes;
                    }));
        case Refused _, Unavailable _ -> fetch;
      };
    }
  }
}
