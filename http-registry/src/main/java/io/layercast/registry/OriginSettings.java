package io.layercast.registry;

import static io.layercast.registry.RegistrySettings.bad;
import static io.layercast.registry.RegistrySettings.bytes;
import static io.layercast.registry.RegistrySettings.positive;
import static io.layercast.registry.RegistrySettings.positiveTime;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code layercast.registry.origin}.
 *
 * @param url without path; empty on a node that asks no origin
 */
public record OriginSettings(
    Optional<URI> url,
    Optional<Path> caFile,
    boolean insecure,
    ForwardProxies forwardProxies,
    Optional<InetAddress> bindAddress,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration stallTimeout,
    int maxShortConnections,
    int maxBlobConnections,
    int maxRedirects,
    int maxDocumentBytes,
    Duration maxRetryAfter) {

  private static final int MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

  static OriginSettings from(Config config) {
    return new OriginSettings(
        text(config, "url").map(url -> httpUrl(config, "url", url, false)),
        text(config, "ca-file").map(Path::of),
        config.getBoolean("insecure"),
        new ForwardProxies(
            text(config, "http-proxy").map(url -> proxyUrl(config, "http-proxy", url)),
            text(config, "https-proxy").map(url -> proxyUrl(config, "https-proxy", url)),
            noProxy(config)),
        address(config, "bind-address"),
        positiveTime(config, "connect-timeout"),
        positiveTime(config, "answer-timeout"),
        positiveTime(config, "stall-timeout"),
        positive(config, "max-short-connections"),
        positive(config, "max-blob-connections"),
        config.getInt("max-redirects"),
        bytes(config, "max-document-bytes", MAX_DOCUMENT_BYTES),
        positiveTime(config, "max-retry-after"));
  }

  private static NoProxy noProxy(Config config) {
    try {
      return NoProxy.parse(config.getString("no-proxy"));
    } catch (IllegalArgumentException e) {
      throw bad(config, "no-proxy", String.valueOf(e.getMessage()));
    }
  }

  /** Without a scheme it is http, as in curl. */
  private static URI proxyUrl(Config config, String key, String text) {
    URI uri = httpUrl(config, key, text.contains("://") ? text : "http://" + text, true);
    if (uri.getScheme().equals("https")) {
      throw bad(config, key, "a proxy that is itself reached by https is not supported");
    }
    return uri;
  }

  static Optional<InetAddress> address(Config config, String key) {
    return text(config, key)
        .map(literal -> {
          try {
            return InetAddress.ofLiteral(literal);
          } catch (IllegalArgumentException _) {
            throw bad(config, key, literal + " is not an IP address");
          }
        });
  }

  static Optional<String> text(Config config, String key) {
    return Optional.of(config.getString(key).strip()).filter(value -> !value.isEmpty());
  }

  private static URI httpUrl(Config config, String key, String text, boolean userAllowed) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException _) {
      throw bad(config, key, "it is not a URL");
    }
    boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    boolean hasPath = uri.getRawPath() != null && !uri.getRawPath().matches("/?");
    if (!isHttp || uri.getHost() == null || hasPath || uri.getRawQuery() != null) {
      throw bad(config, key, "it is not http(s)://host[:port]");
    }
    if (uri.getUserInfo() != null && !userAllowed) {
      throw bad(config, key, "it holds a user name; credentials are the callers' own");
    }
    return uri;
  }

  @Override
  public String toString() {
    return "OriginSettings[url=%s, insecure=%s, %s]"
        .formatted(url.map(URI::toString).orElse("none"), insecure, forwardProxies);
  }
}
