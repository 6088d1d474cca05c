package io.layercast.registry;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.HttpsConnectionContext;
import io.layercast.engine.WatchedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * TLS between agents and proxies. New connections are made with what the files say at the time;
 * those that stand stay (docs/adr/0023-nobody-let-in.md).
 */
public final class ProxyTls {
  private ProxyTls() {}

  /**
   * For the proxy API, from {@code tls.crt} and {@code tls.key} in {@code folder}.
   *
   * @throws IOException when they cannot be used
   */
  public static HttpsConnectionContext server(ActorSystem<?> system, Path folder)
      throws IOException {
    Supplier<SSLContext> context =
        WatchedFiles.start(
            system,
            List.of(folder.resolve("tls.crt"), folder.resolve("tls.key")),
            files -> PemTls.server(files.get(0), files.get(1)));
    return ConnectionContext.httpsServer(() -> {
      SSLEngine engine = context.get().createSSLEngine();
      engine.setUseClientMode(false);
      return engine;
    });
  }

  /**
   * For whoever asks proxies: they are dialled by address and known by one name.
   *
   * @param authorities a PEM file; nobody else is trusted
   * @param name what a proxy's certificate must be for
   * @throws IOException when the file cannot be used
   */
  public static HttpsConnectionContext client(ActorSystem<?> system, Path authorities, String name)
      throws IOException {
    Supplier<SSLContext> context =
        WatchedFiles.start(system, List.of(authorities), files -> PemTls.client(files.getFirst()));
    return ConnectionContext.httpsClient((_, port) -> {
      SSLEngine engine = context.get().createSSLEngine(name, port);
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
      return engine;
    });
  }
}
