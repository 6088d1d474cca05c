package io.layercast.registry;

import akka.NotUsed;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ResponseEntity;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.Uri;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.Layers;
import io.layercast.engine.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes the front's outcomes as HTTP responses. */
final class Responses {
  private static final HttpHeader API_VERSION =
      RawHeader.create("Docker-Distribution-Api-Version", "registry/2.0");

  private Responses() {}

  static HttpResponse error(int status, OciError.Code code, String deed, String cause) {
    return HttpResponse.create()
        .withStatus(status)
        .addHeader(API_VERSION)
        .withEntity(ContentTypes.APPLICATION_JSON, OciError.json(code, deed, cause));
  }

  static HttpResponse unavailable(String deed, String cause) {
    return error(503, OciError.Code.UNAVAILABLE, deed, cause);
  }

  /** The origin's no, its token realms moved to the host that {@code request} asked. */
  static HttpResponse refusal(Refusal refusal, HttpRequest request) {
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(API_VERSION);
    String base = base(request);
    for (String challenge : refusal.challenges()) {
      headers.add(RawHeader.create("WWW-Authenticate", Realms.reveal(challenge, base)));
    }
    if (refusal.retryAfterSeconds() > 0) {
      headers.add(RawHeader.create("Retry-After", "" + refusal.retryAfterSeconds()));
    }
    int status = StatusCodes.lookup(refusal.status()).isPresent() ? refusal.status() : 502;
    return HttpResponse.create()
        .withStatus(status)
        .addHeaders(headers)
        .withEntity(ContentTypes.APPLICATION_JSON, refusal.body());
  }

  static HttpResponse document(Answer.Document document, FrontPath path, boolean isHead) {
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(API_VERSION);
    for (Map.Entry<String, List<String>> header : document.headers().entrySet()) {
      for (String value : header.getValue()) {
        if (header.getKey().equals(Documents.LINK)) {
          Links.moved(value, path).ifPresent(l -> headers.add(RawHeader.create(Documents.LINK, l)));
        } else if (!header.getKey().equalsIgnoreCase(API_VERSION.name())) {
          headers.add(RawHeader.create(header.getKey(), value));
        }
      }
    }
    ContentType type = ContentTypes.parse(document.contentType());
    OptionalLong length = document.lengthBytes();
    HttpResponse response = HttpResponse.create().withStatus(document.status());
    if (!isHead) {
      return response.addHeaders(headers).withEntity(HttpEntities.create(type, document.body()));
    }
    length.ifPresent(bytes -> headers.add(new HeadLength(bytes)));
    return response
        .addHeaders(headers)
        .withEntity(HttpEntities.create(type, ByteString.emptyByteString()));
  }

  /** A blob or the part of it that Range and If-Range ask for. */
  static HttpResponse blob(HttpRequest request, Digest digest, Layers.Granted granted) {
    HttpResponse response =
        HttpResponse.create()
            .addHeader(API_VERSION)
            .addHeader(RawHeader.create(Documents.CONTENT_DIGEST, digest.toString()))
            .addHeader(RawHeader.create("ETag", etag(digest)));
    ContentType type = ContentTypes.APPLICATION_OCTET_STREAM;
    if (granted.sizeBytes().isEmpty() || isNonsense(granted.sizeBytes().getAsLong(), digest)) {
      return response.withEntity(
          HttpEntities.createChunked(type, granted.body().read(0, OptionalLong.empty())));
    }
    long size = granted.sizeBytes().getAsLong();
    HttpResponse ranged = response.addHeader(RawHeader.create("Accept-Ranges", "bytes"));
    Optional<String> range = header(request, "Range");
    boolean isCurrent = header(request, "If-Range").map(etag(digest)::equals).orElse(true);
    return switch (ByteRange.parse(isCurrent ? range : Optional.empty(), size)) {
      case ByteRange.Whole _ ->
          ranged.withEntity(bytes(request, granted, 0, size, OptionalLong.empty()));
      case ByteRange.Part(long from, long to) ->
          ranged
              .withStatus(206)
              .addHeader(
                  RawHeader.create(
                      "Content-Range", new ContentRange(from, to, OptionalLong.of(size)).render()))
              .withEntity(bytes(request, granted, from, to - from, OptionalLong.of(to)));
      case ByteRange.Unsatisfiable _ ->
          error(
                  416,
                  OciError.Code.RANGE_INVALID,
                  "read a part of blob " + digest,
                  "it has only %d bytes".formatted(size))
              .addHeader(RawHeader.create("Content-Range", "bytes */" + size));
    };
  }

  /** Only one blob has no bytes. Some origins say so of any, which must not become an answer. */
  private static boolean isNonsense(long sizeBytes, Digest digest) {
    byte[] hashOfNothing = digest.algorithm().hasher().digest();
    return sizeBytes == 0 && !digest.equals(Digest.ofHash(digest.algorithm(), hashOfNothing));
  }

  private static ResponseEntity bytes(
      HttpRequest request, Layers.Granted granted, long from, long length, OptionalLong to) {
    ContentType type = ContentTypes.APPLICATION_OCTET_STREAM;
    if (length == 0) {
      return HttpEntities.create(type, ByteString.emptyByteString());
    }
    Source<ByteString, NotUsed> bytes =
        granted.body().read(from, to).addAttributes(FrontPort.attributes(request));
    HttpEntity.Default entity =
        HttpEntities.create(type, length, bytes.mapMaterializedValue(m -> m));
    return entity;
  }

  static Optional<String> header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value);
  }

  private static String etag(Digest digest) {
    return "\"" + digest + "\"";
  }

  /** Scheme and authority as the client wrote them. */
  private static String base(HttpRequest request) {
    Uri uri = request.getUri();
    String host = uri.host().address();
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return uri.getScheme() + "://" + new HostAndPort(bare, uri.port());
  }
}
