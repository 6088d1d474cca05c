package io.layercast.engine;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;

/**
 * The value of a caller's Authorization header as it came, or none. Goes to the origin and to the
 * token realm the origin named, nowhere else; never printed.
 */
public final class Credential {
  /** A caller who sent no Authorization header. */
  public static final Credential NONE = new Credential("");

  private final String header;

  private Credential(String header) {
    this.header = header;
  }

  @JsonCreator
  public static Credential of(@JsonProperty String header) {
    return header.isEmpty() ? NONE : new Credential(header);
  }

  public boolean isPresent() {
    return !header.isEmpty();
  }

  /** The header's value, for the one request that carries it on. */
  @JsonValue
  public String reveal() {
    return header;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Credential credential && header.equals(credential.header);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(header);
  }

  @Override
  public String toString() {
    return isPresent() ? "[credential]" : "[no credential]";
  }
}
