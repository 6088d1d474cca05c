package io.layercast.bootstrap.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.layercast.engine.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

/**
 * Pulls an image as containerd does (HEAD of the tag, GET of the manifest by digest, then the
 * blobs, three at a time), hashes every byte as it comes and keeps none.
 */
final class ImagePuller {
  private static final int PARALLEL_BLOBS = 3;
  private static final int CHUNK_BYTES = 256 * 1024;

  private final HttpClient http;
  private final URI registry;
  private final LongConsumer onBytes;

  /**
   * @param registry {@code http://host:port}
   * @param onBytes told of every chunk's length as it arrives, on any thread
   */
  ImagePuller(HttpClient http, URI registry, LongConsumer onBytes) {
    this.http = http;
    this.registry = registry;
    this.onBytes = onBytes;
  }

  /** What was pulled: each blob once, each of the digest the manifest names. */
  record Pulled(int blobs, long bytes) {}

  /**
   * Pulls {@code repository:tag}.
   *
   * @throws IOException when something is not there, ends early or has another digest
   */
  Pulled pull(String repository, String tag) throws IOException, InterruptedException {
    Digest digest = resolve(repository, tag);
    JsonNode manifest = manifest(repository, digest);
    List<Callable<Long>> blobs = new ArrayList<>();
    blobs.add(() -> blob(repository, manifest.path("config")));
    manifest.path("layers").forEach(layer -> blobs.add(() -> blob(repository, layer)));
    try (ExecutorService executor = Executors.newFixedThreadPool(PARALLEL_BLOBS)) {
      List<Future<Long>> running = blobs.stream().map(executor::submit).toList();
      long bytes = 0;
      try {
        for (Future<Long> blob : running) {
          bytes += blob.get();
        }
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw e.getCause() instanceof IOException failure
            ? failure
            : new IOException("tried to pull a blob from " + registry + ", but failed", e);
      } catch (InterruptedException e) {
        executor.shutdownNow();
        throw e;
      }
      return new Pulled(blobs.size(), bytes);
    }
  }

  private Digest resolve(String repository, String tag) throws IOException, InterruptedException {
    String what = "the manifest of " + repository + ":" + tag;
    HttpRequest request =
        request(repository + "/manifests/" + tag)
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .header("Accept", DemoImage.MANIFEST_TYPE)
            .build();
    HttpResponse<Void> response = http.send(request, HttpResponse.BodyHandlers.discarding());
    expect(200, response.statusCode(), what, "");
    return response
        .headers()
        .firstValue("Docker-Content-Digest")
        .flatMap(Digest::parse)
        .orElseThrow(() -> failed(what, "the answer has no Docker-Content-Digest"));
  }

  private JsonNode manifest(String repository, Digest digest)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(repository + "/manifests/" + digest)
            .header("Accept", DemoImage.MANIFEST_TYPE)
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    expect(200, response.statusCode(), "manifest " + digest, text(response.body()));
    if (!Digest.sha256Of(response.body()).equals(digest)) {
      throw failed("manifest " + digest, "its bytes have another digest");
    }
    return Json.read(response.body());
  }

  private long blob(String repository, JsonNode descriptor)
      throws IOException, InterruptedException {
    Digest digest = Digest.of(descriptor.path("digest").asText());
    String what = "blob " + digest;
    HttpResponse<InputStream> response =
        http.send(
            request(repository + "/blobs/" + digest).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw failed(what, "status " + response.statusCode() + ": " + text(body.readNBytes(2000)));
      }
      MessageDigest hash = digest.algorithm().hasher();
      byte[] chunk = new byte[CHUNK_BYTES];
      long bytes = 0;
      for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
        hash.update(chunk, 0, n);
        bytes += n;
        onBytes.accept(n);
      }
      if (bytes != descriptor.path("size").asLong()
          || !Digest.ofHash(digest.algorithm(), hash.digest()).equals(digest)) {
        throw failed(what, bytes + " bytes came and they have another digest");
      }
      return bytes;
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(registry.resolve("/v2/" + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  private void expect(int wanted, int status, String what, String body) throws IOException {
    if (status != wanted) {
      throw failed(what, "status " + status + (body.isEmpty() ? "" : ": " + body));
    }
  }

  private IOException failed(String what, String why) {
    return new IOException(
        "tried to pull %s from %s, but failed because %s".formatted(what, registry, why));
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8).strip();
  }
}
