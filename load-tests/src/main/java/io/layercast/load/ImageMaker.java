package io.layercast.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Makes images of random bytes as OCI layouts (image-layout.md). Each layer is a tar of one file,
 * wrapped in gzip without compression, so that no client packs it anew and its digest stays.
 */
final class ImageMaker {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TAG = "v1";
  private static final int BLOCK_BYTES = 512;

  /**
   * The media type of its manifests; docker-registry shows them to nobody who does not accept it.
   */
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  private ImageMaker() {}

  /**
   * @param seed the same seed makes the same image
   * @param layerBytes for each layer the length of the file in it
   */
  static TestImage make(Path layout, long seed, List<Long> layerBytes) throws IOException {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    SplittableRandom random = new SplittableRandom(seed);
    ObjectNode config = JSON.createObjectNode().put("architecture", "amd64").put("os", "linux");
    config.putObject("config").putArray("Cmd").add("/layer-0");
    var diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    List<Blob> layers = new ArrayList<>();
    for (int i = 0; i < layerBytes.size(); i++) {
      MessageDigest tarDigest = Sha256.begin();
      layers.add(layer(blobs, "layer-" + i, layerBytes.get(i), random, tarDigest));
      diffIds.add(Sha256.name(tarDigest));
    }
    Blob configBlob = put(blobs, JSON.writeValueAsBytes(config));
    ObjectNode manifest =
        JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MANIFEST);
    manifest.set("config", descriptor(CONFIG, configBlob));
    var descriptors = manifest.putArray("layers");
    layers.forEach(layer -> descriptors.add(descriptor(LAYER, layer)));
    Blob manifestBlob = put(blobs, JSON.writeValueAsBytes(manifest));
    ObjectNode entry = descriptor(MANIFEST, manifestBlob);
    entry.putObject("annotations").put("org.opencontainers.image.ref.name", TAG);
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    index.putArray("manifests").add(entry);
    Files.write(layout.resolve("index.json"), JSON.writeValueAsBytes(index));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    return new TestImage(layout, TAG, manifestBlob, configBlob, layers);
  }

  private static ObjectNode descriptor(String mediaType, Blob blob) {
    return JSON.createObjectNode()
        .put("mediaType", mediaType)
        .put("digest", blob.digest())
        .put("size", blob.sizeBytes());
  }

  private static Blob put(Path blobs, byte[] bytes) throws IOException {
    String digest = Sha256.of(bytes);
    Files.write(blobs.resolve(Sha256.hexOf(digest)), bytes);
    return new Blob(digest, bytes.length);
  }

  private static Blob layer(
      Path blobs, String name, long fileBytes, SplittableRandom random, MessageDigest tarDigest)
      throws IOException {
    Path unnamed = blobs.resolve(name + ".part");
    MessageDigest digest = Sha256.begin();
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(unnamed), 1 << 20);
        OutputStream gzip = new StoredGzip(new DigestOutputStream(file, digest));
        OutputStream tar = new DigestOutputStream(gzip, tarDigest)) {
      tar.write(tarHeader(name, fileBytes));
      byte[] buffer = new byte[128 * 1024];
      for (long left = fileBytes; left > 0; left -= buffer.length) {
        random.nextBytes(buffer);
        tar.write(buffer, 0, (int) Math.min(left, buffer.length));
      }
      int padding = (int) ((BLOCK_BYTES - fileBytes % BLOCK_BYTES) % BLOCK_BYTES);
      tar.write(new byte[padding + 2 * BLOCK_BYTES]);
    }
    Blob blob = new Blob(Sha256.name(digest), Files.size(unnamed));
    Files.move(unnamed, blobs.resolve(Sha256.hexOf(blob.digest())));
    return blob;
  }

  /**
   * A ustar header (POSIX.1-1988): name at 0, mode at 100, uid 108, gid 116, size 124, mtime 136,
   * checksum 148, type 156, magic 257; numbers in octal.
   */
  private static byte[] tarHeader(String name, long fileBytes) {
    byte[] header = new byte[BLOCK_BYTES];
    set(header, 0, name);
    set(header, 100, "0000755\0");
    set(header, 108, "0000000\0");
    set(header, 116, "0000000\0");
    set(header, 124, "%011o\0".formatted(fileBytes));
    set(header, 136, "00000000000\0");
    set(header, 148, "        ");
    set(header, 156, "0");
    set(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    set(header, 148, "%06o\0 ".formatted(sum));
    return header;
  }

  private static void set(byte[] header, int at, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** RFC 1952 with stored blocks only. */
  private static final class StoredGzip extends GZIPOutputStream {
    StoredGzip(OutputStream out) throws IOException {
      super(out, 128 * 1024);
      def.setLevel(Deflater.NO_COMPRESSION);
    }
  }
}
