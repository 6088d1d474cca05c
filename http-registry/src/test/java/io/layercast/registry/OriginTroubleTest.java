package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class OriginTroubleTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  @Test
  void note_saysTheSameOnceAMinuteAndAnythingElseAtOnce() {
    OriginTrouble trouble = new OriginTrouble();

    assertThat(trouble.isNews("a:443", "refused", 5)).isTrue();
    assertThat(trouble.isNews("a:443", "refused", 4 + MINUTE)).isFalse();
    assertThat(trouble.isNews("b:443", "refused", 6)).isTrue();
    assertThat(trouble.isNews("a:443", "expired", 7)).isTrue();
    assertThat(trouble.isNews("a:443", "refused", 8)).isTrue();
    assertThat(trouble.isNews("a:443", "refused", 8 + MINUTE)).isTrue();
  }

  @Test
  void describe_findsWhatFailedBelowTheWrapping() {
    assertThat(described(new CertPathBuilderException("unable to find"))).contains("no authority");
    assertThat(described(new CertificateExpiredException("NotAfter: then")))
        .contains("expired")
        .contains("NotAfter: then");
    assertThat(described(new CertificateException("No name matching r.example found")))
        .contains("not one for it")
        .contains("r.example");
    assertThat(described(new UnknownHostException("x"))).isEqualTo("its name is unknown");
    assertThat(described(new ConnectException("x"))).isEqualTo("the connection was refused");
    assertThat(ConnectFailure.describe(new CompletionException(new SSLHandshakeException("alert"))))
        .isEqualTo("TLS failed: alert");
    assertThat(ConnectFailure.describe(new CompletionException(new IllegalStateException("odd"))))
        .isEqualTo("odd");
  }

  private static String described(Exception cause) {
    SSLHandshakeException handshake = new SSLHandshakeException("(certificate_unknown)");
    handshake.initCause(cause);
    return ConnectFailure.describe(new CompletionException(handshake));
  }
}
