package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.ClusterCredential;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that answers nodes of its cluster only, and an agent. */
class NodesOnlyTest {
  private static final String TAGS = "/v2/team/app/tags/list";
  private static final ClusterCredential OWN = ClusterCredential.of(FakeLayers.KEYS);
  private static final AtomicReference<Optional<ClusterCredential>> AGENTS =
      new AtomicReference<>(Optional.empty());

  @TempDir static Path folder;
  private static Installation installation;

  @BeforeAll
  static void start() {
    installation =
        new Installation(
            folder,
            "layercast.registry { proxy-api.require-credential = true, proxies.longest-wait = 0s }",
            new ProxyDoor(Optional.empty(), AGENTS::get));
  }

  @AfterAll
  static void stop() {
    installation.close();
  }

  @Test
  void proxy_answersNobodyWithoutTheCredential() {
    for (String path : new String[] {"/v2/", TAGS, "/layercast/token/x", "/elsewhere"}) {
      HttpResponse<byte[]> answer = installation.get(installation.proxy, path);
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Layercast");
    }
    assertThat(
            installation
                .get(installation.proxy, TAGS, ClusterCredential.HEADER, "0".repeat(64))
                .statusCode())
        .isEqualTo(401);
    assertThat(
            installation
                .get(installation.proxy, TAGS, ClusterCredential.HEADER, OWN.reveal())
                .statusCode())
        .isNotEqualTo(401);
  }

  /** A runtime would take a 401 for its own credential's. */
  @Test
  void agentWithoutIt_tellsTheRuntimeThatNoProxyCanBeAsked() {
    AGENTS.set(Optional.empty());
    HttpResponse<byte[]> refused = installation.get(installation.agent, TAGS);

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("of its cluster");
    assertThat(refused.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void agentWithIt_isAnsweredAndTheOriginNeverSeesIt() {
    installation.origin.putBlob("team/app", new byte[] {1});
    AGENTS.set(Optional.of(OWN));

    assertThat(installation.get(installation.agent, TAGS).statusCode()).isNotIn(401, 503);

    assertThat(installation.origin.headerNames())
        .isNotEmpty()
        .doesNotContain(ClusterCredential.HEADER.toLowerCase(Locale.ROOT));
  }
}
