package io.layercast.registry;

import akka.pki.pem.DERPrivateKeyLoader;
import akka.pki.pem.PEMDecoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS of PEM files, as cert-manager and Secrets of type kubernetes.io/tls have them. */
public final class PemTls {
  private static final char[] NO_PASSWORD = {};

  private PemTls() {}

  /**
   * For a server that shows {@code chain}, its own certificate first.
   *
   * @throws IllegalArgumentException when they are no PEM or do not belong together
   */
  static SSLContext server(byte[] chain, byte[] key) {
    try {
      Certificate[] shown = certificates(chain).toArray(Certificate[]::new);
      PrivateKey own = privateKey(key);
      if (!isPair(shown[0].getPublicKey(), own)) {
        throw new IllegalArgumentException("the key is not that of the certificate");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      store.setKeyEntry("server", own, NO_PASSWORD, shown);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(e);
    }
  }

  /**
   * For a client that trusts {@code authorities} and nobody else.
   *
   * @throws IllegalArgumentException when they are no PEM
   */
  public static SSLContext client(byte[] authorities) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate one : certificates(authorities)) {
        store.setCertificateEntry("ca-" + number++, one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(e);
    }
  }

  private static Collection<? extends Certificate> certificates(byte[] pem)
      throws GeneralSecurityException {
    Collection<? extends Certificate> found =
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    if (found.isEmpty()) {
      throw new IllegalArgumentException("there is no certificate in it");
    }
    return found;
  }

  /**
   * @throws IllegalArgumentException when it is none
   */
  static PrivateKey privateKey(byte[] pem) {
    try {
      return DERPrivateKeyLoader.load(
          PEMDecoder.decode(new String(pem, StandardCharsets.US_ASCII).strip()));
    } catch (Exception e) { // of Scala and undeclared: of the PEM, of the ASN.1, of the key
      throw unusable(e);
    }
  }

  /** Files that are being replaced may be of two pairs for a moment. */
  private static boolean isPair(PublicKey known, PrivateKey own) throws GeneralSecurityException {
    byte[] message = "layercast".getBytes(StandardCharsets.US_ASCII);
    Signature signature = Signature.getInstance("SHA256withRSA"); // Akka reads no other keys
    signature.initSign(own);
    signature.update(message);
    byte[] signed = signature.sign();
    signature.initVerify(known);
    signature.update(message);
    return signature.verify(signed);
  }

  private static IllegalArgumentException unusable(Exception cause) {
    return new IllegalArgumentException("it is no usable PEM: " + cause.getMessage(), cause);
  }
}
