package io.layercast.swarm;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;

/** Everybody with this certificate, which signs itself, and nobody else. */
final class TestTls implements PeerTls {
  private static final String PASSWORD = "of a test";

  private final SSLContext context;
  private final SSLContext anonymous;
  private final boolean letsIn;

  private TestTls(SSLContext context, SSLContext anonymous, boolean letsIn) {
    this.context = context;
    this.anonymous = anonymous;
    this.letsIn = letsIn;
  }

  /** Makes a certificate in {@code folder}. */
  static TestTls make(Path folder) throws IOException, GeneralSecurityException {
    Path file = folder.resolve("peer.p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "peer",
            "-keyalg",
            "RSA",
            "-dname",
            "CN=peer",
            "-keystore",
            file.toString(),
            "-storepass",
            PASSWORD);
    try {
      int exit =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("keytool.log").toFile())
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IOException("keytool ended with " + exit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return new TestTls(context(file, true), context(file, false), true);
  }

  private static SSLContext context(Path file, boolean isShown)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("peer", store.getCertificate("peer"));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(isShown ? keys.getKeyManagers() : null, trust.getTrustManagers(), null);
    return context;
  }

  /** The same, but nobody passes its last look. */
  TestTls refusing() {
    return new TestTls(context, anonymous, false);
  }

  /** For somebody who trusts these and has nothing to show. */
  SSLContext anonymous() {
    return anonymous;
  }

  @Override
  public SSLEngine dialling(InetSocketAddress peer) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    return engine;
  }

  @Override
  public SSLEngine accepting() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return engine;
  }

  @Override
  public void check(SSLSession session) throws SSLException {
    if (!letsIn) {
      throw new SSLException("nobody of ours");
    }
  }
}
