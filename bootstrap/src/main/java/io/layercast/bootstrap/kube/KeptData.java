package io.layercast.bootstrap.kube;

import java.io.IOException;
import java.util.Map;

/** Named bytes that others may write at the same time. */
public interface KeptData {
  /** What to write, of what was found; empty for nothing. */
  @FunctionalInterface
  interface Change {
    Map<String, byte[]> of(Map<String, byte[]> found) throws IOException, InterruptedException;
  }

  /**
   * Writes what {@code change} wants of what is there, unless that has changed meanwhile: then it
   * is asked again.
   *
   * @return all that is there afterwards
   */
  Map<String, byte[]> write(Change change) throws IOException, InterruptedException;
}
