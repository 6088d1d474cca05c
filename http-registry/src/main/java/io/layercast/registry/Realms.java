package io.layercast.registry;

import io.layercast.engine.Digest;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The token realms that the origin's own challenges named, under ids that clients may know. Only
 * these URLs are ever sent a caller's credential besides the origin. Thread-safe; holds the 256
 * last used.
 */
public final class Realms {
  /** Where our own token route lives; an id of 16 hex digits follows. */
  static final String PATH = "/layercast/token/";

  private static final int MAX_REALMS = 256;
  private static final int ID_LENGTH = 16;
  private static final Pattern OURS =
      Pattern.compile("(?:https?://[^/]*)?" + PATH + "([0-9a-f]{" + ID_LENGTH + "})");

  private final boolean plainAllowed;
  private final Map<String, URI> byId =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, URI> eldest) {
          return size() > MAX_REALMS;
        }
      };

  private Realms(boolean plainAllowed) {
    this.plainAllowed = plainAllowed;
  }

  /** Realms of the origin at {@code origin}; plain http ones only if it is plain itself. */
  public static Realms of(URI origin) {
    return new Realms("http".equalsIgnoreCase(origin.getScheme()));
  }

  /**
   * The origin's challenges as clients may see them: a Bearer realm becomes our token route for it
   * and is remembered. A Bearer challenge whose realm must not be given credentials is left out.
   */
  List<String> conceal(List<String> headers) {
    return headers.stream()
        .flatMap(header -> Challenge.parse(header).stream())
        .map(this::conceal)
        .flatMap(Optional::stream)
        .map(Challenge::render)
        .toList();
  }

  private Optional<Challenge> conceal(Challenge challenge) {
    if (!challenge.isBearer()) {
      return Optional.of(challenge);
    }
    return challenge.realm().flatMap(this::remember).map(id -> challenge.withRealm(PATH + id));
  }

  private Optional<String> remember(String realm) {
    URI uri;
    try {
      uri = new URI(realm);
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean allowed = scheme.equals("https") || (plainAllowed && scheme.equals("http"));
    if (!allowed || uri.getHost() == null || uri.getUserInfo() != null) {
      return Optional.empty();
    }
    String id =
        Digest.sha256Of(realm.getBytes(StandardCharsets.UTF_8)).hex().substring(0, ID_LENGTH);
    synchronized (byId) {
      byId.put(id, uri);
    }
    return Optional.of(id);
  }

  /** The realm an id stands for, if the origin named it. */
  Optional<URI> find(String id) {
    synchronized (byId) {
      return Optional.ofNullable(byId.get(id));
    }
  }

  /**
   * A challenge for the client that asked {@code base} (scheme and authority): a realm that is our
   * token route, on whatever host, is moved there; every other challenge stays as it is.
   */
  static String reveal(String header, String base) {
    List<Challenge> challenges = Challenge.parse(header);
    return challenges.stream()
        .map(challenge -> {
          Matcher ours = OURS.matcher(challenge.realm().orElse(""));
          return challenge.isBearer() && ours.matches()
              ? challenge.withRealm(base + PATH + ours.group(1))
              : challenge;
        })
        .map(Challenge::render)
        .collect(java.util.stream.Collectors.joining(", "));
  }
}
