package io.layercast.registry;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpResponse;
import akka.util.ByteString;
import io.layercast.engine.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Reads answers that fit in memory. */
final class Documents {
  static final String CONTENT_DIGEST = "Docker-Content-Digest";
  static final String LINK = "Link";

  /** The headers that the front relays; everything else stays behind. */
  private static final List<String> RELAYED =
      List.of(
          CONTENT_DIGEST,
          LINK,
          "ETag",
          "Cache-Control",
          "Docker-Distribution-API-Version",
          "OCI-Filters-Applied",
          "OCI-Subject",
          "Content-Disposition");

  private Documents() {}

  /** Any 2xx as a document; otherwise what {@code refused} makes of it. */
  static CompletionStage<Answer> read(
      HttpCaller caller,
      HttpResponse response,
      boolean isHead,
      int maxBytes,
      Supplier<CompletionStage<Refusal>> refused) {
    if (!isSuccess(response)) {
      return refused.get().thenApply(Answer.Refused::new);
    }
    if (contentType(response).startsWith("text/html")) { // a log-in page of some gateway
      caller.drop(response);
      return CompletableFuture.failedFuture(
          new IllegalStateException("a web page came instead of a registry's answer"));
    }
    if (isHead) {
      OptionalLong length = response.entity().getContentLengthOption();
      response.discardEntityBytes(caller.materializer()); // has none, whatever length it names
      boolean isTold = length.orElse(0) > 0; // akka-http says 0 too when nothing was said
      return CompletableFuture.completedFuture(
          document(response, isTold ? length : OptionalLong.empty(), ByteString.emptyByteString()));
    }
    return caller
        .collect(response, maxBytes)
        .thenApply(bytes -> document(response, OptionalLong.of(bytes.size()), bytes));
  }

  /** A 2xx; akka-http's own word also takes in redirects. */
  static boolean isSuccess(HttpResponse response) {
    return response.status().intValue() / 100 == 2;
  }

  private static Answer document(HttpResponse response, OptionalLong length, ByteString bytes) {
    return new Answer.Document(
        response.status().intValue(), contentType(response), relayed(response), length, bytes);
  }

  static String contentType(HttpResponse response) {
    return response.entity().getContentType().equals(ContentTypes.NO_CONTENT_TYPE)
        ? ContentTypes.APPLICATION_OCTET_STREAM.toString()
        : response.entity().getContentType().toString();
  }

  private static Map<String, List<String>> relayed(HttpResponse response) {
    Map<String, List<String>> kept = new LinkedHashMap<>();
    for (HttpHeader header : response.getHeaders()) {
      for (String name : RELAYED) {
        if (name.equalsIgnoreCase(header.name())) {
          kept.computeIfAbsent(name, _ -> new ArrayList<>()).add(header.value());
        }
      }
    }
    return kept;
  }

  /** The body of an error if it is the spec's JSON; drained and dropped otherwise. */
  static CompletionStage<Optional<String>> errorJson(
      HttpCaller caller, HttpResponse response, int maxBytes) {
    OptionalLong length = response.entity().getContentLengthOption();
    if (length.isPresent() && length.getAsLong() > maxBytes) {
      caller.drop(response);
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return caller
        .collect(response, maxBytes)
        .handle((bytes, failure) ->
            failure == null ? OciError.relayable(bytes.toArray()) : Optional.<String>empty());
  }
}
