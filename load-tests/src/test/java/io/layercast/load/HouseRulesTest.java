package io.layercast.load;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** A black box knows the processes by their ports and files only. */
final class HouseRulesTest {
  @Test
  void load_importsNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("io.layercast.load..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.layercast.engine..",
            "io.layercast.swarm..",
            "io.layercast.tracker..",
            "io.layercast.registry..",
            "io.layercast.bootstrap..",
            "akka..")
        .check(new ClassFileImporter().importPackages("io.layercast.load"));
  }
}
