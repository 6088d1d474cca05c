package io.layercast.bootstrap;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may know whom; drawn in docs and in CONTRIBUTING. */
class ArchitectureTest {
  private static final String ENGINE = "io.layercast.engine..";
  private static final String SWARM = "io.layercast.swarm..";
  private static final String TRACKER = "io.layercast.tracker..";
  private static final String REGISTRY = "io.layercast.registry..";
  private static final String BOOTSTRAP = "io.layercast.bootstrap..";

  /**
   * Decisions: no actor, no clock, no socket, no thread. Time comes in as a value and randomness as
   * a seed, so that the simulator runs what the nodes run.
   */
  private static final Set<String> DECISIONS =
      Set.of(
          "io.layercast.engine.IngestPlan",
          "io.layercast.engine.PieceLayout",
          "io.layercast.engine.PieceSet",
          "io.layercast.engine.PullTimes",
          "io.layercast.engine.rate.TokenBucket",
          "io.layercast.engine.store.EvictionPolicy",
          "io.layercast.swarm.ConnectionChoice",
          "io.layercast.swarm.FetchChoice",
          "io.layercast.swarm.Flights",
          "io.layercast.swarm.Partners",
          "io.layercast.swarm.PeerHoldings",
          "io.layercast.swarm.PeerLedger",
          "io.layercast.swarm.PiecePicker",
          "io.layercast.swarm.RequestPipeline",
          "io.layercast.swarm.SwarmPolicy",
          "io.layercast.swarm.TalkBudget",
          "io.layercast.swarm.UploadChoice",
          "io.layercast.tracker.AliasTable",
          "io.layercast.tracker.HandoutPolicy",
          "io.layercast.tracker.Inventory",
          "io.layercast.tracker.SwarmTable",
          "io.layercast.registry.GrantTable");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.layercast");

  @Test
  void engine_knowsNoOtherModule() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SWARM, TRACKER, REGISTRY, BOOTSTRAP)
        .check(CLASSES);
  }

  @Test
  void engine_knowsNoHttp() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka.http..", "com.sun.net.httpserver..", "java.net.http..")
        .check(CLASSES);
  }

  @Test
  void theModulesAroundEngine_doNotKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage(SWARM)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TRACKER, REGISTRY, BOOTSTRAP)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(TRACKER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SWARM, REGISTRY, BOOTSTRAP)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(REGISTRY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SWARM, TRACKER, BOOTSTRAP)
        .check(CLASSES);
  }

  @Test
  void swarm_knowsNoCluster() {
    noClasses()
        .that()
        .resideInAPackage(SWARM)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka.cluster..", "akka.http..")
        .check(CLASSES);
  }

  /** Akka names an actor's logger at its first use, and that may be a timer's, in Akka's name. */
  @Test
  void actorsThatLog_nameTheirLogger() {
    assertThat(
            CLASSES.stream()
                .filter(type -> type.isAssignableTo(AbstractOnMessageBehavior.class))
                .filter(type -> calls(type, "getLog") && !calls(type, "setLoggerName"))
                .map(JavaClass::getName))
        .isEmpty();
  }

  private static boolean calls(JavaClass type, String method) {
    return type.getMethodCallsFromSelf().stream()
        .anyMatch(call -> call.getTarget().getName().equals(method));
  }

  @Test
  void picocli_staysInTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.layercast.bootstrap")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  /**
   * Modules among themselves. Within a module packages may know each other both ways only where
   * {@link #innerPackages_doNotKnowWhoUsesThem} does not forbid it: engine and its store do.
   */
  @Test
  void modules_haveNoCycles() {
    slices().matching("io.layercast.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** All but engine's store, which speaks of engine's pieces as engine does of its blobs. */
  @Test
  void innerPackages_doNotKnowWhoUsesThem() {
    Map<String, String> innerByOuter =
        Map.of(
            "io.layercast.swarm.wire..", "io.layercast.swarm",
            "io.layercast.engine.rate..", "io.layercast.engine",
            "io.layercast.engine.bencode..", "io.layercast.engine",
            "io.layercast.bootstrap.node..", "io.layercast.bootstrap",
            "io.layercast.bootstrap.metrics..", "io.layercast.bootstrap",
            "io.layercast.bootstrap.demo..", "io.layercast.bootstrap");
    innerByOuter.forEach((inner, outer) ->
        noClasses()
            .that()
            .resideInAPackage(inner)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(outer)
            .check(CLASSES));
  }

  @Test
  void store_knowsNoActors() {
    noClasses()
        .that()
        .resideInAPackage("io.layercast.engine.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka..")
        .check(CLASSES);
  }

  @Test
  void decisions_arePure() {
    noClasses()
        .that(areDecisions())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "akka..", "scala..", "java.io..", "java.net.http..", "java.nio.channels..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.time.Clock")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(CLASSES);
  }

  @Test
  void decisions_areAllThere() {
    assertThat(DECISIONS).allMatch(CLASSES::contain, "is still there under this name");
  }

  private static DescribedPredicate<JavaClass> areDecisions() {
    return new DescribedPredicate<>("are decisions") {
      @Override
      public boolean test(JavaClass type) {
        return DECISIONS.stream()
            .anyMatch(name ->
                type.getFullName().equals(name) || type.getFullName().startsWith(name + "$"));
      }
    };
  }
}
