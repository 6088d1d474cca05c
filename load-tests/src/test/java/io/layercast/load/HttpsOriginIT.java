package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A registry and its token service over https, by certificates of an authority that only those
 * trust who are told to; some reach them through a forward proxy alone.
 */
@ExtendWith(OnFailureKeepLogs.class)
@TestMethodOrder(OrderAnnotation.class)
final class HttpsOriginIT {
  private static final String REPOSITORY = "team/a";
  private static final String[] ADA = {"--src-creds", "ada:lovelace"};
  private static TestImage image;
  private static TokenService tokens;
  private static DockerRegistry registry;
  private static BadOrigin plain;
  private static ConnectProxy proxy;
  private static Stack stack;
  private static Role trusting;
  private static Role doubting;
  private static Role insecure;
  private static Role plainly;

  @BeforeAll
  static void start(Workplace workplace) throws Exception {
    image = ImageMaker.make(workplace.folder("image"), 8, List.of(5_000_000L, 20_000L));
    CertificateAuthority authority = CertificateAuthority.create(workplace, "authority");
    String ca = authority.own().certificate().toString();
    tokens =
        TokenService.overTls(
            workplace,
            Map.of("ada", new TokenService.User("lovelace", Set.of(REPOSITORY))),
            authority);
    registry = DockerRegistry.withTokensOverTls(workplace, "origin", tokens, authority);
    plain = BadOrigin.start(workplace);
    proxy = ConnectProxy.start(workplace);
    String origin = registry.url();
    stack = Stack.before(workplace, origin).proxy("--origin-ca", ca).agent().start();
    Map<String, String> byProxy = Map.of("HTTPS_PROXY", proxy.url());
    trusting = AllInOne.start(workplace, "up-ca", origin, byProxy, "--origin-ca", ca);
    doubting = AllInOne.start(workplace, "up-none", origin, Map.of());
    insecure =
        AllInOne.start(
            workplace,
            "up-insecure",
            origin,
            Map.of("HTTPS_PROXY", proxy.url(), "NO_PROXY", "localhost,127.0.0.0/8"),
            "--insecure-origin");
    plainly = AllInOne.start(workplace, "up-plain", plain.url(), Map.of("http_proxy", proxy.url()));
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY, "ada", "lovelace");
    List.of(trusting, doubting, insecure, plainly).forEach(Role::awaitReady);
  }

  @Test
  @Order(1)
  void roles_toldOfTheAuthority_pullAnImage(Workplace workplace) throws IOException {
    pull(workplace, stack.agent(0));

    assertThat(stack.proxy(0).program().output()).doesNotContain("INSECURE");
  }

  /** Nothing but the tunnels' beginnings is sent to the proxy, no credential among them. */
  @Test
  @Order(2)
  void up_behindAForwardProxy_tunnelsToTheOriginAndItsTokenService(Workplace workplace)
      throws IOException {
    assertThat(proxy.asked(registry.address())).isZero();

    pull(workplace, trusting);

    assertThat(proxy.asked(registry.address())).isPositive();
    assertThat(proxy.asked(tokens.address())).isPositive();
    assertThat(proxy.heads())
        .allSatisfy(head ->
            assertThat(head).startsWith("CONNECT ").doesNotContainIgnoringCase("authorization"));
  }

  @Test
  @Order(3)
  void up_notToldOfTheAuthority_saysWhatItDoesNotTrust() throws IOException {
    for (String path : List.of("/v2/", "/v2/" + REPOSITORY + "/manifests/" + image.tag())) {
      Http.Answer answer = Http.get(doubting.url() + path, "Authorization", "Bearer of-nobody");

      assertThat(answer.status()).as(path).isEqualTo(503);
      assertThat(answer.text())
          .contains("\"errors\"", "\"UNAVAILABLE\"", registry.address())
          .contains("certificate is signed by no authority that is trusted here");
    }
    awaitLine(
        doubting, "tried to ask " + registry.address() + ", but failed because its certificate");
    assertThat(doubting.program().output()).as("and not for each").containsOnlyOnce("WARN");
    assertThat(registry.accessLog()).as("no request came so far").doesNotContain("of-nobody");
  }

  @Test
  @Order(4)
  void up_insecure_takesAnyCertificateAndSaysSoLoudly(Workplace workplace) throws IOException {
    long tunnels = proxy.heads().size();

    pull(workplace, insecure);

    awaitLine(insecure, "WARN", "INSECURE", "--insecure-origin", registry.address());
    assertThat(proxy.heads()).as("NO_PROXY names its network").hasSize((int) tunnels);
  }

  @Test
  @Order(5)
  void up_withAPlainOrigin_goesByTheProxyForPlainHttp() throws IOException {
    byte[] blob = "a blob".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    String digest = Sha256.of(blob);
    plain.on(digest, (request, out, _) -> BadOrigin.serve(blob, request, out));
    String secret = Http.basic("ada", "lovelace");

    Puller.Outcome outcome =
        Puller.create().as(secret).pull(plainly.url(), "library/plain", digest);

    assertThat(outcome).isInstanceOf(Puller.Complete.class);
    assertThat(plain.requests(digest))
        .isNotEmpty()
        .allSatisfy(
            request -> assertThat(request.headers()).containsEntry("authorization", secret));
    assertThat(proxy.asked(plain.address())).isPositive();
    assertThat(proxy.heads()).allSatisfy(head -> assertThat(head).startsWith("CONNECT "));
  }

  @Test
  @Order(6)
  void up_whoseProxyRefuses_saysSo() throws IOException {
    proxy.refuse();

    Http.Answer answer = Http.get(trusting.url() + "/v2/" + REPOSITORY + "/tags/list");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text()).contains("\"UNAVAILABLE\"", registry.address(), "403");
    awaitLine(trusting, "WARN", "tried to ask " + registry.address(), "403");
  }

  /** Logs are written by a thread of their own. */
  private static void awaitLine(Role role, String... parts) {
    Wait.until(
        role.name() + " to log " + String.join(" … ", parts),
        Duration.ofSeconds(10),
        () ->
            role.program()
                .output()
                .lines()
                .anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
  }

  private static void pull(Workplace workplace, Role role) throws IOException {
    Skopeo skopeo = new Skopeo(workplace);
    Skopeo.verify(image, skopeo.pull(role.address(), REPOSITORY, image.tag(), ADA));
  }
}
