package io.layercast.bootstrap.node;

import static akka.http.javadsl.server.Directives.complete;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Route;
import io.layercast.engine.Swarms;

/** {@code GET /layercast/v1/stats}: the layer bytes that came to an agent, by where from. */
final class AgentStats {
  private AgentStats() {}

  static Route route(CountedSwarms swarms, CountedCatalog proxies) {
    return path(
        segment("layercast").slash("v1").slash("stats"),
        () ->
            get(() ->
                complete(
                    HttpResponse.create()
                        .withEntity(
                            HttpEntities.create(
                                ContentTypes.APPLICATION_JSON,
                                json(swarms.total(), proxies.bytes()))))));
  }

  private static String json(Swarms.Traffic traffic, long overHttp) {
    // An agent has no way to the origin of its own.
    return """
    {"fromOriginBytes":0,"fromProxiesBytes":%d,"fromAgentsBytes":%d,\
    "uploadedBytes":%d,"wastedBytes":%d}\
    """
        .formatted(
            traffic.fromSeeds() + overHttp,
            traffic.fromPeers(),
            traffic.uploaded(),
            traffic.wasted());
  }
}
