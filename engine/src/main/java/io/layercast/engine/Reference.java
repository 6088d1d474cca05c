package io.layercast.engine;

import java.util.Optional;
import java.util.regex.Pattern;

/** What names a manifest in a repository: a tag or a digest (OCI distribution spec). */
public sealed interface Reference {

  /** A mutable name: at most 128 characters of {@code [a-zA-Z0-9_][a-zA-Z0-9._-]*}. */
  record Tag(String value) implements Reference {
    private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

    public Tag {
      if (!GRAMMAR.matcher(value).matches()) {
        throw new IllegalArgumentException("not a tag: " + value);
      }
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /** The name of exactly one content. */
  record ByDigest(Digest digest) implements Reference {
    @Override
    public String toString() {
      return digest.toString();
    }
  }

  /** The reference written {@code text}, or empty when it is neither tag nor digest. */
  static Optional<Reference> parse(String text) {
    if (text.indexOf(':') >= 0) {
      return Digest.parse(text).map(ByDigest::new);
    }
    return Tag.GRAMMAR.matcher(text).matches() ? Optional.of(new Tag(text)) : Optional.empty();
  }
}
