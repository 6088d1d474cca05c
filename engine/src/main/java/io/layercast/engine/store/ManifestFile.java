package io.layercast.engine.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A manifest's file, integers big-endian. The digest that names the file proves the manifest; the
 * checksum proves its media type, which the digest does not cover.
 *
 * <pre>
 *  0        4        6          6+n          10+n
 *  | "LCMF" | n      | mediaType | CRC32C    | manifest …
 * </pre>
 *
 * {@code n} is the length of the media type in bytes of UTF-8; the checksum is that of all before
 * it.
 */
final class ManifestFile {
  private static final int MAGIC = 0x4C434D46;
  private static final int MEDIA_TYPE_AT = 6;

  /** RFC 6838 names are shorter. */
  static final int MAX_MEDIA_TYPE_BYTES = 255;

  static final int MAX_OVERHEAD_BYTES = MEDIA_TYPE_AT + MAX_MEDIA_TYPE_BYTES + 4;

  private ManifestFile() {}

  /**
   * @throws IllegalArgumentException when the media type is too long
   */
  static byte[] encode(String mediaType, byte[] manifest) {
    byte[] type = mediaType.getBytes(StandardCharsets.UTF_8);
    if (type.length > MAX_MEDIA_TYPE_BYTES) {
      throw new IllegalArgumentException("a media type of " + type.length + " bytes");
    }
    ByteBuffer file = ByteBuffer.allocate(MEDIA_TYPE_AT + type.length + 4 + manifest.length);
    file.putInt(MAGIC).putShort((short) type.length).put(type);
    file.putInt(checksum(file.array(), file.position())).put(manifest);
    return file.array();
  }

  /**
   * @throws DamagedException when it is not what {@link #encode} wrote; the manifest itself is not
   *     looked at
   */
  static StoredManifest decode(byte[] bytes) throws DamagedException {
    ByteBuffer file = ByteBuffer.wrap(bytes);
    if (bytes.length < MEDIA_TYPE_AT + 4 || file.getInt() != MAGIC) {
      throw new DamagedException("it is no manifest file");
    }
    int typeLength = Short.toUnsignedInt(file.getShort());
    int manifestAt = MEDIA_TYPE_AT + typeLength + 4;
    if (manifestAt > bytes.length
        || file.getInt(manifestAt - 4) != checksum(bytes, manifestAt - 4)) {
      throw new DamagedException("its media type does not match its checksum");
    }
    String mediaType = new String(bytes, MEDIA_TYPE_AT, typeLength, StandardCharsets.UTF_8);
    return new StoredManifest(mediaType, Arrays.copyOfRange(bytes, manifestAt, bytes.length));
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
