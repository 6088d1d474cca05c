package io.layercast.image;

import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code layercast image}: makes the image without any Docker engine. */
@Command(
    name = "image",
    mixinStandardHelpOptions = true,
    description = {
      "Make Layercast's container image and push it to a registry, or write it to a file.",
      "Credentials come from ~/.docker/config.json and its helpers."
    })
final class ImageCommand implements Callable<Integer> {
  private static final String DEFAULT_BASE = "eclipse-temurin:25-jre";

  @Option(
      names = "--to",
      paramLabel = "IMAGE",
      description = "Push it there, for example registry.example.com/layercast:0.1.0.")
  private Optional<String> registry = Optional.empty();

  @Option(
      names = "--tar",
      paramLabel = "FILE",
      description = "Write it there, for docker load or ctr images import; one platform.")
  private Optional<Path> tar = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "IMAGE",
      defaultValue = DEFAULT_BASE,
      description = "A base with Java 25's 'java' on its PATH (default: ${DEFAULT-VALUE}).")
  private String base = DEFAULT_BASE;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Repeat for more (default: linux/amd64 and linux/arm64; with --tar the first).")
  private List<String> platforms = List.of();

  @Option(
      names = "--insecure",
      description = "Also talk to registries without TLS or with a certificate nobody signed.")
  private boolean insecure;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Where the base's layers are kept (default: .layercast/image).")
  private Optional<Path> cache = Optional.empty();

  @Option(
      names = "--without-start-up-cache",
      description = {
        "Leave out the layer that makes roles start in half the time on this machine's architecture;",
        "the same build on the same base is then the same image, byte for byte."
      })
  private boolean withoutCache;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (registry.isPresent() == tar.isPresent()) {
      throw new ParameterException(spec.commandLine(), "say either --to IMAGE or --tar FILE");
    }
    Path home = Path.of(System.getProperty("layercast.home", "."));
    Path kept = cache.orElseGet(() -> home.resolve(".layercast").resolve("image"));
    Files.createDirectories(kept);
    Path scratch = Files.createTempDirectory(kept, "making-");
    try {
      ImageReference name = name();
      ImageBuild build =
          new ImageBuild(reference(base), Distribution.of(home), kept, scratch, insecure);
      DescriptorDigest made = make(build, name, wanted());
      spec.commandLine().getOut().println(name.withQualifier(made.toString()));
      return 0;
    } finally {
      UnpackedImage.delete(scratch);
    }
  }

  private DescriptorDigest make(ImageBuild build, ImageReference name, Set<Platform> platforms)
      throws IOException, InterruptedException {
    Optional<FileEntriesLayer> startUp = startUpCache(build, name, platforms);
    if (tar.isPresent()) {
      return build.write(tar.get(), name, platforms.iterator().next(), startUp.stream().toList());
    }
    return startUp.isPresent()
        ? build.pushWithCache(name, platforms, startUp.get())
        : build.push(name, platforms, List.of());
  }

  /** Nothing where none can be made: the image is of use without it. */
  private Optional<FileEntriesLayer> startUpCache(
      ImageBuild build, ImageReference name, Set<Platform> platforms)
      throws IOException, InterruptedException {
    Optional<Platform> ours = platforms.stream().filter(StartUpCache::fits).findFirst();
    if (withoutCache || ours.isEmpty()) {
      return Optional.empty();
    }
    Path archive = build.scratch().resolve("without-cache.tar");
    build.write(archive, name, ours.get(), List.of());
    try {
      Path folder = Files.createDirectory(build.scratch().resolve("start-up"));
      return Optional.of(StartUpCache.record(archive, folder));
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println("layercast: the image has no start-up cache, because " + e.getMessage());
      return Optional.empty();
    }
  }

  private ImageReference name() throws IOException {
    return registry.isPresent()
        ? reference(registry.get())
        : ImageReference.of("", "layercast", "latest");
  }

  private static ImageReference reference(String text) throws IOException {
    try {
      return ImageReference.parse(text);
    } catch (InvalidImageReferenceException e) {
      throw new IOException("'%s' is not an image's name".formatted(text), e);
    }
  }

  private Set<Platform> wanted() throws IOException {
    List<String> names = platforms.isEmpty() ? List.of("linux/amd64", "linux/arm64") : platforms;
    Set<Platform> wanted = new LinkedHashSet<>();
    for (String name : names) {
      String[] parts = name.split("/", -1);
      if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
        throw new IOException("--platform '%s' is not OS/ARCH".formatted(name));
      }
      wanted.add(new Platform(parts[1], parts[0]));
      if (tar.isPresent()) {
        break; // the file's format has room for one
      }
    }
    return wanted;
  }
}
