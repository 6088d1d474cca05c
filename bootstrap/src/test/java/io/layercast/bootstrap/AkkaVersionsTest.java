package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds Akka where its licence has become Apache-2.0 (docs/adr/0002-akka-versions.md): each release
 * turns on its own Change Date, and a later one is not free. What counts is what is on the class
 * path, whatever the pom says.
 */
class AkkaVersionsTest {
  private static final Pattern JAR = Pattern.compile("(akka-[a-z0-9-]+)_2\\.13-([0-9][^/]*)\\.jar");

  @Test
  void everyAkkaJar_isOfAReleaseWhoseChangeDateHasPassed() {
    List<Matcher> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(path -> JAR.matcher(new File(path).getName()))
            .filter(Matcher::matches)
            .toList();
    assertThat(jars).hasSizeGreaterThan(20);
    assertThat(jars)
        .allSatisfy(
            jar -> assertThat(jar.group(2)).as(jar.group(1)).isEqualTo(freeVersion(jar.group(1))));
  }

  @Test
  void akkaItself_saysTheSame() {
    assertThat(akka.Version.current()).isEqualTo("2.8.5");
    assertThat(akka.http.Version.current()).isEqualTo("10.5.3");
  }

  private static String freeVersion(String artifact) {
    if (artifact.startsWith("akka-management")
        || artifact.equals("akka-discovery-kubernetes-api")) {
      return "1.4.0"; // since 2026-05-09
    }
    if (artifact.startsWith("akka-http") || artifact.equals("akka-parsing")) {
      return "10.5.3"; // since 2026-10-16
    }
    return "2.8.5"; // since 2026-09-20
  }
}
