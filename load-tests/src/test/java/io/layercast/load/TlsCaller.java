package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Somebody who speaks TLS with a proxy: an agent, a member, or a stranger. */
final class TlsCaller {
  private TlsCaller() {}

  /** Trusts whomever it calls, and notes the serial numbers of what it is shown. */
  static final class AnyServer implements X509TrustManager {
    private final List<String> shown = new ArrayList<>();

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      shown.add(chain[0].getSerialNumber().toString());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new IllegalStateException("not a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Trusts this authority and nobody else. */
  static SSLContext trusting(Path certificate) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate))));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  static SSLSocket connect(SSLContext context, String host, int port) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
    socket.connect(new InetSocketAddress(host, port), 5_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** The serial number of what a proxy shows members; it refuses us after that. */
  static List<String> shownToMembers(String host) throws Exception {
    AnyServer reader = new AnyServer();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {reader}, null);
    try (SSLSocket socket = connect(context, host, 2551)) {
      assertThatThrownBy(() -> handshake(socket)).isInstanceOf(IOException.class);
    }
    return reader.shown;
  }

  /** In TLS 1.3 a client learns with its first read only what became of its own certificate. */
  static void handshake(SSLSocket socket) throws IOException {
    socket.startHandshake();
    var _ = socket.getInputStream().read();
  }

  /** Whether the other side waits for what comes after a handshake. */
  static boolean isLetIn(SSLSocket socket) throws IOException {
    try {
      handshake(socket);
      return false; // an end, as no member makes one
    } catch (SocketTimeoutException _) {
      return true;
    } catch (SSLException | SocketException _) {
      return false;
    }
  }

  static String serialOf(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSerialNumber()
        .toString();
  }

  /** The head of an answer; its body is read away. */
  static String ask(Socket socket, String header) throws IOException {
    socket.getOutputStream().write(request(header));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the proxy closed the connection after " + head);
      }
      head.append((char) next);
    }
    String length = head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1");
    in.skipNBytes(Integer.parseInt(length));
    return head.toString();
  }

  static byte[] request(String header) {
    return "GET /v2/ HTTP/1.1\r\nHost: p2p-proxy\r\n%s\r\n"
        .formatted(header)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
