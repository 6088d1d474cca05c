package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The judges themselves, judged: real clients against the real registry, with nothing between. */
@ExtendWith(OnFailureKeepLogs.class)
final class HarnessIT {
  private static TestImage image;

  @BeforeAll
  static void makeImage(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 1, List.of(3_000_000L, 700L, 1_000_001L));
  }

  @Test
  void registry_countsOneCopyForEachPull(Workplace workplace) throws IOException {
    DockerRegistry registry = DockerRegistry.start(workplace, "open");
    Skopeo skopeo = new Skopeo(workplace);
    skopeo.push(image, registry.address(), "a/b");

    Skopeo.verify(image, skopeo.pull(registry.address(), "a/b", image.tag()));
    Containerd containerd = Containerd.start(workplace, "containerd");
    containerd.pull(registry.address(), "a/b", image.tag());
    Blob layer = image.layer(0);
    Http.get(registry.url() + "/v2/a/b/blobs/" + layer.digest(), "Range", "bytes=0-99");

    assertThat(containerd.contents()).contains(layer.digest(), image.config().digest());
    assertThat(registry.copies(image.layer(1))).isEqualTo(2);
    assertThat(registry.sentBytes(layer)).isEqualTo(2 * layer.sizeBytes() + 100);
  }

  @Test
  void registry_withPasswordsRefusesOthers(Workplace workplace) throws IOException {
    DockerRegistry registry =
        DockerRegistry.withPasswords(workplace, "passwords", Map.of("ada", "lovelace"));
    Skopeo skopeo = new Skopeo(workplace);
    skopeo.push(image, registry.address(), "a/b", "ada", "lovelace");

    Path pulled =
        skopeo.pull(registry.address(), "a/b", image.tag(), "--src-creds", "ada:lovelace");

    Skopeo.verify(image, pulled);
    assertThatThrownBy(() -> skopeo.pull(registry.address(), "a/b", image.tag()))
        .isInstanceOf(CommandFailed.class);
    assertThat(Http.get(registry.url() + "/v2/").status()).isEqualTo(401);
  }

  @Test
  void registry_withTokensAllowsEachUserTheirRepository(Workplace workplace) throws Exception {
    TokenService tokens =
        TokenService.start(
            workplace,
            Map.of(
                "ada", new TokenService.User("lovelace", Set.of("team/a")),
                "bob", new TokenService.User("builder", Set.of("team/b"))));
    DockerRegistry registry = DockerRegistry.withTokens(workplace, "tokens", tokens);
    Skopeo skopeo = new Skopeo(workplace);
    skopeo.push(image, registry.address(), "team/a", "ada", "lovelace");

    Path pulled =
        skopeo.pull(registry.address(), "team/a", image.tag(), "--src-creds", "ada:lovelace");

    Skopeo.verify(image, pulled);
    assertThat(tokens.gets()).isPositive();
    assertThatThrownBy(() ->
            skopeo.pull(registry.address(), "team/a", image.tag(), "--src-creds", "bob:builder"))
        .isInstanceOf(CommandFailed.class);
    String manifest = registry.url() + "/v2/team/a/manifests/" + image.tag();
    assertThat(Http.get(manifest, "Authorization", "Bearer " + tokens.tokenFor("bob", "team/a")))
        .returns(401, Http.Answer::status);
    String form =
        "grant_type=password&username=ada&password=lovelace&scope=repository:team/a:pull"
            + "&service=origin&client_id=it";
    assertThat(Http.post(tokens.realm(), form).text()).contains("refresh_token");
  }

  @Test
  void workplace_endsWhatItStarted(Workplace workplace) throws IOException {
    Program sleeper = workplace.start("sleeper", List.of("sleep", "60"));
    sleeper.kill();

    assertThat(sleeper.isRunning()).isFalse();
    assertThatThrownBy(
            () -> workplace.run("false", Duration.ofSeconds(5), List.of("sh", "-c", "exit 3")))
        .hasMessageContaining("ended with 3");
  }

  @Test
  void workplace_isGoneAfterASignalToo() throws Exception {
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EndedRun.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said = run.inputReader();
    Path root = Path.of(said.readLine());
    assertThat(root.resolve("left/file")).exists();
    ProcessHandle child = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();

    run.destroy();

    assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(root).doesNotExist();
    assertThat(child.isAlive()).isFalse();
  }
}
