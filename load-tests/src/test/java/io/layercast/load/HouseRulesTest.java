package io.layercast.load;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.commons.support.AnnotationSupport.findRepeatableAnnotations;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A black box knows the processes by their ports and files only; the simulator their policies. */
final class HouseRulesTest {
  private static final String SIMULATION = "io.layercast.load.simulation..";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPackages("io.layercast.load");

  @Test
  void theBlackBox_importsNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("io.layercast.load..")
        .and()
        .resideOutsideOfPackage(SIMULATION)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.layercast.engine..",
            "io.layercast.swarm..",
            "io.layercast.tracker..",
            "io.layercast.registry..",
            "io.layercast.bootstrap..",
            SIMULATION,
            "akka..")
        .check(CLASSES);
  }

  @Test
  void theSimulator_knowsNeitherActorsNorProcesses() {
    noClasses()
        .that()
        .resideInAPackage(SIMULATION)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.layercast.registry..", "io.layercast.bootstrap..", "io.layercast.load", "akka..")
        .check(CLASSES);
  }

  @Test
  void whoPromisesTimes_runsAlone() {
    JavaMethod within =
        CLASSES
            .get(Promised.class)
            .getMethod("within", Duration.class, String.class, Duration.class);
    assertThat(within.getCallsOfSelf())
        .extracting(JavaMethodCall::getOriginOwner)
        .isNotEmpty()
        .allSatisfy(promising -> assertThat(tags(promising.reflect())).contains("alone"));
  }

  private static List<String> tags(Class<?> tests) {
    return findRepeatableAnnotations(tests, Tag.class).stream().map(Tag::value).toList();
  }
}
