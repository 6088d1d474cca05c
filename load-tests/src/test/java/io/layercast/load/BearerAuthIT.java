package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An origin with a token service: the node reaches neither but through the agent, and one team's
 * token opens nothing of another's.
 */
@ExtendWith(OnFailureKeepLogs.class)
final class BearerAuthIT {
  private static TokenService tokens;
  private static PrivateImage cached;

  @BeforeAll
  static void pullOnce(Workplace workplace) throws Exception {
    tokens =
        TokenService.start(
            workplace,
            Map.of(
                "ada", new TokenService.User("lovelace", Set.of("team/a")),
                "bob", new TokenService.User("builder", Set.of("team/b"))));
    cached =
        PrivateImage.pulledOnce(
            workplace, DockerRegistry.withTokens(workplace, "origin", tokens), 4);
  }

  @Test
  void cachedBlobs_stayWithThoseTheOriginLetsIn() throws IOException {
    for (Blob layer : cached.image().layers()) {
      Strangers strangers = cached.strangers(layer);
      strangers.areRefusedAsByTheOrigin("team/a");
      strangers.areRefusedAsByTheOrigin("team/a", "Authorization", "Bearer nonsense");
      strangers.areRefusedAsByTheOrigin(
          "team/a", "Authorization", "Bearer " + tokens.tokenFor("bob", "team/a"));
      strangers.areRefusedAsByTheOrigin(
          "team/a", "Authorization", "Bearer " + tokens.tokenFor("bob", "team/b"));
      strangers.areRefusedAsByTheOrigin(
          "team/b", "Authorization", "Bearer " + tokens.tokenFor("bob", "team/b"));
      strangers.areRefusedAsByTheOrigin(
          "team/b", "Authorization", "Bearer " + tokens.tokenFor("ada", "team/a"));
    }
  }

  @Test
  void peers_tellNothingWithoutTheSecret(Workplace workplace) throws IOException {
    cached
        .strangers(cached.image().layer(0))
        .learnNothingFromPeers(
            workplace, "team/a", "Authorization", "Bearer " + tokens.tokenFor("ada", "team/a"));
  }

  @Test
  void challenge_namesTheAgentAndNotTheOriginsRealm() throws IOException {
    Http.Answer answer =
        Http.get(cached.stack().agent(0).url() + "/v2/team/a/manifests/" + cached.image().tag());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate").orElse(""))
        .startsWith("Bearer ")
        .contains("realm=\"" + cached.stack().agent(0).url() + "/layercast/token/")
        .contains("service=\"" + TokenService.SERVICE + "\"")
        .contains("scope=\"repository:team/a:pull\"");
  }

  @Test
  void realm_isRelayedForPostsAndRefreshTokens() throws IOException {
    String challenge =
        Http.get(cached.stack().agent(0).url() + "/v2/team/a/manifests/" + cached.image().tag())
            .header("WWW-Authenticate")
            .orElse("");
    String realm = challenge.replaceAll(".*realm=\"([^\"]*)\".*", "$1");
    String about = "&service=origin&client_id=it&scope=repository:team/a:pull";

    Http.Answer byPassword =
        Http.post(realm, "grant_type=password&username=ada&password=lovelace" + about);
    String refresh = byPassword.text().replaceAll(".*\"refresh_token\":\"([^\"]*)\".*", "$1");
    Http.Answer byRefresh =
        Http.post(realm, "grant_type=refresh_token&refresh_token=" + refresh + about);
    String token = byRefresh.text().replaceAll(".*\"access_token\":\"([^\"]*)\".*", "$1");
    Http.Answer wrong = Http.post(realm, "grant_type=password&username=ada&password=byron" + about);

    assertThat(byRefresh.status()).isEqualTo(200);
    assertThat(wrong.status()).isEqualTo(401);
    Puller.create()
        .as("Bearer " + token)
        .mustPull(cached.stack().agent(0).url(), "team/a", cached.image().layer(0));
  }

  @Test
  void skopeo_isRefusedWithAnotherTeamsPassword() {
    assertThatThrownBy(() -> cached.pull("bob:builder")).isInstanceOf(CommandFailed.class);
  }

  @Test
  void containerd_pullsWithAPassword() throws IOException {
    cached.pullByContainerd();
  }

  /** What they hold is checked when the processes have ended. */
  @Test
  void logs_areThere() {
    cached.awaitTraces();
  }
}
