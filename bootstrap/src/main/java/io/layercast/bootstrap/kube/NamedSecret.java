package io.layercast.bootstrap.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.layercast.registry.PemTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * One Secret at the Kubernetes API. Needs the right to get and patch it, and no other: it must be
 * there already, if only empty.
 */
public final class NamedSecret implements KeptData, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** A Secret is 1 MiB at most, a third more in base64. */
  private static final long MAX_ANSWER_BYTES = 4 * 1024 * 1024;

  /** Others may write it at the same time; each loser looks again. */
  private static final int TRIES = 5;

  private final HttpClient client;
  private final URI uri;
  private final String token;

  private NamedSecret(HttpClient client, URI uri, String token) {
    this.client = client;
    this.uri = uri;
    this.token = token;
  }

  /**
   * The Secret {@code name} in the namespace of the pod we run in.
   *
   * @param account the folder with the service account's token, ca.crt and namespace
   * @throws IOException when this is no pod with an account
   */
  public static NamedSecret inCluster(Map<String, String> environment, Path account, String name)
      throws IOException {
    String host = environment.get("KUBERNETES_SERVICE_HOST");
    String port = environment.get("KUBERNETES_SERVICE_PORT");
    if (host == null || port == null) {
      throw new IOException("KUBERNETES_SERVICE_HOST and _PORT are not set: this is no pod");
    }
    String namespace = Files.readString(account.resolve("namespace")).strip();
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(LIMIT)
            .sslContext(trusting(account.resolve("ca.crt")))
            .build();
    URI uri =
        URI.create(
            "https://%s:%s/api/v1/namespaces/%s/secrets/%s"
                .formatted(host.contains(":") ? "[" + host + "]" : host, port, namespace, name));
    return new NamedSecret(client, uri, Files.readString(account.resolve("token")).strip());
  }

  private static SSLContext trusting(Path authority) throws IOException {
    try {
      return PemTls.client(Files.readAllBytes(authority));
    } catch (IllegalArgumentException e) {
      throw new IOException("tried to trust " + authority + ", but failed", e);
    }
  }

  @Override
  public Map<String, byte[]> write(Change change) throws IOException, InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      HttpResponse<byte[]> found = send(request().GET().build());
      if (found.statusCode() != 200) {
        throw refused("read", found);
      }
      Map<String, byte[]> data = data(found.body());
      Map<String, byte[]> wanted = change.of(Map.copyOf(data));
      if (wanted.isEmpty()) {
        return data;
      }
      HttpResponse<byte[]> patched = send(patch(found.body(), wanted));
      if (patched.statusCode() == 200) {
        data.putAll(wanted);
        return data;
      }
      if (patched.statusCode() != 409) {
        throw refused("fill", patched);
      }
    }
    throw new IOException(
        "tried to fill the Secret %s %d times, but others kept changing it"
            .formatted(uri.getPath(), TRIES));
  }

  /**
   * What the Secret in an answer holds.
   *
   * @throws IOException that quotes nothing of it
   */
  static Map<String, byte[]> data(byte[] json) throws IOException {
    Map<String, byte[]> data = new HashMap<>();
    for (var entry : read(json).path("data").properties()) {
      String encoded = entry.getValue().asText();
      try {
        if (!encoded.isEmpty()) {
          data.put(entry.getKey(), Base64.getDecoder().decode(encoded));
        }
      } catch (IllegalArgumentException _) {
        throw notASecret();
      }
    }
    return data;
  }

  private static JsonNode read(byte[] json) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (IOException _) {
      throw notASecret(); // no cause
    }
  }

  private static IOException notASecret() {
    return new IOException("what the Kubernetes API answered is no Secret");
  }

  /** Refused with 409 when the Secret has changed since {@code seen}. */
  private HttpRequest patch(byte[] seen, Map<String, byte[]> wanted) throws IOException {
    ObjectNode patch = JSON.createObjectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", read(seen).at("/metadata/resourceVersion").asText());
    ObjectNode data = patch.putObject("data");
    wanted.forEach(data::put);
    return request()
        .header("Content-Type", "application/merge-patch+json")
        .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(patch)))
        .build();
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(uri)
        .timeout(LIMIT)
        .header("Accept", "application/json")
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(
        request,
        HttpResponse.BodyHandlers.limiting(
            HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
  }

  /** Tells the status only: a body may repeat what was sent. */
  private IOException refused(String deed, HttpResponse<byte[]> response) {
    return new IOException(
        "tried to %s the Secret %s, but the Kubernetes API answered %d"
            .formatted(deed, uri.getPath(), response.statusCode()));
  }

  @Override
  public void close() {
    client.close();
  }
}
