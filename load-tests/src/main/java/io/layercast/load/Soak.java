package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ChainBuilder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everyday traffic for long: clients that resolve and pull one layer after another of an image with
 * many, more than the quota of the nodes holds, so that layers come, go and come again.
 */
public final class Soak extends LoadSimulation {
  static final String MAIN_REQUEST = "GET layer";

  private final AtomicInteger next = new AtomicInteger();

  public Soak() {
    LoadTarget target = LoadTarget.ofProperties();
    RegistryClient client = RegistryClient.of(target);
    int layers = target.layers().size();
    ChainBuilder oneLayer = exec(session -> session.set("layer", next.getAndIncrement() % layers));
    for (int i = 0; i < layers; i++) {
      int mine = i;
      oneLayer =
          oneLayer
              .doIf(session -> session.getInt("layer") == mine)
              .then(client.pull(MAIN_REQUEST, target.layers().get(i)));
    }
    load(
        scenario("soak").exec(client.resolve("")).exec(oneLayer).injectOpen(evenly()),
        RegistryClient.protocol(target.urls()),
        MAIN_REQUEST);
  }
}
