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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code layercast.registry.origin}.
 *
 * @param url without path; empty on a node that asks no origin
 * @param httpsProxy may hold a password in its user info: printed without
 */
public record OriginSettings(
    Optional<URI> url,
    Optional<Path> caFile,
    boolean insecure,
    Optional<URI> httpsProxy,
    List<String> noProxy,
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
        text(config, "https-proxy").map(url -> httpUrl(config, "https-proxy", url, true)),
        Arrays.stream(config.getString("no-proxy").split(","))
            .map(String::strip)
            .filter(host -> !host.isEmpty())
            .toList(),
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

  /** Whether requests to {@code host} go around the forward proxy. */
  boolean isDirect(String host) {
    return httpsProxy.isEmpty() || noProxy.stream().anyMatch(rule -> matches(rule, host));
  }

  private static boolean matches(String rule, String host) {
    if (rule.equals("*") || rule.equalsIgnoreCase(host)) {
      return true;
    }
    String suffix = rule.startsWith(".") ? rule : "." + rule;
    return host.length() > suffix.length()
        && host.regionMatches(true, host.length() - suffix.length(), suffix, 0, suffix.length());
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

  private static Optional<String> text(Config config, String key) {
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
    return "OriginSettings[url=%s, insecure=%s, httpsProxy=%s]"
        .formatted(
            url.map(URI::toString).orElse("none"),
            insecure,
            httpsProxy.map(Redirects::authority).orElse("none"));
  }
}
