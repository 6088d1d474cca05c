package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ChainBuilder;

/** Images of many small layers, most of which a proxy answers inline: the price of a request. */
public final class SmallBlobs extends LoadSimulation {
  static final String MAIN_REQUEST = "GET layer";

  public SmallBlobs() {
    LoadTarget target = LoadTarget.ofProperties();
    RegistryClient client = RegistryClient.of(target);
    ChainBuilder pull = exec(client.resolve(""));
    for (Blob layer : target.layers()) {
      pull = pull.exec(client.pull(MAIN_REQUEST, layer));
    }
    load(
        scenario("small blobs").exec(pull).injectOpen(evenly()),
        RegistryClient.protocol(target.urls()),
        MAIN_REQUEST);
  }
}
