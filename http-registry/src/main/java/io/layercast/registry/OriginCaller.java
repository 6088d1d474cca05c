package io.layercast.registry;

import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.ClientTransport;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.model.headers.HttpCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets up the connections to the origin: trust, forward proxy, pools. */
final class OriginCaller {
  private static final Logger LOG = LoggerFactory.getLogger(OriginCaller.class);

  private OriginCaller() {}

  /**
   * @throws IllegalArgumentException when the CA file cannot be used
   */
  static HttpCaller create(ClassicActorSystemProvider system, OriginSettings settings) {
    HttpCaller.Bounds bounds =
        new HttpCaller.Bounds(
            Map.of(
                HttpCaller.Kind.SHORT, settings.maxShortConnections(),
                HttpCaller.Kind.STREAM, 1,
                HttpCaller.Kind.BYTES, settings.maxBlobConnections()),
            settings.connectTimeout(),
            settings.answerTimeout(),
            settings.answerTimeout(),
            settings.bindAddress(),
            transports(settings.forwardProxies()));
    return new HttpCaller(system, bounds, Optional.of(https(settings)));
  }

  /** The way to each target: the same object every time. */
  static Function<URI, ClientTransport> transports(ForwardProxies proxies) {
    Map<URI, ClientTransport> byProxy =
        Stream.of(proxies.http(), proxies.https())
            .flatMap(Optional::stream)
            .distinct()
            .collect(Collectors.toMap(proxy -> proxy, OriginCaller::tunnel));
    return target ->
        proxies
            .to(target)
            .map(proxy -> Objects.requireNonNull(byProxy.get(proxy)))
            .orElse(HttpCaller.DIRECT);
  }

  private static ClientTransport tunnel(URI proxy) {
    InetSocketAddress address =
        new HostAndPort(proxy.getHost(), Redirects.port(proxy)).toSocketAddress();
    String user = proxy.getUserInfo();
    if (user == null) {
      return ClientTransport.httpsProxy(address);
    }
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    String password = colon < 0 ? "" : user.substring(colon + 1);
    return ClientTransport.httpsProxy(
        address, HttpCredentials.createBasicHttpCredentials(name, password));
  }

  private static HttpsConnectionContext https(OriginSettings settings) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      if (settings.insecure()) {
        LOG.warn(
            "INSECURE (--insecure-origin, layercast.registry.origin.insecure): any certificate is"
                + " taken for that of {}, and whoever stands in between can read every credential"
                + " and change every manifest by tag",
            settings.url().map(Redirects::authority).orElse("the origin"));
        context.init(null, new TrustManager[] {new TrustAll()}, null);
      } else if (settings.caFile().isPresent()) {
        context.init(null, trusting(settings.caFile().get()), null);
      } else {
        context.init(null, null, null);
      }
      boolean verifyHost = !settings.insecure();
      return ConnectionContext.httpsClient((host, port) -> engine(context, host, port, verifyHost));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "tried to use layercast.registry.origin.ca-file %s, but failed because %s"
              .formatted(settings.caFile().map(Path::toString).orElse(""), e.getMessage()),
          e);
    }
  }

  private static SSLEngine engine(SSLContext context, String host, int port, boolean verifyHost) {
    SSLEngine engine = context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    if (verifyHost) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
    }
    return engine;
  }

  /** The JDK's own authorities and those of {@code file}. */
  private static TrustManager[] trusting(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    int count = 0;
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        for (X509Certificate authority : x509.getAcceptedIssuers()) {
          store.setCertificateEntry("jdk-" + count++, authority);
        }
      }
    }
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("file-" + count++, authority);
      }
    }
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** What {@code origin.insecure} asks for. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
