package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.global;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.ProtocolBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * One of the simulations: clients come at a rate, whether those before are done or not; nothing may
 * fail, and the main request's 95th percentile has a bound.
 */
abstract class LoadSimulation extends Simulation {
  /** As many clients as were told, evenly over the time that was told. */
  static OpenInjectionStep evenly() {
    double perSecond = (double) LoadTarget.users() / LoadTarget.duration().toSeconds();
    return constantUsersPerSec(perSecond).during(LoadTarget.duration());
  }

  final void load(PopulationBuilder clients, ProtocolBuilder protocol, String mainRequest) {
    setUp(clients)
        .protocols(protocol)
        .maxDuration(LoadTarget.duration().plus(Duration.ofMinutes(2)))
        .assertions(
            global().failedRequests().count().is(0L),
            details(mainRequest).responseTime().percentile(95).lte(LoadTarget.p95MaxMillis()));
  }
}
