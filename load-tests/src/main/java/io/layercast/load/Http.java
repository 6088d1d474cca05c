package io.layercast.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** Small HTTP/1.1 requests whose answers fit in memory; follows no redirect. */
final class Http {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private Http() {}

  /** A whole answer. */
  static final class Answer {
    private final HttpResponse<byte[]> response;

    private Answer(HttpResponse<byte[]> response) {
      this.response = response;
    }

    int status() {
      return response.statusCode();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    byte[] body() {
      return response.body();
    }

    String text() {
      return new String(body(), StandardCharsets.UTF_8);
    }
  }

  /**
   * @param headers names and values by turns
   */
  static Answer get(String url, String... headers) throws IOException {
    return send("GET", url, HttpRequest.BodyPublishers.noBody(), headers);
  }

  static Answer head(String url, String... headers) throws IOException {
    return send("HEAD", url, HttpRequest.BodyPublishers.noBody(), headers);
  }

  /** Any method, without a body. */
  static Answer send(String method, String url) throws IOException {
    return send(method, url, HttpRequest.BodyPublishers.noBody());
  }

  /** Posts a form. */
  static Answer post(String url, String form) throws IOException {
    return send(
        "POST",
        url,
        HttpRequest.BodyPublishers.ofString(form),
        "Content-Type",
        "application/x-www-form-urlencoded");
  }

  /** The head of an answer and its body as it comes; the caller closes it. */
  static HttpResponse<InputStream> open(String url, String... headers) throws IOException {
    try {
      return CLIENT.send(
          request("GET", url, HttpRequest.BodyPublishers.noBody(), headers),
          BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted(url, e);
    }
  }

  /** The value of an Authorization header. */
  static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static Answer send(
      String method, String url, HttpRequest.BodyPublisher body, String... headers)
      throws IOException {
    try {
      return new Answer(
          CLIENT.send(request(method, url, body, headers), BodyHandlers.ofByteArray()));
    } catch (InterruptedException e) {
      throw interrupted(url, e);
    }
  }

  private static HttpRequest request(
      String method, String url, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(60))
            .method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private static IOException interrupted(String url, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while asking " + url, e);
  }
}
