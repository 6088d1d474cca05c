package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.Digest;
import io.layercast.engine.Reference;
import io.layercast.engine.RepositoryName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small grammars of the front and of the origin's answers. */
class PathAndRangeTest {
  private static final Digest DIGEST = Digest.sha256Of(new byte[0]);

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=0-, 0, 100",
    "bytes=99-, 99, 100",
    "bytes=10-19, 10, 20",
    "bytes=10-1000, 10, 100",
    "bytes=-1, 99, 100",
    "bytes=-1000, 0, 100",
    "Bytes= 1-2 , 1, 3",
    "bytes=0-9999999999999999999, 0, 100"
  })
  void range_part(String header, long from, long to) {
    assertThat(ByteRange.parse(Optional.of(header), 100)).isEqualTo(new ByteRange.Part(from, to));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=5-4",
        "bytes=-",
        "bytes=0-1,3-4",
        "items=0-1",
        "bytes=a-b",
        "bytes",
        "bytes=--1",
        "bytes=99999999999999999999-"
      })
  void range_ignored(String header) {
    assertThat(ByteRange.parse(Optional.of(header), 100)).isEqualTo(new ByteRange.Whole());
  }

  @Test
  void range_unsatisfiable() {
    assertThat(ByteRange.parse(Optional.of("bytes=100-"), 100))
        .isEqualTo(new ByteRange.Unsatisfiable());
    assertThat(ByteRange.parse(Optional.of("bytes=-0"), 100))
        .isEqualTo(new ByteRange.Unsatisfiable());
    assertThat(ByteRange.parse(Optional.of("bytes=0-"), 0))
        .isEqualTo(new ByteRange.Unsatisfiable());
    assertThat(ByteRange.parse(Optional.empty(), 0)).isEqualTo(new ByteRange.Whole());
  }

  @Test
  void contentRange() {
    assertThat(ContentRange.parse("bytes 10-19/100"))
        .contains(new ContentRange(10, 20, OptionalLong.of(100)));
    assertThat(ContentRange.parse("bytes 10-19/*"))
        .contains(new ContentRange(10, 20, OptionalLong.empty()));
    assertThat(ContentRange.parse("bytes 10-100/100")).isEmpty();
    assertThat(ContentRange.parse("bytes 10-9/100")).isEmpty();
    assertThat(ContentRange.parse("bytes */100")).isEmpty();
    assertThat(new ContentRange(10, 20, OptionalLong.of(100)).render())
        .isEqualTo("bytes 10-19/100");
  }

  @Test
  void path_isReadFromItsEnd() {
    RepositoryName name = new RepositoryName("blobs/manifests/tags");
    assertThat(FrontPath.parse("/v2/blobs/manifests/tags/manifests/list"))
        .isEqualTo(new FrontPath.Manifest(name, new Reference.Tag("list")));
    assertThat(FrontPath.parse("/v2/blobs/manifests/tags/tags/list"))
        .isEqualTo(new FrontPath.Tags(name));
    assertThat(FrontPath.parse("/v2/a/blobs/" + DIGEST))
        .isEqualTo(new FrontPath.Blob(new RepositoryName("a"), DIGEST));
    assertThat(FrontPath.parse("/v2/a/blobs/uploads/"))
        .isEqualTo(new FrontPath.Upload(new RepositoryName("a")));
    assertThat(FrontPath.parse("/layercast/v1/blobs/" + DIGEST + ".torrent"))
        .isEqualTo(new FrontPath.Layer(DIGEST, FrontPath.Want.TORRENT));
    assertThat(FrontPath.parse("/layercast/token/0123456789abcdef"))
        .isEqualTo(new FrontPath.Token("0123456789abcdef"));
    assertThat(FrontPath.parse("/v2/a/../b/manifests/x")).isInstanceOf(FrontPath.Invalid.class);
  }

  @Test
  void retryAfter() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Duration max = Duration.ofSeconds(60);
    assertThat(RetryAfter.parse("7", now, max)).contains(Duration.ofSeconds(7));
    assertThat(RetryAfter.parse("99999999999", now, max)).contains(max);
    assertThat(RetryAfter.parse("Thu, 01 Jan 2026 00:00:30 GMT", now, max))
        .contains(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse("Wed, 31 Dec 2025 00:00:30 GMT", now, max)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("soon", now, max)).isEmpty();
  }

  @Test
  void redirect_dropsTheCredentialForGood() {
    Redirects redirects = new Redirects(URI.create("https://a.example/v2/x"), 5);
    assertThat(redirects.follow("/v2/y")).isEmpty();
    assertThat(redirects.isCredentialAllowed()).isTrue();
    assertThat(redirects.follow("https://A.example:443/v2/z")).isEmpty();
    assertThat(redirects.isCredentialAllowed()).isTrue();
    assertThat(redirects.follow("https://a.example:444/v2/z")).isEmpty();
    assertThat(redirects.isCredentialAllowed()).isFalse();
    assertThat(redirects.follow("https://a.example/v2/w")).isEmpty();
    assertThat(redirects.isCredentialAllowed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a.example/",
        "ftp://a.example/",
        "https:///x",
        "%%",
        "https://a.example/v2"
      })
  void redirect_refused(String location) {
    Redirects redirects = new Redirects(URI.create("https://a.example/v2"), 5);

    assertThat(redirects.follow(location)).isPresent();
    assertThat(redirects.current()).isEqualTo(URI.create("https://a.example/v2"));
  }

  @Test
  void redirect_sixthIsRefused() {
    Redirects redirects = new Redirects(URI.create("http://a.example/0"), 5);
    for (int i = 1; i <= 5; i++) {
      assertThat(redirects.follow("/" + i)).isEmpty();
    }
    assertThat(redirects.follow("/6")).hasValueSatisfying(why -> assertThat(why).contains("5"));
  }

  @Test
  void link_isMovedOnlyIfNext() {
    FrontPath tags = new FrontPath.Tags(new RepositoryName("a/b"));
    assertThat(Links.moved("<https://evil.example/v2/x/tags/list?n=5&last=z>; rel=next", tags))
        .contains("</v2/a/b/tags/list?n=5&last=z>; rel=\"next\"");
    assertThat(Links.moved("<https://evil.example/>; rel=\"stylesheet\"", tags)).isEmpty();
    assertThat(Links.moved("</v2/a/b/tags/list>; rel=\"next\"", tags)).isEmpty();
  }

  @Test
  void rendezvous_movesOnlyTheKeysOfWhoIsGone() {
    var all =
        java.util.List.of(
            new HostAndPort("a", 1), new HostAndPort("b", 1), new HostAndPort("::1", 1));
    int moved = 0;
    for (int i = 0; i < 100; i++) {
      HostAndPort before = ProxyAddresses.rendezvous(all, "key" + i).getFirst();
      HostAndPort after = ProxyAddresses.rendezvous(all.subList(0, 2), "key" + i).getFirst();
      if (before.equals(all.get(2))) {
        moved++;
      } else {
        assertThat(after).isEqualTo(before);
      }
    }
    assertThat(moved).isBetween(15, 55);
    assertThat(all.get(2)).hasToString("[::1]:1");
    assertThat(HostAndPort.parse("[::1]:1")).contains(all.get(2));
  }
}
