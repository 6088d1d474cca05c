package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Debian's docker-registry as the origin, with its files on disk. Its access log is the judge of
 * how often the origin was asked: a line for each request, written when the answer ended, in
 * Apache's combined form on standard output, with the bytes that were really sent.
 */
final class DockerRegistry {
  private static final Pattern BLOB_LINE =
      Pattern.compile(
          "\"GET /v2/\\S+/blobs/(sha256:[0-9a-f]{64}) HTTP/[0-9.]+\" (200|206) (\\d+) ");

  private final Program program;
  private final String address;

  private DockerRegistry(Program program, String address) {
    this.program = program;
    this.address = address;
  }

  /** Open to everyone. */
  static DockerRegistry start(Workplace workplace, String name) throws IOException {
    return start(workplace, name, "");
  }

  /** Asks for Basic credentials; each user may read and write everything. */
  static DockerRegistry withPasswords(
      Workplace workplace, String name, Map<String, String> passwords) throws IOException {
    Path file = workplace.folder(name).resolve("htpasswd");
    Files.createFile(file);
    for (var user : passwords.entrySet()) {
      workplace.run(
          "htpasswd-" + name,
          Duration.ofSeconds(10),
          List.of("htpasswd", "-Bb", file.toString(), user.getKey(), user.getValue()));
    }
    return start(
        workplace,
        name,
        """
        auth:
          htpasswd:
            realm: origin
            path: %s
        """
            .formatted(file));
  }

  /** Asks for a Bearer token of {@code tokens}. */
  static DockerRegistry withTokens(Workplace workplace, String name, TokenService tokens)
      throws IOException {
    return start(
        workplace,
        name,
        """
        auth:
          token:
            realm: %s
            service: %s
            issuer: %s
            rootcertbundle: %s
        """
            .formatted(
                tokens.realm(), TokenService.SERVICE, TokenService.ISSUER, tokens.certificate()));
  }

  private static DockerRegistry start(Workplace workplace, String name, String auth)
      throws IOException {
    String address = Workplace.freePort(workplace.address(), 5000);
    Path folder = workplace.folder(name);
    Path config = folder.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log:
          level: error
        storage:
          filesystem:
            rootdirectory: %s
        http:
          addr: %s
          secret: of-this-run-only
        """
                .formatted(folder.resolve("data"), address)
            + auth);
    Program program = workplace.start(name, List.of("docker-registry", "serve", config.toString()));
    Wait.until(
        name + " to listen",
        Duration.ofSeconds(20),
        () -> Http.get(url(address) + "/v2/").status() > 0);
    return new DockerRegistry(program, address);
  }

  /** {@code host:port}. */
  String address() {
    return address;
  }

  String url() {
    return url(address);
  }

  private static String url(String address) {
    return "http://" + address;
  }

  /** Bytes sent of each blob in 200 and 206 answers that have ended. */
  Map<String, Long> sentBytes() {
    Map<String, Long> sent = new TreeMap<>();
    Matcher lines = BLOB_LINE.matcher(program.output());
    while (lines.find()) {
      sent.merge(lines.group(1), Long.parseLong(lines.group(3)), Long::sum);
    }
    return sent;
  }

  long sentBytes(Blob blob) {
    return sentBytes().getOrDefault(blob.digest(), 0L);
  }

  /** How often the origin sent {@code blob}: 1.0 is one whole copy. */
  double copies(Blob blob) {
    return (double) sentBytes(blob) / blob.sizeBytes();
  }

  /** The whole access log so far. */
  String accessLog() {
    return program.output();
  }
}
