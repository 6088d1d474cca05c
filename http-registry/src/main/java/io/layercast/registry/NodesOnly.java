package io.layercast.registry;

import akka.http.javadsl.model.HttpMessage;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.SwarmKeys;

/** Lets nodes of the cluster pass, and nobody else. */
final class NodesOnly {
  /** Of a challenge that no container runtime is meant to see. */
  static final String SCHEME = "Layercast";

  private NodesOnly() {}

  static Route before(SwarmKeys keys, Route route) {
    return Directives.extractRequest(request ->
        Responses.header(request, ClusterCredential.HEADER)
                .filter(shown ->
                    ClusterCredential.allOf(keys).stream().anyMatch(own -> own.isShownBy(shown)))
                .isPresent()
            ? route
            : Directives.complete(refusal()));
  }

  private static HttpResponse refusal() {
    return Responses.error(
            401,
            OciError.Code.UNAUTHORIZED,
            "be asked by a node",
            "the request shows no credential of this cluster")
        .addHeader(RawHeader.create("WWW-Authenticate", SCHEME));
  }

  /** Whether a proxy's answer is that refusal. */
  static boolean isRefusal(HttpMessage response) {
    return response
        .getHeader("WWW-Authenticate")
        .filter(header -> header.value().equals(SCHEME))
        .isPresent();
  }
}
