package io.layercast.tracker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class BoundariesTest {
  private final JavaClasses tracker =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.layercast.tracker");

  @Test
  void tracker_knowsTheDomainOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.layercast.swarm..", "io.layercast.registry..", "io.layercast.engine.store..")
        .check(tracker);
  }

  @Test
  void decisions_knowNoActorsAndNoClock() {
    noClasses()
        .that()
        .haveSimpleNameStartingWith("HandoutPolicy")
        .or()
        .haveSimpleName("Inventory")
        .or()
        .haveSimpleName("SwarmTable")
        .or()
        .haveSimpleName("AliasTable")
        .or()
        .haveSimpleName("Walk")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(tracker);
  }
}
