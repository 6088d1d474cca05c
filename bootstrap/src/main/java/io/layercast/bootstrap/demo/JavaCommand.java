package io.layercast.bootstrap.demo;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start this program once more in another role: the same java, the same class path, the
 * role's own JVM flags.
 */
final class JavaCommand {
  /** Where {@code ./layercast} stands; it tells by this system property. */
  static final String HOME_PROPERTY = "layercast.home";

  private JavaCommand() {}

  /** The command line of {@code role} with {@code arguments}. */
  static List<String> of(String role, List<String> arguments) {
    return command(role, flags(role), arguments);
  }

  /** As {@link #of}, by a JVM that starts without a start-up cache and writes one at its end. */
  static List<String> recorded(String role, Path cache, List<String> arguments) {
    List<String> flags = new ArrayList<>(flags(role));
    flags.removeIf(flag -> flag.startsWith("-XX:AOTCache"));
    flags.add("-XX:AOTCacheOutput=" + cache);
    return command(role, flags, arguments);
  }

  private static List<String> command(String role, List<String> flags, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.layercast.bootstrap.Main");
    command.add(role);
    command.addAll(arguments);
    return command;
  }

  private static List<String> flags(String role) {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null) { // started by hand or by a test: as we were
      return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-agentlib"))
          .toList();
    }
    Path folder = Path.of(home, "bootstrap", "src", "main", "jvm");
    List<String> flags = new ArrayList<>();
    for (String name : List.of("common.args", role + ".args")) {
      if (Files.isReadable(folder.resolve(name))) {
        flags.add("@" + folder.resolve(name));
      }
    }
    Path compile = folder.resolve(role + ".compile");
    if (Files.isReadable(compile)) {
      flags.add("-XX:CompilerDirectivesFile=" + compile);
    }
    flags.add("-XX:AOTCache=" + cache(Path.of(home, "bootstrap", "target", "dist"), role));
    flags.add("-D" + HOME_PROPERTY + "=" + home);
    return flags;
  }

  /** The role's own start-up cache, or the one of all roles. */
  private static Path cache(Path dist, String role) {
    Path own = dist.resolve(role + ".aot");
    return Files.isReadable(own) ? own : dist.resolve("layercast.aot");
  }
}
