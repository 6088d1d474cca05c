package io.layercast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * An image of one swarmed and one inline layer in a repository that only ada may read, pulled once
 * by her through a stack that logs all there is to log: so everything is cached, and whoever else
 * gets any of it got it from us.
 */
record PrivateImage(Workplace workplace, TestImage image, DockerRegistry registry, Stack stack) {
  static final String REPOSITORY = "team/a";
  private static final String ADA = "ada:lovelace";

  static PrivateImage pulledOnce(Workplace workplace, DockerRegistry registry, long seed)
      throws IOException {
    TestImage image =
        ImageMaker.make(workplace.folder("image"), seed, List.of(9_000_000L, 20_000L));
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY, "ada", "lovelace");
    Stack stack =
        Stack.before(workplace, registry.url()).proxy().agent().all("--log-level", "trace").start();
    PrivateImage here = new PrivateImage(workplace, image, registry, stack);
    here.pull(ADA);
    return here;
  }

  /** By skopeo, with every digest checked. */
  void pull(String userAndPassword) throws IOException {
    Skopeo.verify(
        image,
        new Skopeo(workplace)
            .pull(
                stack.agent(0).address(), REPOSITORY, image.tag(), "--src-creds", userAndPassword));
  }

  /** By containerd, as ada. */
  void pullByContainerd() throws IOException {
    Containerd.start(workplace, "containerd")
        .pull(stack.agent(0).address(), REPOSITORY, image.tag(), "--user", ADA);
  }

  Strangers strangers(Blob layer) {
    return new Strangers(registry, stack, layer);
  }

  /** The agent and the proxy have logged requests: there is something to find secrets in. */
  void awaitTraces() {
    for (Role role : List.of(stack.agent(0), stack.proxy(0), stack.tracker())) {
      Wait.until(
          role.name() + " to have logged requests in full",
          Duration.ofSeconds(5),
          () -> role.program().output().contains(" DEBUG "));
    }
  }
}
