package io.layercast.bootstrap.demo;

import io.layercast.engine.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An OCI image of six layers as real ones are: one big (60 %), four middling (20, 10, 6, 4 %), one
 * tiny. The same size gives the same digests on every machine.
 */
final class DemoImage {
  static final String REPOSITORY = "demo/app";
  static final String TAG = "latest";
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  /** The least an image may hold: its middling layers must differ from its tiny one. */
  static final long MIN_BYTES = 1 << 20;

  /** The most: the big layer is one tar entry of at most 8 GiB. */
  static final long MAX_BYTES = 12L << 30;

  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final int[] PERCENTS = {60, 20, 10, 6, 4};
  private static final long TINY_BYTES = 2500;
  private static final long SEED = 0x1a7e5ca57L;

  private final Map<Digest, DemoLayer> layers;
  private final byte[] config;
  private final byte[] manifest;

  private DemoImage(Map<Digest, DemoLayer> layers, byte[] config, byte[] manifest) {
    this.layers = layers;
    this.config = config;
    this.manifest = manifest;
  }

  /** An image whose layers hold about {@code sizeBytes} in all. Hashes every byte once. */
  static DemoImage ofSize(long sizeBytes) {
    if (sizeBytes < MIN_BYTES || sizeBytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the demo's image holds 1 MiB to 12 GiB, not %d bytes".formatted(sizeBytes));
    }
    List<DemoLayer> made = new ArrayList<>();
    for (int i = 0; i < PERCENTS.length; i++) {
      made.add(new DemoLayer("layer" + i + ".bin", sizeBytes * PERCENTS[i] / 100, SEED + i));
    }
    made.add(new DemoLayer("tiny.bin", TINY_BYTES, SEED - 1));
    List<Digest> digests = made.parallelStream().map(DemoLayer::digest).toList();
    Map<Digest, DemoLayer> layers = new LinkedHashMap<>();
    for (int i = 0; i < made.size(); i++) {
      layers.put(digests.get(i), made.get(i));
    }
    byte[] config = config(digests);
    return new DemoImage(layers, config, manifest(layers, config));
  }

  Map<Digest, DemoLayer> layers() {
    return layers;
  }

  byte[] config() {
    return config.clone();
  }

  Digest configDigest() {
    return Digest.sha256Of(config);
  }

  byte[] manifest() {
    return manifest.clone();
  }

  Digest manifestDigest() {
    return Digest.sha256Of(manifest);
  }

  /** Bytes of all blobs: the layers and the config. */
  long blobBytes() {
    return config.length + layers.values().stream().mapToLong(DemoLayer::sizeBytes).sum();
  }

  /** Uncompressed layers: each is its own diff id (OCI image spec, config). */
  private static byte[] config(List<Digest> digests) {
    String diffIds = digests.stream().map(Digest::toString).collect(Collectors.joining("\",\""));
    return utf8(
        """
        {"architecture":"amd64","os":"linux","config":{},\
        "rootfs":{"type":"layers","diff_ids":["%s"]}}\
        """
            .formatted(diffIds));
  }

  private static byte[] manifest(Map<Digest, DemoLayer> layers, byte[] config) {
    List<String> descriptors = new ArrayList<>();
    layers.forEach(
        (digest, layer) -> descriptors.add(descriptor(LAYER_TYPE, digest, layer.sizeBytes())));
    return utf8(
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}\
        """
            .formatted(
                MANIFEST_TYPE,
                descriptor(CONFIG_TYPE, Digest.sha256Of(config), config.length),
                String.join(",", descriptors)));
  }

  private static String descriptor(String type, Digest digest, long sizeBytes) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d}\
    """
        .formatted(type, digest, sizeBytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
