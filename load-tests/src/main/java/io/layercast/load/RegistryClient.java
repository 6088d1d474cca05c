package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.bodyBytes;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.List;

/**
 * What a container runtime asks of a registry, as Gatling's requests; every body's digest is
 * checked. Each client takes a token of its own where the registry wants one.
 */
final class RegistryClient {
  private final LoadTarget target;
  private final LoadTarget.Access access;

  private RegistryClient(LoadTarget target, LoadTarget.Access access) {
    this.target = target;
    this.access = access;
  }

  static RegistryClient of(LoadTarget target) {
    return new RegistryClient(target, target.access());
  }

  /** HTTP/1.1, a client's connections its own, nothing cached. */
  static HttpProtocolBuilder protocol(List<String> urls) {
    return http.baseUrls(urls)
        .acceptHeader(ImageMaker.MANIFEST + ", */*")
        .disableCaching()
        .disableFollowRedirect()
        .disableWarmUp();
  }

  /** HEAD of the tag, with a token if one is asked for, and GET of the manifest by digest. */
  ChainBuilder resolve(String phase) {
    HttpRequestActionBuilder head =
        http(phase + "HEAD manifest").head(target.path("manifests", target.tag()));
    return exec(authorise(phase, head))
        .exec(
            authorised(head)
                .check(status().is(200))
                .check(header("Docker-Content-Digest").is(target.manifest().digest())))
        .exec(
            checked(
                http(phase + "GET manifest")
                    .get(target.path("manifests", target.manifest().digest())),
                target.manifest()));
  }

  /** GET of a blob, its digest checked. */
  HttpRequestActionBuilder pull(String name, Blob blob) {
    return checked(http(name).get(target.path("blobs", blob.digest())), blob);
  }

  /** With the client's credential. */
  HttpRequestActionBuilder authorised(HttpRequestActionBuilder request) {
    return switch (access) {
      case OPEN -> request;
      case BASIC -> request.header("Authorization", target.basic());
      case BEARER -> request.header("Authorization", "Bearer #{token}");
    };
  }

  private ChainBuilder authorise(String phase, HttpRequestActionBuilder first) {
    if (access != LoadTarget.Access.BEARER) {
      return exec(session -> session);
    }
    return exec(first
            .check(status().is(401))
            .check(header("WWW-Authenticate").transform(LoadTarget::tokenUrl).saveAs("tokenUrl")))
        .exec(
            http(phase + "GET token")
                .get("#{tokenUrl}")
                .header("Authorization", target.basic())
                .check(status().is(200))
                .check(jsonPath("$.token").saveAs("token")));
  }

  private HttpRequestActionBuilder checked(HttpRequestActionBuilder request, Blob blob) {
    return authorised(request)
        .check(status().is(200))
        .check(bodyBytes().transform(Sha256::of).is(blob.digest()));
  }
}
