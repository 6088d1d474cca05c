package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import akka.http.javadsl.ClientTransport;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OriginCallerTest {
  private static final URI PLAIN = URI.create("http://origin.test/v2/");
  private static final URI TLS = URI.create("https://origin.test/v2/");

  /** Another object would be another pool's settings, made and kept for each request. */
  @Test
  void transports_areTheSameObjectEveryTime() {
    URI proxy = URI.create("http://proxy.test:3128");
    Function<URI, ClientTransport> ways =
        OriginCaller.transports(
            new ForwardProxies(Optional.empty(), Optional.of(proxy), NoProxy.parse("")));
    for (URI target : List.of(PLAIN, TLS)) {
      assertThat(ways.apply(target)).isSameAs(ways.apply(target));
    }
    assertThat(ways.apply(PLAIN)).isSameAs(HttpCaller.DIRECT).isNotSameAs(ways.apply(TLS));
  }
}
