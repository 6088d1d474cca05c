package io.layercast.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A layer with the start-up caches (docs/adr/0021), written by the image's own JVM while it
 * rehearses a pull in the unpacked image:
 *
 * <pre>
 * /layercast/start-up/agent.aot, layercast.aot
 * /layercast/jvm/&lt;role&gt;.args   the file of the layer below, and the flag that names a cache
 * </pre>
 *
 * A JVM of another build or processor passes over what does not fit it.
 */
final class StartUpCache {
  private static final String FOLDER = "/layercast/start-up/";
  private static final String ALL = "layercast.aot";
  private static final String AGENT = "agent.aot";
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int TAIL_LINES = 5;
  private static final Map<String, String> ARCHITECTURES =
      Map.of("amd64", "amd64", "x86_64", "amd64", "aarch64", "arm64");

  /**
   * In a mount namespace of its own, as root of it: {@code $1} the root, {@code $2} the image's
   * PATH, then the command.
   */
  private static final String IN_ROOT =
      """
      set -e
      chroot=$(command -v chroot)
      for folder in proc dev; do mkdir -p "$1/$folder"; mount --rbind "/$folder" "$1/$folder"; done
      root=$1; PATH=$2; shift 2
      exec "$chroot" "$root" "$@"
      """;

  private StartUpCache() {}

  /** The one platform whose JVM runs here. */
  static boolean fits(Platform platform) {
    return platform.getOs().equals(System.getProperty("os.name").toLowerCase(Locale.ROOT))
        && platform.getArchitecture().equals(ARCHITECTURES.get(System.getProperty("os.arch")));
  }

  /**
   * Makes the layer.
   *
   * @param archive the image without it, as {@code docker save} writes one
   * @param scratch an empty folder, which must stay until the image is made
   * @throws IOException when this machine lets nobody run it, or the rehearsal fails
   */
  static FileEntriesLayer record(Path archive, Path scratch)
      throws IOException, InterruptedException {
    UnpackedImage image = UnpackedImage.of(archive, scratch);
    Path root = image.root();
    Path caches = Files.createDirectories(root.resolve("start-up"));
    Files.createDirectories(root.resolve("tmp"));
    // Where the rehearsal looks for its second JVM's flags.
    Path sources = Files.createDirectories(root.resolve("rehearsal/bootstrap/src/main"));
    Files.createSymbolicLink(sources.resolve("jvm"), Path.of("/layercast/jvm"));
    rehearse(image, scratch.resolve("rehearsal.log"));

    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("start-up cache");
    for (String name : List.of(ALL, AGENT)) {
      layer.addEntry(caches.resolve(name), AbsoluteUnixPath.get(FOLDER + name));
    }
    for (String role : List.of("agent", "proxy", "tracker", "up")) {
      String flags = "/layercast/jvm/" + role + ".args";
      Path file = root.resolve(flags.substring(1));
      String cache = FOLDER + (role.equals("agent") ? AGENT : ALL);
      Files.writeString(file, Files.readString(file) + "-XX:AOTCache=" + cache + "\n");
      layer.addEntry(file, AbsoluteUnixPath.get(flags));
    }
    return layer.build();
  }

  private static void rehearse(UnpackedImage image, Path log)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("unshare", "--map-root-user", "--mount", "sh", "-c", IN_ROOT, "sh"));
    command.add(image.root().toString());
    command.add(image.environment().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
    command.addAll(List.of("java", "@/layercast/jvm/common.args", "@/layercast/jvm/up.args"));
    command.add("-XX:AOTCacheOutput=/start-up/" + ALL);
    command.add("-Dlayercast.home=/rehearsal");
    command.addAll(List.of("@/layercast/jvm/main.args", "rehearse"));
    command.addAll(List.of("--agent-cache", "/start-up/" + AGENT));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.clear();
    environment.putAll(image.environment());
    environment.put("PATH", path);
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("it took more than %d s".formatted(LIMIT.toSeconds()));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    boolean isWritten = Files.isReadable(image.root().resolve("start-up").resolve(ALL));
    if (process.exitValue() != 0 || !isWritten) {
      throw new IOException("it ended with %d: %s".formatted(process.exitValue(), tail(log)));
    }
  }

  /** The last it said itself; when it ends its JVM tells at length how it writes a cache. */
  private static String tail(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.UTF_8)) {
      List<String> own = lines.takeWhile(line -> !line.startsWith("Launching child")).toList();
      return String.join(" / ", own.subList(Math.max(0, own.size() - TAIL_LINES), own.size()));
    }
  }
}
