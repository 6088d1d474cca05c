package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import akka.http.javadsl.model.Uri;
import akka.http.scaladsl.model.IllegalUriException;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.RepositoryName;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmKeys;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whatever stands in a header or a query, of a caller or in an answer. */
class HeadersFuzzTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final RepositoryName REPOSITORY = new RepositoryName("team/app");
  private static final Permits PERMITS =
      new Permits(new SwarmKeys(Secret.of(new byte[32])), Duration.ofMinutes(1));
  private static final OriginAccess NOBODY = new OriginAccess(REPOSITORY, Credential.NONE);
  private static final Digest DIGEST = Digest.sha256Of(new byte[0]);
  private static final URI ORIGIN = URI.create("https://origin.example/v2/");

  @FuzzTest
  void contentRange(byte[] data) {
    ContentRange.parse(text(data))
        .ifPresent(range -> {
          assertThat(range.from()).isNotNegative().isLessThan(range.to());
          assertThat(range.sizeBytes().orElse(Long.MAX_VALUE)).isGreaterThanOrEqualTo(range.to());
          assertThat(ContentRange.parse(range.render())).contains(range);
        });
  }

  @FuzzTest
  void retryAfter(byte[] data) {
    Duration max = Duration.ofHours(1);
    RetryAfter.parse(text(data), NOW, max)
        .ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, max));
  }

  @FuzzTest
  void permit(byte[] data) {
    assertThat(PERMITS.isValid(text(data), NOBODY, DIGEST, NOW)).isFalse();
  }

  @FuzzTest
  void held(byte[] data) {
    String header = text(data);
    HeldDesk.parse(header)
        .ifPresent(piece ->
            assertThat(HeldDesk.header(piece).value()).isEqualTo(header.toLowerCase(Locale.ROOT)));
  }

  @FuzzTest
  void hostAndPort(byte[] data) {
    HostAndPort.parse(text(data))
        .ifPresent(address -> {
          assertThat(address.port()).isBetween(1, 65_535);
          assertThat(address.toSocketAddress().getPort()).isEqualTo(address.port());
        });
  }

  @FuzzTest
  void noProxy(byte[] data) {
    try {
      var _ = NoProxy.parse(text(data)).covers("registry.example.com", 443);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("is no network");
    }
  }

  @FuzzTest
  void realm(byte[] data) {
    Realms realms = Realms.of(ORIGIN);
    for (String concealed : realms.conceal(List.of(text(data)))) {
      assertThat(Challenge.parse(concealed)).hasSize(1);
      for (Challenge challenge : Challenge.parse(concealed)) {
        assertThat(challenge.isBearer() && !challenge.realm().orElse("").startsWith(Realms.PATH))
            .isFalse();
      }
      assertThat(Realms.reveal(concealed, "http://localhost:5004"))
          .doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f]");
    }
  }

  @FuzzTest
  void link(byte[] data) {
    Links.moved(text(data), new FrontPath.Tags(REPOSITORY))
        .ifPresent(link ->
            assertThat(link)
                .startsWith("</v2/team/app/tags/list?")
                .doesNotContainPattern("[\\x00-\\x1f]"));
  }

  @FuzzTest
  void redirect(byte[] data) {
    Redirects redirects = new Redirects(ORIGIN, 4);
    for (String location : text(data).split("\n", -1)) {
      if (redirects.follow(location).isPresent()) {
        return;
      }
      URI now = redirects.current();
      assertThat(now.getScheme()).isEqualToIgnoringCase("https");
      assertThat(now.getHost()).isNotNull();
      if (!now.getHost().equalsIgnoreCase("origin.example") || Redirects.port(now) != 443) {
        assertThat(redirects.isCredentialAllowed()).isFalse();
      }
    }
  }

  /** What akka-http takes for a query is one for whoever it is sent on to. */
  @FuzzTest
  void query(byte[] data) {
    Optional<String> query;
    try {
      query = Uri.create("/v2/team/app/tags/list?" + text(data)).rawQueryString();
    } catch (IllegalUriException _) {
      return; // is answered 400
    }
    query.ifPresent(text -> assertThat(URI.create(ORIGIN + "?" + text)).hasHost(ORIGIN.getHost()));
  }

  /** A header's value as akka-http gives it. */
  private static String text(byte[] data) {
    return new String(data, StandardCharsets.ISO_8859_1);
  }
}
