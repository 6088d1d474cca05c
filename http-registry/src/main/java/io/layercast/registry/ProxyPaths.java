package io.layercast.registry;

import io.layercast.engine.Digest;
import io.layercast.engine.RepositoryName;
import java.net.URI;

/** Addresses of the proxies' API (docs/adr/0006-proxy-api.md). */
final class ProxyPaths {
  private ProxyPaths() {}

  /** Path and query of what is wanted of a layer. */
  static String target(FrontPath.Want want, RepositoryName repository, Digest digest) {
    // neither a name nor a digest holds anything that a query must escape
    return FrontPath.LAYER + digest + FrontPath.ending(want) + "?repository=" + repository;
  }

  /** The same on the proxy at {@code api}, host:port, with a permit of this proxy. */
  static URI uri(
      String scheme,
      String api,
      FrontPath.Want want,
      RepositoryName repository,
      Digest digest,
      String permit) {
    return URI.create(
        scheme + "://" + api + target(want, repository, digest) + "&permit=" + permit);
  }
}
