package io.layercast.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/**
 * A base image with nothing but a Java runtime: jlink's of the JDK these tests run on, and the
 * shared libraries of Debian's libc6 and zlib1g. For two platforms, of which only this machine's is
 * true: the other has the same files.
 */
final class DebianBase {
  static final String TAG = "25";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String OCI = "application/vnd.oci.image.";
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.net.http,java.xml,"
          + "jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.unsupported";

  private final Path blobs;

  private DebianBase(Path blobs) {
    this.blobs = blobs;
  }

  /** Makes it as an OCI layout with one index named {@link #TAG}; returns the layout's folder. */
  static Path make(Workplace workplace) throws IOException {
    Path layout = workplace.folder("base");
    Path root = workplace.folder("base-root");
    DebianBase base = new DebianBase(Files.createDirectories(layout.resolve("blobs/sha256")));
    workplace.run(
        "jlink",
        LIMIT,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--add-modules=" + MODULES,
            "--output=" + root.resolve("opt/java")));
    copyLibraries(workplace, root);
    Files.createDirectories(root.resolve("tmp"));
    Path tar = workplace.folder("base-tar").resolve("layer.tar");
    workplace.run(
        "tar",
        LIMIT,
        List.of(
            "tar", "-C", root.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), "."));
    String diffId = Sha256.of(tar);
    workplace.run("gzip", LIMIT, List.of("gzip", "-1", tar.toString()));
    ObjectNode layer = base.layer(tar.resolveSibling("layer.tar.gz"));
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    index.put("mediaType", OCI + "index.v1+json");
    for (String architecture : List.of("amd64", "arm64")) {
      ObjectNode manifest = base.manifest(architecture, diffId, layer);
      manifest.putObject("platform").put("os", "linux").put("architecture", architecture);
      index.withArray("manifests").add(manifest);
    }
    ObjectNode named = base.put(OCI + "index.v1+json", index);
    named.putObject("annotations").put("org.opencontainers.image.ref.name", TAG);
    ObjectNode top = JSON.createObjectNode().put("schemaVersion", 2);
    top.putArray("manifests").add(named);
    Files.write(layout.resolve("index.json"), JSON.writeValueAsBytes(top));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    return layout;
  }

  private static void copyLibraries(Workplace workplace, Path root) throws IOException {
    String files =
        workplace.run(
            "dpkg-files", Duration.ofSeconds(10), List.of("dpkg", "-L", "libc6", "zlib1g"));
    for (String line : files.lines().toList()) {
      Path file = Path.of(line);
      boolean isLibrary = line.matches("(/usr)?/lib(64)?/([^/]+-linux-gnu/)?[^/]+\\.so[.0-9]*");
      if (isLibrary && Files.isRegularFile(file)) {
        // Where the loader looks, whether or not /lib is a link here.
        Path copy = root.resolve(line.replaceFirst("^(/usr)?/", ""));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private ObjectNode manifest(String architecture, String diffId, ObjectNode layer)
      throws IOException {
    ObjectNode config = JSON.createObjectNode().put("architecture", architecture);
    config.put("os", "linux");
    config.putObject("config").putArray("Env").add("PATH=/opt/java/bin").add("JAVA_HOME=/opt/java");
    config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(diffId);
    ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", OCI + "manifest.v1+json");
    manifest.set("config", put(OCI + "config.v1+json", config));
    manifest.putArray("layers").add(layer.deepCopy());
    return put(OCI + "manifest.v1+json", manifest);
  }

  private ObjectNode layer(Path file) throws IOException {
    String digest = Sha256.of(file);
    Path blob = Files.move(file, blobs.resolve(Sha256.hexOf(digest)));
    return descriptor(OCI + "layer.v1.tar+gzip", digest, Files.size(blob));
  }

  private ObjectNode put(String mediaType, ObjectNode document) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(document);
    String digest = Sha256.of(bytes);
    Files.write(blobs.resolve(Sha256.hexOf(digest)), bytes);
    return descriptor(mediaType, digest, bytes.length);
  }

  private static ObjectNode descriptor(String mediaType, String digest, long sizeBytes) {
    return JSON.createObjectNode()
        .put("mediaType", mediaType)
        .put("digest", digest)
        .put("size", sizeBytes);
  }
}
