package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.typesafe.config.ConfigFactory;
import io.layercast.registry.ProxyTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Job makes is what proxies show and agents trust, by one name and one authority. */
class MadeCertificatesTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "made-certificates",
          ConfigFactory.parseString("akka.logger-startup-timeout = 60s")
              .withFallback(ConfigFactory.load()));

  @TempDir static Path folder;
  private static String url = "";
  private static byte[] otherKey = {};

  @BeforeAll
  static void serve() throws Exception {
    Keytool.Pair authority = Keytool.authority();
    Keytool.Pair own = Keytool.issue(authority, List.of("p2p-proxy", "p2p-tracker"));
    Files.write(folder.resolve("tls.crt"), own.certificate());
    Files.write(folder.resolve("tls.key"), own.key());
    Files.write(folder.resolve("ca.crt"), authority.certificate());
    Keytool.Pair other = Keytool.authority();
    Files.write(folder.resolve("other.crt"), other.certificate());
    otherKey = other.key();
    ServerBinding binding =
        Http.get(KIT.system())
            .newServerAt("127.0.0.1", 0)
            .enableHttps(ProxyTls.server(KIT.system(), folder))
            .bindSync(_ -> HttpResponse.create())
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    url = "https://127.0.0.1:" + binding.localAddress().getPort();
  }

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  @Test
  void client_reachesTheServerByItsNameAtAnyAddress() throws Exception {
    assertThat(statusFor("ca.crt", "p2p-proxy")).isEqualTo(200);
  }

  @Test
  void client_refusesAnotherName() {
    assertThatThrownBy(() -> statusFor("ca.crt", "p2p-other"))
        .hasRootCauseInstanceOf(java.security.cert.CertificateException.class);
  }

  @Test
  void client_refusesAnotherAuthority() {
    assertThatThrownBy(() -> statusFor("other.crt", "p2p-proxy"))
        .hasCauseInstanceOf(SSLException.class);
  }

  @Test
  void server_refusesAKeyThatIsNotItsCertificates(@TempDir Path mixed) throws Exception {
    Files.copy(folder.resolve("tls.crt"), mixed.resolve("tls.crt"));
    Files.write(mixed.resolve("tls.key"), otherKey);

    assertThatThrownBy(() -> ProxyTls.server(KIT.system(), mixed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not that of the certificate");
  }

  /** As a file that is being written, or another's. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE"})
  void server_refusesAKeyThatIsCut(String label, @TempDir Path cut) throws Exception {
    Files.copy(folder.resolve("tls.crt"), cut.resolve("tls.crt"));
    Files.writeString(
        cut.resolve("tls.key"),
        "-----BEGIN %s-----\nAQID\n-----END %s-----\n".formatted(label, label));

    assertThatThrownBy(() -> ProxyTls.server(KIT.system(), cut))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tls.key");
  }

  private static int statusFor(String authority, String name) throws Exception {
    return Http.get(KIT.system())
        .singleRequest(
            HttpRequest.GET(url), ProxyTls.client(KIT.system(), folder.resolve(authority), name))
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS)
        .status()
        .intValue();
  }
}
