package io.layercast.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in the form of an OCI digest, {@code sha256:<hex>}. */
final class Sha256 {
  private static final String PREFIX = "sha256:";

  private Sha256() {}

  static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Ends {@code digest} and names it. */
  static String name(MessageDigest digest) {
    return PREFIX + HexFormat.of().formatHex(digest.digest());
  }

  static String of(byte[] bytes) {
    return PREFIX + HexFormat.of().formatHex(begin().digest(bytes));
  }

  static String of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  /** Reads to the end. */
  static String of(InputStream in) throws IOException {
    MessageDigest digest = begin();
    byte[] buffer = new byte[128 * 1024];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
    }
    return name(digest);
  }

  /** The hex part. */
  static String hexOf(String digest) {
    return digest.substring(PREFIX.length());
  }
}
