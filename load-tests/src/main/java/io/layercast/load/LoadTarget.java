package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a simulation is told, by system properties, so that {@code ./layercast load} and the Maven
 * plugin say it alike. The image is read from the registry itself:
 *
 * <pre>
 *   load.urls              http://host:port of registries or trackers, with commas; clients take turns
 *   load.users             how many clients come
 *   load.seconds           over how long they come, evenly
 *   load.repository        of the image; its tag is load.tag (default v1)
 *   load.credentials       a file with user:password, if the registry asks for them
 *   load.p95-max-millis    bound of the main request's 95th percentile (default 60,000)
 * </pre>
 */
record LoadTarget(
    List<String> urls,
    String repository,
    String tag,
    String basic,
    Blob manifest,
    Blob config,
    List<Blob> layers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How a registry wants to know its callers. */
  enum Access {
    OPEN,
    BASIC,
    BEARER
  }

  LoadTarget {
    urls = List.copyOf(urls);
    layers = List.copyOf(layers);
  }

  /** Reads the image's manifest from the first of the registries. */
  static LoadTarget ofProperties() {
    List<String> urls = urlsOfProperties();
    String repository = property("repository");
    String tag = System.getProperty("load.tag", "v1");
    String file = System.getProperty("load.credentials", "");
    try {
      String basic = "";
      if (!file.isEmpty()) {
        String[] pair = Files.readString(Path.of(file)).strip().split(":", 2);
        basic = Http.basic(pair[0], pair[1]);
      }
      String url = urls.getFirst() + "/v2/" + repository + "/manifests/" + tag;
      Http.Answer answer = get(url, basic);
      if (answer.status() != 200) {
        throw new IOException("tried to read %s, but got %d".formatted(url, answer.status()));
      }
      JsonNode json = JSON.readTree(answer.body());
      List<Blob> layers = new ArrayList<>();
      json.path("layers").forEach(layer -> layers.add(blob(layer)));
      Blob manifest = new Blob(Sha256.of(answer.body()), answer.body().length);
      return new LoadTarget(
          urls, repository, tag, basic, manifest, blob(json.path("config")), layers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the registry asks of a caller without credentials. */
  Access access() {
    try {
      Http.Answer answer = Http.head(urls.getFirst() + path("manifests", tag), accept());
      String challenge = answer.header("WWW-Authenticate").orElse("").toLowerCase(Locale.ROOT);
      if (answer.status() != 401) {
        return Access.OPEN;
      }
      return challenge.startsWith("bearer") ? Access.BEARER : Access.BASIC;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a blob or manifest. */
  String path(String kind, String reference) {
    return "/v2/" + repository + "/" + kind + "/" + reference;
  }

  /** The bytes of one layer, proven by its digest. */
  byte[] read(Blob layer) {
    String url = urls.getFirst() + path("blobs", layer.digest());
    try {
      byte[] bytes = get(url, basic).body();
      if (!Sha256.of(bytes).equals(layer.digest())) {
        throw new IOException("tried to read %s, but got other bytes".formatted(url));
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> urlsOfProperties() {
    return List.of(property("urls").split(",", -1));
  }

  static int users() {
    return Integer.parseInt(property("users"));
  }

  static Duration duration() {
    return Duration.ofSeconds(Long.parseLong(property("seconds")));
  }

  static int p95MaxMillis() {
    return Integer.getInteger("load.p95-max-millis", 60_000);
  }

  static String property(String name) {
    return Objects.requireNonNull(
        System.getProperty("load." + name), "set the system property load." + name);
  }

  /** The URL that a Bearer challenge sends its caller to (distribution, spec/auth/token.md). */
  static String tokenUrl(String challenge) {
    String realm = part(challenge, "realm");
    return realm
        + (realm.contains("?") ? "&" : "?")
        + "service="
        + part(challenge, "service")
        + "&scope="
        + part(challenge, "scope");
  }

  private static Http.Answer get(String url, String basic) throws IOException {
    Http.Answer answer = Http.get(url, accept());
    if (answer.status() != 401) {
      return answer;
    }
    String challenge = answer.header("WWW-Authenticate").orElse("");
    String authorization = basic;
    if (challenge.startsWith("Bearer")) {
      Http.Answer token = Http.get(tokenUrl(challenge), "Authorization", basic);
      authorization = "Bearer " + JSON.readTree(token.body()).path("token").asText();
    }
    return Http.get(url, "Accept", ImageMaker.MANIFEST, "Authorization", authorization);
  }

  private static String[] accept() {
    return new String[] {"Accept", ImageMaker.MANIFEST};
  }

  private static String part(String challenge, String name) {
    Matcher part = Pattern.compile(name + "=\"([^\"]*)\"").matcher(challenge);
    return part.find() ? part.group(1) : "";
  }

  private static Blob blob(JsonNode descriptor) {
    return new Blob(descriptor.path("digest").asText(), descriptor.path("size").asLong());
  }
}
