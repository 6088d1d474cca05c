package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every line of the threat model names tests, and those tests are there. */
class SecurityDocTest {
  private static final Path HOME = Path.of("..");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** {@code XTest}, {@code XIT.deed_what*}; the star stands for the rest of a name. */
  private static final Pattern TEST =
      Pattern.compile("([A-Z]\\w*(?:Test|IT))(?:\\.([a-z]\\w*)(\\*?))?");

  /** Another method of the class named before. */
  private static final Pattern METHOD = Pattern.compile("([a-z]\\w*_\\w*)(\\*?)");

  private static final Map<String, String> SOURCES = new HashMap<>();

  @BeforeAll
  static void read() throws IOException {
    List<Path> folders;
    try (Stream<Path> modules = Files.list(HOME)) {
      folders =
          modules
              .map(module -> module.resolve("src/test/java"))
              .filter(Files::isDirectory)
              .toList();
    }
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          if (name.endsWith(".java")) {
            SOURCES.put(name.replace(".java", ""), Files.readString(file));
          }
        }
      }
    }
  }

  @Test
  void everyThreat_namesTestsThatExist() throws IOException {
    List<String> threats =
        Files.readAllLines(HOME.resolve("docs/security.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| who can reach"))
            .toList();
    assertThat(threats).hasSizeGreaterThan(20);

    for (String threat : threats) {
      List<Pattern> named = new ArrayList<>();
      String source = "";
      for (Matcher code = CODE.matcher(threat); code.find(); ) {
        Matcher test = TEST.matcher(code.group(1));
        Matcher method = METHOD.matcher(code.group(1));
        if (test.matches()) {
          assertThat(SOURCES).as(threat).containsKey(test.group(1));
          source = SOURCES.getOrDefault(test.group(1), "");
          String name = test.group(2) == null ? "\\w+" : test.group(2) + rest(test.group(3));
          named.add(assertIn(source, name, threat));
        } else if (method.matches()) {
          named.add(assertIn(source, method.group(1) + rest(method.group(2)), threat));
        }
      }
      assertThat(named).as("tests of: " + threat).isNotEmpty();
    }
  }

  private static Pattern assertIn(String source, String name, String threat) {
    Pattern method = Pattern.compile("\n  void " + name + "\\("); // a test is not private
    assertThat(method.matcher(source).find()).as(name + " of: " + threat).isTrue();
    return method;
  }

  private static String rest(String star) {
    return star.isEmpty() ? "" : "\\w*";
  }
}
