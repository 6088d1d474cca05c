package io.layercast.registry;

import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.headers.RawHeader;
import io.layercast.engine.ClusterCredential;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How this node comes before a proxy.
 *
 * @param https empty for plain http
 * @param credential what it shows, asked for each request as it may change; empty for nothing
 */
public record ProxyDoor(
    Optional<HttpsConnectionContext> https, Supplier<Optional<ClusterCredential>> credential) {
  /** Plain http and nothing shown. */
  public static final ProxyDoor OPEN = new ProxyDoor(Optional.empty(), Optional::empty);

  String scheme() {
    return https.isPresent() ? "https" : "http";
  }

  List<HttpHeader> headers() {
    return credential
        .get()
        .map(shown -> (HttpHeader) RawHeader.create(ClusterCredential.HEADER, shown.reveal()))
        .stream()
        .toList();
  }
}
