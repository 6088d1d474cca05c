package io.layercast.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where one request has been sent on to so far, and whether it may go further. The credential stays
 * with the scheme, host and port it was given for and, once dropped, never comes back. Not
 * thread-safe; a value for one request.
 */
final class Redirects {
  private final int max;
  private final Set<URI> visited = new LinkedHashSet<>();
  private URI current;
  private boolean credentialAllowed = true;

  Redirects(URI start, int max) {
    this.max = max;
    this.current = start;
    visited.add(start);
  }

  URI current() {
    return current;
  }

  /** Whether the request for {@link #current} may carry the caller's credential. */
  boolean isCredentialAllowed() {
    return credentialAllowed;
  }

  /** Goes where {@code location} points; the cause when that is refused. */
  Optional<String> follow(String location) {
    URI next;
    try {
      next = current.resolve(new URI(location.strip()));
    } catch (URISyntaxException _) {
      return Optional.of("the redirect from " + authority(current) + " names no valid URL");
    }
    String scheme = scheme(next);
    if (next.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      return Optional.of("the redirect from " + authority(current) + " leads to no HTTP address");
    }
    if (scheme(current).equals("https") && scheme.equals("http")) {
      return Optional.of(
          "the redirect from %s to %s would leave https for plain http"
              .formatted(authority(current), authority(next)));
    }
    if (!visited.add(next)) {
      return Optional.of("the redirects from " + authority(current) + " go in a circle");
    }
    if (visited.size() > max + 1) {
      return Optional.of("more than " + max + " redirects followed each other");
    }
    if (!isSameOrigin(current, next)) {
      credentialAllowed = false;
    }
    current = next;
    return Optional.empty();
  }

  /** Host and port only: a redirect's path and query often are a credential themselves. */
  static String authority(URI uri) {
    return uri.getHost() + ":" + port(uri);
  }

  private static boolean isSameOrigin(URI one, URI other) {
    return scheme(one).equals(scheme(other))
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return scheme(uri).equals("https") ? 443 : 80;
  }

  private static String scheme(URI uri) {
    return uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
  }
}
