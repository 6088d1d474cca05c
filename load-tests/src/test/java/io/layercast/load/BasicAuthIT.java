package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An origin with passwords: what it refuses, nobody gets from the cache either. */
@ExtendWith(OnFailureKeepLogs.class)
final class BasicAuthIT {
  private static final String ADA = Http.basic("ada", "lovelace");
  private static DockerRegistry registry;
  private static Stack stack;
  private static TestImage image;

  @BeforeAll
  static void pullOnce(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 3, List.of(9_000_000L, 20_000L));
    registry = DockerRegistry.withPasswords(workplace, "origin", Map.of("ada", "lovelace"));
    Skopeo skopeo = new Skopeo(workplace);
    skopeo.push(image, registry.address(), "team/a", "ada", "lovelace");
    stack = Stack.before(workplace, registry.url()).proxy().agent().start();
    Skopeo.verify(
        image,
        skopeo.pull(
            stack.agent(0).address(), "team/a", image.tag(), "--src-creds", "ada:lovelace"));
  }

  @Test
  void cachedBlobs_stayWithThoseTheOriginLetsIn() throws IOException {
    for (Blob layer : image.layers()) {
      Strangers strangers = new Strangers(registry, stack, layer);
      strangers.areRefusedAsByTheOrigin("team/a");
      strangers.areRefusedAsByTheOrigin("team/a", "Authorization", Http.basic("ada", "byron"));
      strangers.areRefusedAsByTheOrigin("team/a", "Authorization", Http.basic("", ""));
      // A good password, and a repository that does not have the blob.
      strangers.areRefusedAsByTheOrigin("team/b", "Authorization", ADA);
    }
  }

  @Test
  void peers_tellNothingWithoutTheSecret() throws IOException {
    new Strangers(registry, stack, image.layer(0))
        .learnNothingFromPeers("team/a", "Authorization", ADA);
  }

  @Test
  void skopeo_isRefusedWithAWrongPassword(Workplace workplace) {
    assertThatThrownBy(() ->
            new Skopeo(workplace)
                .pull(stack.agent(0).address(), "team/a", image.tag(), "--src-creds", "ada:byron"))
        .isInstanceOf(CommandFailed.class);
  }

  @Test
  void containerd_pullsWithThePassword(Workplace workplace) throws IOException {
    Containerd.start(workplace, "containerd")
        .pull(stack.agent(0).address(), "team/a", image.tag(), "--user", "ada:lovelace");
  }
}
