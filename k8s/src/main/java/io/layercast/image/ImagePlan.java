package io.layercast.image;

import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What goes on top of a base image with a Java runtime:
 *
 * <pre>
 * /layercast/lib/*.jar      others' jars, one layer; ours, another
 * /layercast/jvm/*.args     JVM flags: common to all roles, and one file a role
 * /layercast/jvm/*.compile  what C2 compiles, which the flags of that role name
 * /layercast/jvm/main.args  class path (in one order, which start-up caches ask for), main class
 * </pre>
 *
 * The same input gives the same bytes: no time of day, user or order of a folder gets in.
 */
final class ImagePlan {
  /** Nobody's on any machine; the manifests say the same. */
  static final String USER = "65532:65532";

  static final List<String> ENTRYPOINT =
      List.of("java", "@/layercast/jvm/common.args", "@/layercast/jvm/main.args");

  private static final String LIB = "/layercast/lib/";
  private static final String JVM = "/layercast/jvm/";

  private ImagePlan() {}

  /**
   * Puts {@code distribution} onto {@code base}.
   *
   * @param scratch a folder for files made here, which must stay until the image is made
   * @param more layers on top of ours
   */
  static JibContainerBuilder on(
      JibContainerBuilder base,
      Distribution distribution,
      Set<Platform> platforms,
      Path scratch,
      List<FileEntriesLayer> more)
      throws IOException {
    Path main = Files.writeString(scratch.resolve("main.args"), mainArguments(distribution));
    FileEntriesLayer.Builder ours = jars("layercast", distribution.own());
    for (Path file : distribution.flags()) {
      ours.addEntry(withDirectives(file, distribution.compile(), scratch), at(JVM, file));
    }
    distribution.compile().forEach(file -> ours.addEntry(file, at(JVM, file)));
    ours.addEntry(main, at(JVM, main));
    List<FileEntriesLayer> layers = new ArrayList<>();
    layers.add(jars("libraries", distribution.libraries()).build());
    layers.add(ours.build());
    layers.addAll(more);
    return base.setPlatforms(platforms)
        // Jib makes an index of several platforms in this form only.
        .setFormat(ImageFormat.Docker)
        .setCreationTime(distribution.created())
        .setUser(USER)
        .setEntrypoint(ENTRYPOINT)
        .setProgramArguments(List.of())
        // More arenas cost an idle agent tens of megabytes.
        .addEnvironmentVariable("MALLOC_ARENA_MAX", "2")
        .setExposedPorts(
            Stream.of(5004, 5005, 6881, 6882, 6969).map(Port::tcp).collect(Collectors.toSet()))
        .addLabel("org.opencontainers.image.title", "layercast")
        .addLabel("org.opencontainers.image.version", distribution.version())
        .addLabel("org.opencontainers.image.licenses", "Apache-2.0")
        .setFileEntriesLayers(layers);
  }

  /** The flags of a role, and the one that names its compiler directives if it has any. */
  private static Path withDirectives(Path flags, List<Path> compile, Path scratch)
      throws IOException {
    String name = flags.getFileName().toString();
    String directives = name.replace(".args", ".compile");
    if (compile.stream().noneMatch(file -> file.endsWith(directives))) {
      return flags;
    }
    String named = "-XX:CompilerDirectivesFile=" + JVM + directives + "\n";
    return Files.writeString(scratch.resolve(name), Files.readString(flags) + named);
  }

  private static FileEntriesLayer.Builder jars(String name, List<Path> jars) {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    jars.forEach(jar -> layer.addEntry(jar, at(LIB, jar)));
    return layer;
  }

  private static String mainArguments(Distribution distribution) {
    String classPath =
        Stream.concat(distribution.own().stream(), distribution.libraries().stream())
            .map(jar -> LIB + jar.getFileName())
            .collect(Collectors.joining(":"));
    return "-cp\n\"" + classPath + "\"\nio.layercast.bootstrap.Main\n";
  }

  private static AbsoluteUnixPath at(String folder, Path file) {
    return AbsoluteUnixPath.get(folder + file.getFileName());
  }
}
