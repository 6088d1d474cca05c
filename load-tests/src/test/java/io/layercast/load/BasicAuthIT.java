package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An origin with passwords: what it refuses, nobody gets from the cache either. */
@ExtendWith(OnFailureKeepLogs.class)
final class BasicAuthIT {
  private static final String ADA = Http.basic("ada", "lovelace");
  private static PrivateImage cached;

  @BeforeAll
  static void pullOnce(Workplace workplace) throws IOException {
    cached =
        PrivateImage.pulledOnce(
            workplace,
            DockerRegistry.withPasswords(workplace, "origin", Map.of("ada", "lovelace")),
            3);
  }

  @Test
  void cachedBlobs_stayWithThoseTheOriginLetsIn() throws IOException {
    for (Blob layer : cached.image().layers()) {
      Strangers strangers = cached.strangers(layer);
      strangers.areRefusedAsByTheOrigin("team/a");
      strangers.areRefusedAsByTheOrigin("team/a", "Authorization", Http.basic("ada", "byron"));
      strangers.areRefusedAsByTheOrigin("team/a", "Authorization", Http.basic("", ""));
      // A good password, and a repository that does not have the blob.
      strangers.areRefusedAsByTheOrigin("team/b", "Authorization", ADA);
    }
  }

  @Test
  void peers_tellNothingWithoutTheSecret(Workplace workplace) throws IOException {
    cached
        .strangers(cached.image().layer(0))
        .learnNothingFromPeers(workplace, "team/a", "Authorization", ADA);
  }

  @Test
  void skopeo_isRefusedWithAWrongPassword() {
    assertThatThrownBy(() -> cached.pull("ada:byron")).isInstanceOf(CommandFailed.class);
  }

  @Test
  void containerd_pullsWithThePassword() throws IOException {
    cached.pullByContainerd();
  }

  /** What they hold is checked when the processes have ended. */
  @Test
  void logs_areThere() {
    cached.awaitTraces();
  }
}
