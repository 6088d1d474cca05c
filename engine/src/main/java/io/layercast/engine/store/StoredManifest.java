package io.layercast.engine.store;

import java.util.Arrays;

/**
 * A manifest as the origin sent it.
 *
 * @param bytes hash to the digest it was found by; not copied: do not change them
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content
public record StoredManifest(String mediaType, byte[] bytes) {
  @Override
  public boolean equals(Object other) {
    return other instanceof StoredManifest manifest
        && mediaType.equals(manifest.mediaType)
        && Arrays.equals(bytes, manifest.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return mediaType + ", " + bytes.length + " bytes";
  }
}
