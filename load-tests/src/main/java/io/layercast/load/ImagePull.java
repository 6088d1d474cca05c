package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ChainBuilder;

/**
 * One client on every node at once pulls an image that nobody has; then many pull it warm. Each
 * resolves the tag, takes its token, fetches manifest, config and all layers.
 */
public final class ImagePull extends LoadSimulation {
  /** Of which the percentile is judged. */
  static final String MAIN_REQUEST = "warm GET layer";

  public ImagePull() {
    LoadTarget target = LoadTarget.ofProperties();
    RegistryClient client = RegistryClient.of(target);
    load(
        scenario("cold")
            .exec(pull(client, target, "cold "))
            .injectOpen(atOnceUsers(target.urls().size()))
            .andThen(scenario("warm").exec(pull(client, target, "warm ")).injectOpen(evenly())),
        RegistryClient.protocol(target.urls()),
        MAIN_REQUEST);
  }

  private static ChainBuilder pull(RegistryClient client, LoadTarget target, String phase) {
    ChainBuilder pull =
        exec(client.resolve(phase)).exec(client.pull(phase + "GET config", target.config()));
    for (Blob layer : target.layers()) {
      pull = pull.exec(client.pull(phase + "GET layer", layer));
    }
    return pull;
  }
}
