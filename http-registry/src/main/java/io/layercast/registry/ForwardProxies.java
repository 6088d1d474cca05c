package io.layercast.registry;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * The ways out of a network without a route to the origin, chosen by the scheme of what is asked
 * for, as the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY do. Either is asked for a tunnel
 * (CONNECT), for plain http too: so neither is ever sent a request, let alone its credential.
 *
 * @param http, https {@code http://[user:password@]host:port}: printed without the password
 */
record ForwardProxies(Optional<URI> http, Optional<URI> https, NoProxy except) {
  /** The proxy on the way to {@code target}, or none. */
  Optional<URI> to(URI target) {
    Optional<URI> proxy =
        target.getScheme().toLowerCase(Locale.ROOT).equals("https") ? https : http;
    return except.covers(target.getHost(), Redirects.port(target)) ? Optional.empty() : proxy;
  }

  @Override
  public String toString() {
    return "http by %s, https by %s".formatted(shown(http), shown(https));
  }

  private static String shown(Optional<URI> proxy) {
    return proxy.map(Redirects::authority).orElse("none");
  }
}
