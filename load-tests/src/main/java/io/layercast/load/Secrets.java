package io.layercast.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must not be found in what our processes leave behind: their logs, and their store folders
 * but for the layers' own bytes. Looked for are the secrets of the run that were added, however
 * written, and in the logs whatever has the shape of a credential or a whole swarm id.
 */
final class Secrets {
  /** A layer's bytes, which are nobody's secret here and large. */
  private static final String LAYER_FILE = "data";

  private static final Map<String, Pattern> SHAPES =
      Map.of(
          "a credential", Pattern.compile("(?i)\\b(?:basic|bearer) +[a-z0-9+/=._~-]{8,}"),
          "a JWT", Pattern.compile("\\beyJ[A-Za-z0-9_-]{16,}"),
          "a swarm's id in hex", Pattern.compile("(?<![0-9a-fA-F])[0-9a-fA-F]{40}(?![0-9a-fA-F])"),
          "an info hash in a query", Pattern.compile("info_hash=[^&\\s]{8,}"),
          "a user in a URL", Pattern.compile("\\b[a-z]+://[^/\\s:@]+:[^/\\s@]+@"));

  private final Map<String, String> needles = new LinkedHashMap<>();
  private final List<Path> logs = new ArrayList<>();
  private final List<Path> folders = new ArrayList<>();

  synchronized void add(String what, String text) {
    add(what, text.getBytes(StandardCharsets.UTF_8));
  }

  synchronized void add(String what, byte[] bytes) {
    needles.put(new String(bytes, StandardCharsets.ISO_8859_1), what);
    needles.put(HexFormat.of().formatHex(bytes), what + " in hex");
    needles.put(Base64.getEncoder().withoutPadding().encodeToString(bytes), what + " in base64");
    needles.put(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), what + " in base64");
  }

  /** One of our processes writes {@code log} and keeps its data in {@code folder}. */
  synchronized void watch(Path log, Path folder) {
    logs.add(log);
    if (!folders.contains(folder)) {
      folders.add(folder);
    }
  }

  /** What was found and where, without quoting a secret that is one of the run's own. */
  synchronized List<String> leaks() throws IOException {
    Set<String> leaks = new TreeSet<>();
    for (Path log : logs) {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      collect(log.getFileName().toString(), text, leaks);
      SHAPES.forEach((what, shape) -> {
        Matcher found = shape.matcher(text);
        if (found.find()) {
          leaks.add(what + " in " + log.getFileName() + ": …" + around(text, found));
        }
      });
    }
    for (Path folder : folders) {
      try (var files = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          if (!file.getFileName().toString().equals(LAYER_FILE)) {
            collect(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1), leaks);
          }
        }
      }
    }
    return List.copyOf(leaks);
  }

  private void collect(String where, String text, Set<String> leaks) {
    needles.forEach((needle, what) -> {
      if (text.contains(needle)) {
        leaks.add(what + " in " + where);
      }
    });
  }

  private static String around(String text, Matcher found) {
    int from = Math.max(0, found.start() - 120);
    return text.substring(from, Math.min(text.length(), found.end() + 40));
  }
}
