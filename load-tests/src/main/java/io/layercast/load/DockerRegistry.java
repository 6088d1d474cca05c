package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final String scheme;
  private final String address;

  private DockerRegistry(Program program, String scheme, String address) {
    this.program = program;
    this.scheme = scheme;
    this.address = address;
  }

  /** Open to everyone. */
  static DockerRegistry start(Workplace workplace, String name) throws IOException {
    return start(workplace, name, "", Optional.empty());
  }

  /** Asks for Basic credentials; each user may read and write everything. */
  static DockerRegistry withPasswords(
      Workplace workplace, String name, Map<String, String> passwords) throws IOException {
    Path file = workplace.folder(name).resolve("htpasswd");
    Files.createFile(file);
    for (var user : passwords.entrySet()) {
      workplace.secrets().add("a password", user.getValue());
      workplace.secrets().add("a credential", user.getKey() + ":" + user.getValue());
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
            .formatted(file),
        Optional.empty());
  }

  /** A pull-through cache of another one. */
  static DockerRegistry cacheOf(Workplace workplace, String name, String originUrl)
      throws IOException {
    return start(
        workplace, name, "proxy:\n  remoteurl: %s\n".formatted(originUrl), Optional.empty());
  }

  /** Asks for a Bearer token of {@code tokens}. */
  static DockerRegistry withTokens(Workplace workplace, String name, TokenService tokens)
      throws IOException {
    return start(workplace, name, trust(tokens), Optional.empty());
  }

  /** The same over https, by a certificate of {@code authority}. */
  static DockerRegistry withTokensOverTls(
      Workplace workplace, String name, TokenService tokens, CertificateAuthority authority)
      throws IOException {
    return start(workplace, name, trust(tokens), Optional.of(authority));
  }

  private static String trust(TokenService tokens) {
    return """
    auth:
      token:
        realm: %s
        service: %s
        issuer: %s
        rootcertbundle: %s
    """
        .formatted(tokens.realm(), TokenService.SERVICE, TokenService.ISSUER, tokens.certificate());
  }

  private static DockerRegistry start(
      Workplace workplace, String name, String more, Optional<CertificateAuthority> authority)
      throws IOException {
    String address = Workplace.freePort(workplace.address(), 5000);
    Path folder = workplace.folder(name);
    Path config = folder.resolve("config.yml");
    String tls = "";
    if (authority.isPresent()) {
      var pair = authority.get().issue(Workplace.socketAddress(address).getHostString());
      tls = "  tls:\n    certificate: %s\n    key: %s\n".formatted(pair.certificate(), pair.key());
    }
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
            + tls
            + more);
    List<String> command = List.of("docker-registry", "serve", config.toString());
    Program program = workplace.start(name, workplace.at(address, command));
    Wait.until(name + " to listen", Duration.ofSeconds(20), () -> Workplace.isListening(address));
    return new DockerRegistry(program, authority.isPresent() ? "https" : "http", address);
  }

  /** {@code host:port}. */
  String address() {
    return address;
  }

  String url() {
    return scheme + "://" + address;
  }

  Program program() {
    return program;
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
