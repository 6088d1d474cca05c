package io.layercast.load.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What decides in production is what is simulated. A class decides when a shell (an actor, a stage)
 * uses it, directly or through another that decides, and it is nothing of Akka and more than a
 * record, an enum or an interface.
 */
class PoliciesTest {
  /** Who carries out decisions in production. */
  private static final Set<String> SHELLS =
      Set.of(
          "io.layercast.swarm.BlobSwarm",
          "io.layercast.swarm.PeerSession",
          "io.layercast.swarm.UploadDesk",
          "io.layercast.swarm.Downloads",
          "io.layercast.swarm.Uploads",
          "io.layercast.tracker.Tracker",
          "io.layercast.tracker.Announcer",
          "io.layercast.engine.rate.RateLimiter",
          "io.layercast.engine.LayerIngest",
          "io.layercast.engine.LayerDownload");

  /** What decides in the engine. */
  private static final Set<String> ENGINE =
      Set.of(
          "io.layercast.engine.IngestPlan",
          "io.layercast.engine.PeerShare",
          "io.layercast.engine.Fallback");

  /** What shells use and the simulator does not, and why. */
  private static final Map<String, String> NOT_SIMULATED =
      Map.ofEntries(
          Map.entry("io.layercast.swarm.Greeting", "no stranger knocks; three round trips instead"),
          Map.entry(
              "io.layercast.swarm.Arrivals", "End knows until when a block waits at its limit"),
          Map.entry("io.layercast.swarm.Cancelled", "End: a cancel takes no time"),
          Map.entry("io.layercast.swarm.Downloads", "End: the same without memory and frames"),
          Map.entry("io.layercast.swarm.Uploads", "End: the same without disk and frames"),
          Map.entry("io.layercast.swarm.ConnectionBudget", "Node counts connections"),
          Map.entry("io.layercast.swarm.TalkBudget", "nobody floods"),
          Map.entry("io.layercast.swarm.SendMemory", "End: the same without memory"),
          Map.entry("io.layercast.swarm.SwarmTraffic", "counts, decides nothing"),
          Map.entry("io.layercast.tracker.AliasTable", "no standard client takes part"),
          Map.entry("io.layercast.tracker.KeptAliases", "no standard client takes part"),
          Map.entry("io.layercast.tracker.Trackers", "one tracker, which always answers"),
          Map.entry("io.layercast.tracker.TrackerCounts", "counts, decides nothing"),
          Map.entry("io.layercast.tracker.Handout", "a message's bytes"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(
              "io.layercast.engine",
              "io.layercast.swarm",
              "io.layercast.tracker",
              "io.layercast.load.simulation");

  @Test
  void whatDecidesInProduction_isSimulated() {
    Set<String> deciding = closure(SHELLS);
    deciding.removeAll(NOT_SIMULATED.keySet());
    Set<String> simulator =
        CLASSES.stream()
            .map(JavaClass::getFullName)
            .filter(name -> name.startsWith("io.layercast.load.simulation."))
            .collect(Collectors.toSet());

    assertThat(deciding)
        .contains("io.layercast.swarm.SwarmPolicy", "io.layercast.tracker.HandoutPolicy")
        .containsAll(ENGINE);
    assertThat(closure(simulator)).containsAll(deciding);
  }

  @Test
  void exceptions_areStillThere() {
    assertThat(NOT_SIMULATED.keySet()).allMatch(CLASSES::contain, "is still there");
    assertThat(SHELLS).allMatch(CLASSES::contain, "is still there");
  }

  /** All deciding classes that {@code from} use, through deciding classes only. */
  private static Set<String> closure(Set<String> from) {
    Set<String> found = new TreeSet<>();
    Deque<JavaClass> open = new ArrayDeque<>();
    from.forEach(name -> open.add(CLASSES.get(name)));
    while (!open.isEmpty()) {
      for (Dependency dependency : open.remove().getDirectDependenciesFromSelf()) {
        JavaClass used = topLevel(dependency.getTargetClass());
        if (decides(used) && found.add(used.getFullName())) {
          open.add(used);
        }
      }
    }
    return found;
  }

  private static JavaClass topLevel(JavaClass type) {
    JavaClass each = type.getBaseComponentType();
    while (each.getEnclosingClass().isPresent()) {
      each = each.getEnclosingClass().get();
    }
    return each;
  }

  private static boolean decides(JavaClass type) {
    String home = type.getPackageName();
    boolean ours =
        home.equals("io.layercast.swarm")
            || home.equals("io.layercast.tracker")
            || home.equals("io.layercast.engine.rate")
            || ENGINE.contains(type.getFullName());
    boolean plain = type.isRecord() || type.isEnum() || type.isInterface();
    boolean hasState =
        type.getFields().stream()
            .anyMatch(field -> !field.getModifiers().contains(JavaModifier.STATIC));
    return ours && !plain && hasState && !SHELLS.contains(type.getFullName()) && !knowsAkka(type);
  }

  private static boolean knowsAkka(JavaClass type) {
    return type.getDirectDependenciesFromSelf().stream()
        .anyMatch(each -> each.getTargetClass().getPackageName().startsWith("akka."));
  }
}
