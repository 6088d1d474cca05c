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
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

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
      return context(shown(chain, key), null);
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
      return context(null, trusted(authorities));
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(e);
    }
  }

  /**
   * For one of equals, who show each other a certificate: {@code chain} is shown, {@code
   * authorities} and nobody else are trusted.
   *
   * @throws IllegalArgumentException when they are no PEM or do not belong together
   */
  public static SSLContext peer(byte[] chain, byte[] key, byte[] authorities) {
    try {
      return context(shown(chain, key), trusted(authorities));
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(e);
    }
  }

  /**
   * The certificate that {@code chain} is about.
   *
   * @throws IllegalArgumentException when it is no PEM
   */
  public static X509Certificate own(byte[] chain) {
    try {
      return (X509Certificate) certificates(chain).iterator().next();
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  private static SSLContext context(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust, null);
    return context;
  }

  private static KeyManager[] shown(byte[] chain, byte[] key)
      throws GeneralSecurityException, IOException {
    Certificate[] shown = certificates(chain).toArray(Certificate[]::new);
    PrivateKey own = privateKey(key);
    if (!isPair(shown[0].getPublicKey(), own)) {
      throw new IllegalArgumentException("the key is not that of the certificate");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    store.setKeyEntry("own", own, NO_PASSWORD, shown);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, NO_PASSWORD);
    return keys.getKeyManagers();
  }

  private static TrustManager[] trusted(byte[] authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (Certificate one : certificates(authorities)) {
      store.setCertificateEntry("ca-" + number++, one);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust.getTrustManagers();
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
