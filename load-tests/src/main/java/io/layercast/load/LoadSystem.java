package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the load is put on: a stack of processes that was started for it, or one that runs
 * elsewhere.
 *
 * @param direct the origin's URL
 * @param properties what a simulation is told of it, see {@link LoadTarget}
 */
record LoadSystem(
    List<String> urls,
    Optional<String> direct,
    Map<String, String> properties,
    @Nullable LoadOrigin origin,
    @Nullable Stack stack,
    @Nullable TestImage image) {
  /** No system, of which nothing is known. */
  static final LoadSystem NONE = running(List.of(), Optional.empty(), Map.of());

  /** Half of those there are. */
  private static final int SOAK_STORE_LAYERS = 12;

  LoadSystem {
    urls = List.copyOf(urls);
    properties = Map.copyOf(properties);
  }

  static LoadSystem running(
      List<String> urls, Optional<String> direct, Map<String, String> properties) {
    return new LoadSystem(urls, direct, properties, null, null, null);
  }

  static LoadSystem start(Workplace workplace, LoadKind kind, LoadOrigin origin, int agents)
      throws IOException {
    Map<String, String> properties = new HashMap<>();
    if (kind == LoadKind.ANNOUNCE) {
      Stack stack = Stack.before(workplace, origin.url()).start();
      properties.put("cluster-key", stack.clusterKey().toString());
      return new LoadSystem(
          List.of(stack.tracker().url()), Optional.empty(), properties, origin, stack, null);
    }
    TestImage image = ImageMaker.make(workplace.folder("image"), 11, kind.layerBytes());
    TestImage warm = ImageMaker.make(workplace.folder("warm"), 12, kind.layerBytes());
    origin.put(image, LoadOrigin.REPOSITORY);
    origin.put(warm, LoadOrigin.WARM_UP);
    String[] store = kind == LoadKind.SOAK ? smallStore(workplace, kind) : new String[0];
    Stack.Plan plan = Stack.before(workplace, origin.url()).proxy(store).proxy(store);
    IntStream.range(0, agents).forEach(_ -> plan.agent(store));
    Stack stack = plan.start();
    properties.put("repository", LoadOrigin.REPOSITORY);
    if (!origin.credentials().isEmpty()) {
      Path file =
          Files.createFile(
              workplace.folder("credentials").resolve("origin"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, origin.credentials());
      properties.put("credentials", file.toString());
    }
    List<String> urls = stack.agents().stream().map(Role::url).toList();
    return new LoadSystem(urls, Optional.of(origin.url()), properties, origin, stack, image);
  }

  /** A quota of half of the layers there are, so that nodes evict and fetch again for ever. */
  private static String[] smallStore(Workplace workplace, LoadKind kind) throws IOException {
    long quota = kind.layerBytes().getFirst() * SOAK_STORE_LAYERS;
    Path config = workplace.folder("config").resolve("small-store.conf");
    Files.writeString(config, "layercast.engine.store.space.quota = " + quota + "\n");
    return new String[] {"--config", config.toString()};
  }

  LoadOrigin.Asked asked() {
    return origin == null ? LoadOrigin.Asked.NOTHING : origin.asked();
  }

  /** Whether it was started for the load, and is cold. */
  boolean isOurs() {
    return stack != null;
  }

  /** What the origin was asked too often since {@code before}, as sentences. */
  List<String> broken(LoadKind kind, int users, LoadOrigin.Asked before) {
    if (origin == null || image == null || kind == LoadKind.SOAK) {
      return List.of(); // a soak evicts on purpose
    }
    LoadOrigin.Asked asked = origin.asked().since(before);
    List<String> broken = new ArrayList<>();
    if (kind == LoadKind.MANIFEST_STORM) {
      // The simulation reads the manifest once for itself; a proxy fetches its bytes once.
      most("token requests", asked.tokens(), users + 1L, broken);
      most("manifest requests", asked.manifests(), users + 2L, broken);
    }
    for (Blob blob : image.blobs()) {
      long sent = asked.sentBytes().getOrDefault(blob.digest(), 0L);
      most("bytes of " + blob.digest(), sent, blob.sizeBytes(), broken);
    }
    return broken;
  }

  private static void most(String what, long count, long bound, List<String> broken) {
    if (count > bound) {
      broken.add("the origin saw %,d %s, and %,d are enough".formatted(count, what, bound));
    }
  }

  /** User and system seconds so far of its agents, proxies, tracker and origin. */
  Map<String, Double> cpuSeconds() throws IOException {
    Map<String, Double> seconds = new TreeMap<>();
    for (Role role : roles()) {
      seconds.merge(role.name().replaceAll("-.*", ""), role.program().cpuSeconds(), Double::sum);
    }
    if (origin != null) {
      seconds.put("origin", origin.cpuSeconds());
    }
    return seconds;
  }

  /** All its processes. */
  List<Role> roles() {
    return stack == null ? List.of() : stack.roles();
  }
}
