package io.layercast.load;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** An authority that nobody else trusts, made by openssl for this run, and what it signed. */
final class CertificateAuthority {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final char[] NO_PASSWORD = {};

  private final Workplace workplace;
  private final Path folder;
  private final Pair own;

  /** PEM files of a certificate and of its key. */
  record Pair(Path certificate, Path key) {
    PrivateKey privateKey() throws IOException, GeneralSecurityException {
      return KeyFactory.getInstance("RSA")
          .generatePrivate(new PKCS8EncodedKeySpec(der(Files.readString(key))));
    }

    /** Of the certificate, in base64. */
    String derOfCertificate() throws IOException {
      return Base64.getEncoder().encodeToString(der(Files.readString(certificate)));
    }

    /** For a server that shows it. */
    SSLContext serverContext() throws IOException, GeneralSecurityException {
      return context();
    }

    /**
     * For whoever shows it.
     *
     * @param trust what the other side is judged by; the JDK's own authorities if it is nothing
     */
    SSLContext context(TrustManager... trust) throws IOException, GeneralSecurityException {
      Certificate shown =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      store.setKeyEntry("server", privateKey(), NO_PASSWORD, new Certificate[] {shown});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.length == 0 ? null : trust, null);
      return context;
    }

    private static byte[] der(String pem) {
      return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }
  }

  private CertificateAuthority(Workplace workplace, Path folder, Pair own) {
    this.workplace = workplace;
    this.folder = folder;
    this.own = own;
  }

  static CertificateAuthority create(Workplace workplace, String name) throws IOException {
    Path folder = workplace.folder(name);
    Pair own = new Pair(folder.resolve("certificate.pem"), folder.resolve("key.pem"));
    List<String> options = new ArrayList<>(List.of("-x509", "-days", "2", "-subj", "/CN=" + name));
    options.addAll(List.of("-out", own.certificate().toString()));
    request(workplace, own.key(), options);
    return new CertificateAuthority(workplace, folder, own);
  }

  /**
   * A folder as a role reads one: this authority as {@code ca.crt}, and a pair for {@code name}.
   */
  Path folderFor(String name) throws IOException {
    Pair pair = issueFor(name);
    Path shown = workplace.folder(name + "-tls");
    Files.copy(own.certificate(), shown.resolve("ca.crt"));
    Files.copy(pair.certificate(), shown.resolve("tls.crt"));
    Files.copy(pair.key(), shown.resolve("tls.key"));
    return shown;
  }

  /** The authority's own. */
  Pair own() {
    return own;
  }

  /** A certificate for a server at {@code address}, an IPv4 literal. */
  Pair issue(String address) throws IOException {
    return issue(address, "IP:" + address);
  }

  /** A new certificate for whoever is reached by {@code name}; the one before is overwritten. */
  Pair issueFor(String name) throws IOException {
    return issue(name, "DNS:" + name);
  }

  private Pair issue(String subject, String alternativeName) throws IOException {
    Pair pair = new Pair(folder.resolve(subject + ".pem"), folder.resolve(subject + ".key"));
    Path wish = folder.resolve(subject + ".csr");
    Path extension = folder.resolve(subject + ".ext");
    Files.writeString(extension, "subjectAltName=" + alternativeName + "\n");
    request(workplace, pair.key(), List.of("-subj", "/CN=" + subject, "-out", wish.toString()));
    openssl(
        workplace,
        List.of("x509", "-req", "-days", "2", "-in", wish.toString(), "-CAcreateserial"),
        List.of("-CA", own.certificate().toString(), "-CAkey", own.key().toString()),
        List.of("-extfile", extension.toString(), "-out", pair.certificate().toString()));
    return pair;
  }

  /** Makes a key and, signed by it, what {@code options} ask for. */
  private static void request(Workplace workplace, Path key, List<String> options)
      throws IOException {
    openssl(
        workplace,
        List.of("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key.toString()),
        options);
  }

  @SafeVarargs
  private static void openssl(Workplace workplace, List<String>... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    for (List<String> some : arguments) {
      command.addAll(some);
    }
    workplace.run("openssl", LIMIT, command);
  }
}
