package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

/**
 * Many nodes that start one Deployment: each resolves the same tag within seconds, with a token of
 * its own, and fetches the config. A thousand by {@code --users 1000}.
 */
public final class ManifestStorm extends LoadSimulation {
  static final String MAIN_REQUEST = "HEAD manifest";

  public ManifestStorm() {
    LoadTarget target = LoadTarget.ofProperties();
    RegistryClient client = RegistryClient.of(target);
    load(
        scenario("storm")
            .exec(client.resolve(""))
            .exec(client.pull("GET config", target.config()))
            .injectOpen(rampUsers(LoadTarget.users()).during(LoadTarget.duration())),
        RegistryClient.protocol(target.urls()),
        MAIN_REQUEST);
  }
}
