package io.layercast.engine;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A repository's name, {@code team/app} (OCI distribution spec, "Pulling manifests"): lower-case
 * path components joined by slashes, at most 255 characters.
 */
public record RepositoryName(String value) {
  private static final int MAX_LENGTH = 255;
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "[a-z0-9]++((\\.|_|__|-++)[a-z0-9]++)*+(/[a-z0-9]++((\\.|_|__|-++)[a-z0-9]++)*+)*+");

  public RepositoryName {
    if (!isValid(value)) {
      throw new IllegalArgumentException("not a repository name: " + value);
    }
  }

  /** The name written {@code text}, or empty when the spec's grammar refuses it. */
  public static Optional<RepositoryName> parse(String text) {
    return isValid(text) ? Optional.of(new RepositoryName(text)) : Optional.empty();
  }

  private static boolean isValid(String text) {
    return text.length() <= MAX_LENGTH && GRAMMAR.matcher(text).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
