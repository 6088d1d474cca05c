package io.layercast.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the build made, to be put into an image.
 *
 * @param libraries jars of others, by name
 * @param own our jars, by name
 * @param flags the files of JVM flags
 * @param compile the files of compiler directives, named as the flags they belong to
 * @param created the instant the build gives everything it makes
 */
record Distribution(
    String version,
    Instant created,
    List<Path> libraries,
    List<Path> own,
    List<Path> flags,
    List<Path> compile) {
  private static final Set<String> MODULES =
      Set.of("engine", "swarm", "tracker", "http-registry", "bootstrap");

  /**
   * The one of a source tree that has been built.
   *
   * @throws IOException when it has not
   */
  static Distribution of(Path home) throws IOException {
    Properties build = new Properties();
    try (InputStream in = Distribution.class.getResourceAsStream("image.properties")) {
      if (in == null) {
        throw new IOException("the jar has no image.properties");
      }
      build.load(in);
    }
    String version = build.getProperty("version");
    List<Path> jars = list(home.resolve("bootstrap/target/dist/lib"), ".jar");
    return new Distribution(
        version,
        Instant.parse(build.getProperty("created")),
        jars.stream().filter(jar -> !isOurs(jar, version)).toList(),
        jars.stream().filter(jar -> isOurs(jar, version)).toList(),
        list(home.resolve("bootstrap/src/main/jvm"), ".args"),
        list(home.resolve("bootstrap/src/main/jvm"), ".compile"));
  }

  private static boolean isOurs(Path jar, String version) {
    String name = jar.getFileName().toString();
    String end = "-" + version + ".jar";
    return name.endsWith(end) && MODULES.contains(name.substring(0, name.length() - end.length()));
  }

  private static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no %s: build first".formatted(folder));
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }
}
