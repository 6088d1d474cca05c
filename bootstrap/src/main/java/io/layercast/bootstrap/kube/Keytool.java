package io.layercast.bootstrap.kube;

import akka.pki.pem.DERPrivateKeyLoader;
import akka.pki.pem.PEMDecoder;
import akka.pki.pem.PEMLoadingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Makes certificates by the tool that every Java runtime brings, in a folder of its own. The JDK
 * has no API that writes them, and a library that does would be on every node for one Job.
 */
final class Keytool {
  /** Nobody needs to come by every year; {@code docs/kubernetes.md} says how to renew. */
  private static final String DAYS = "3650";

  /** The store lives for one command, in a folder that only we can read. */
  private static final String PASSWORD = "for-one-command";

  private static final String STORE = "store.p12";

  private Keytool() {}

  /** A certificate and its key, each in PEM. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Pair(byte[] certificate, byte[] key) {
    @Override
    public String toString() {
      return "[certificate and key]";
    }
  }

  /** A new authority that signs servers and nothing below them. */
  static Pair authority() throws IOException, InterruptedException {
    return withStore(store -> {
      generate(
          store,
          "made",
          "CN=layercast cluster authority",
          "bc:c=ca:true,pathlen:0",
          "ku:c=keyCertSign");
      return read(store, "made");
    });
  }

  /** A certificate of {@code authority} for {@code names}, for both ends of a connection. */
  static Pair issue(Pair authority, List<String> names) throws IOException, InterruptedException {
    return withStore(store -> {
      put(store, authority);
      String san = names.stream().map(name -> "dns:" + name).collect(Collectors.joining(","));
      generate(
          store,
          "made",
          "CN=" + names.getFirst(),
          "san=" + san,
          "ku:c=digitalSignature,keyEncipherment",
          "eku=serverAuth,clientAuth",
          "-signer");
      return read(store, "made");
    });
  }

  @FunctionalInterface
  private interface Use {
    Pair of(Path store) throws IOException, InterruptedException, GeneralSecurityException;
  }

  private static Pair withStore(Use use) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("layercast-keys-"); // 0700
    Path store = folder.resolve(STORE);
    try {
      return use.of(store);
    } catch (GeneralSecurityException e) {
      throw new IOException("tried to make a certificate, but failed", e);
    } finally {
      Files.deleteIfExists(store);
      Files.delete(folder);
    }
  }

  private static void generate(Path store, String alias, String subject, String... extensions)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-Xmx64m", "-genkeypair", "-keyalg", "RSA", "-keysize", "3072"));
    command.addAll(List.of("-alias", alias, "-dname", subject, "-validity", DAYS));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    for (String extension : extensions) {
      command.addAll(
          extension.equals("-signer")
              ? List.of("-signer", "authority")
              : List.of("-ext", extension));
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("tried to make a certificate, but keytool said " + said.strip());
    }
  }

  private static void put(Path store, Pair authority) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    Certificate own =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(authority.certificate()));
    keys.setKeyEntry("authority", key(authority), PASSWORD.toCharArray(), new Certificate[] {own});
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, PASSWORD.toCharArray());
    }
  }

  private static Key key(Pair pair) throws IOException {
    try {
      return DERPrivateKeyLoader.load(
          PEMDecoder.decode(new String(pair.key(), StandardCharsets.US_ASCII).strip()));
    } catch (PEMLoadingException e) {
      throw new IOException("tried to use the authority's key, but it is no PEM", e);
    }
  }

  private static Pair read(Path store, String alias) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return new Pair(
        pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()),
        pem("PRIVATE KEY", keys.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
  }

  private static byte[] pem(String what, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, base64, what)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
