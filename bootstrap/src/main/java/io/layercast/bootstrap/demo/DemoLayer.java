package io.layercast.bootstrap.demo;

import io.layercast.engine.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A layer whose bytes are computed where they are wanted, so that an image of any size needs no
 * memory: an uncompressed tar (POSIX.1-1988 ustar) of one file of pseudo-random bytes, which a
 * container runtime can unpack.
 *
 * <pre>
 * | header 512 | content | zeros to a multiple of 512 | 1024 zeros |
 * </pre>
 *
 * Content byte {@code i} is byte {@code i % 8} (little-endian) of SplitMix64's output number {@code
 * i / 8} from {@code seed}: it compresses to nothing and any range starts anywhere.
 */
final class DemoLayer {
  static final int BLOCK = 512;
  private static final int END_BYTES = 2 * BLOCK;
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] header;
  private final long contentBytes;
  private final long sizeBytes;
  private final long seed;

  /** A layer with the file {@code name} of {@code contentBytes} bytes. */
  DemoLayer(String name, long contentBytes, long seed) {
    this.header = tarHeader(name, contentBytes);
    this.contentBytes = contentBytes;
    this.sizeBytes = BLOCK + Math.ceilDiv(contentBytes, BLOCK) * BLOCK + END_BYTES;
    this.seed = seed;
  }

  /** Of the whole tar. */
  long sizeBytes() {
    return sizeBytes;
  }

  /** Computes the digest by making every byte once: about a second for each GB. */
  Digest digest() {
    MessageDigest sha256 = Digest.Algorithm.SHA256.hasher();
    try {
      writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256), 0, sizeBytes);
    } catch (IOException e) {
      throw new UncheckedIOException("a hash does not fail to write", e);
    }
    return Digest.ofHash(Digest.Algorithm.SHA256, sha256.digest());
  }

  /** Writes bytes {@code [from, to)} of the tar, {@code 0 <= from <= to <= sizeBytes()}. */
  void writeTo(OutputStream out, long from, long to) throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, Math.max(1, to - from))];
    for (long at = from; at < to; ) {
      int length = (int) Math.min(chunk.length, to - at);
      fill(at, chunk, length);
      out.write(chunk, 0, length);
      at += length;
    }
  }

  private void fill(long from, byte[] target, int length) {
    int done = 0;
    while (done < length) {
      long at = from + done;
      int left = length - done;
      if (at < BLOCK) {
        int n = (int) Math.min(left, BLOCK - at);
        System.arraycopy(header, (int) at, target, done, n);
        done += n;
      } else if (at < BLOCK + contentBytes) {
        int n = (int) Math.min(left, BLOCK + contentBytes - at);
        fillContent(at - BLOCK, target, done, n);
        done += n;
      } else {
        Arrays.fill(target, done, length, (byte) 0);
        done = length;
      }
    }
  }

  private void fillContent(long from, byte[] target, int offset, int length) {
    int done = 0;
    while (done < length) {
      long at = from + done;
      long word = mix(at >>> 3);
      int skip = (int) (at & 7);
      if (skip == 0 && length - done >= Long.BYTES) {
        LONGS.set(target, offset + done, word);
        done += Long.BYTES;
      } else {
        int n = Math.min(Long.BYTES - skip, length - done);
        for (int i = 0; i < n; i++) {
          target[offset + done + i] = (byte) (word >>> (8 * (skip + i)));
        }
        done += n;
      }
    }
  }

  /** SplitMix64 (Steele, Lea, Flood 2014), output number {@code index} from the seed. */
  private long mix(long index) {
    long z = seed + (index + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static byte[] tarHeader(String name, long contentBytes) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644\0"); // mode
    put(header, 108, "0000000\0"); // uid
    put(header, 116, "0000000\0"); // gid
    put(header, 124, size(contentBytes));
    put(header, 136, "00000000000\0"); // mtime: the epoch, so that digests stay the same
    put(header, 148, "        "); // checksum counts itself as spaces
    put(header, 156, "0"); // a regular file
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    return header;
  }

  private static String size(long contentBytes) {
    if (contentBytes > 0_777_7777_7777L) {
      throw new IllegalArgumentException("a tar entry holds at most 8 GiB: " + contentBytes);
    }
    return String.format("%011o\0", contentBytes);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
