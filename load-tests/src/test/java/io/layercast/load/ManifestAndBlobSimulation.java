package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * Many runtimes that look up one tag and read one cached blob, as containerd does it: HEAD by tag,
 * GET by digest, GET of the blob. Told what by system properties under {@code load.}; see {@link
 * FrontLoadIT}.
 */
public final class ManifestAndBlobSimulation extends Simulation {
  private static final String FRONT = property("front");
  private static final String REPOSITORY = property("repository");
  private static final int USERS_PER_SECOND = Integer.parseInt(property("users-per-second"));
  private static final Duration DURATION = Duration.ofSeconds(Long.parseLong(property("seconds")));

  public ManifestAndBlobSimulation() {
    String images = "/v2/" + REPOSITORY;
    ScenarioBuilder pull =
        scenario("pull a cached image")
            .exec(
                http("HEAD manifest by tag")
                    .head(images + "/manifests/" + property("tag"))
                    .check(status().is(200)),
                http("GET manifest by digest")
                    .get(images + "/manifests/" + property("manifest"))
                    .check(status().is(200)),
                http("GET blob")
                    .get(images + "/blobs/" + property("blob"))
                    .check(status().is(200)));
    setUp(pull.injectOpen(constantUsersPerSec(USERS_PER_SECOND).during(DURATION)))
        .protocols(
            http.baseUrl(FRONT).acceptHeader("application/vnd.oci.image.manifest.v1+json, */*"))
        .assertions(
            global().failedRequests().count().is(0L),
            // Generous: the machine that builds also runs everything; it is a floor, not an aim.
            details("GET blob").responseTime().percentile(95).lt(3_000));
  }

  private static String property(String name) {
    String value = System.getProperty("load." + name);
    if (value == null) {
      throw new IllegalArgumentException("set the system property load." + name);
    }
    return value;
  }
}
