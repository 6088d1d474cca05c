package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Peers that announce themselves to the tracker over kept connections, as nodes do, in {@value
 * #SWARMS} swarms; {@code load.cluster-key} is the file of its cluster's key, which ids are made
 * with.
 */
public final class Announce extends LoadSimulation {
  static final String MAIN_REQUEST = "GET announce";

  private static final int SWARMS = 50;

  /** An address may have only so many peers in a swarm, and this is one. */
  private static final int PEERS = 200;

  public Announce() {
    AnnounceRequests swarms;
    try {
      swarms = AnnounceRequests.of(Path.of(LoadTarget.property("cluster-key")), SWARMS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    load(
        scenario("announce")
            .exec(
                http(MAIN_REQUEST)
                    .get(session -> path(swarms, session.userId()))
                    .check(status().is(200))
                    .check(bodyString().transform(Announce::hasPeers).is(true)))
            .injectOpen(evenly()),
        http.baseUrls(LoadTarget.urlsOfProperties())
            .disableUrlEncoding()
            .shareConnections()
            .disableCaching()
            .disableWarmUp(),
        MAIN_REQUEST);
  }

  private static String path(AnnounceRequests swarms, long user) {
    int peer = (int) (user / SWARMS % PEERS);
    return swarms.path((int) (user % SWARMS), peer, 10_000 + peer, user % 3 == 0);
  }

  /** A bencoded failure has no {@code peers}. */
  private static boolean hasPeers(String body) {
    return body.contains("5:peers") && !body.contains("14:failure reason");
  }
}
