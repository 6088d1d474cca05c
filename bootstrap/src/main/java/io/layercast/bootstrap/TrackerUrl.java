package io.layercast.bootstrap;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** What {@code --tracker} takes: {@code http://host:6969}, or just {@code host:6969}. */
final class TrackerUrl {
  private static final int DEFAULT_PORT = 6969;

  private TrackerUrl() {}

  /** The {@code host:port} of each. */
  static List<String> addresses(List<String> urls) {
    return urls.stream().map(TrackerUrl::address).toList();
  }

  private static String address(String text) {
    try {
      URI uri = new URI(text.contains("://") ? text : "http://" + text);
      boolean plain =
          "http".equals(uri.getScheme())
              && uri.getHost() != null
              && (uri.getPath().isEmpty()
                  || uri.getPath().equals("/")
                  || uri.getPath().equals("/announce"));
      if (plain) {
        return uri.getHost() + ":" + (uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
      }
      throw new IllegalArgumentException(
          "'%s' is not a tracker's http://HOST:PORT".formatted(text));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "'%s' is not a tracker's http://HOST:PORT".formatted(text), e);
    }
  }
}
