package io.layercast.registry;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Says why a host could not be reached in words that an operator can act on. */
final class ConnectFailure {
  private ConnectFailure() {}

  /** What failed below {@code failure}, or its own words. */
  static String describe(Throwable failure) {
    if (in(failure, CertPathBuilderException.class).isPresent()) {
      return "its certificate is signed by no authority that is trusted here (--origin-ca names"
          + " one's file)";
    }
    Optional<CertificateExpiredException> expired = in(failure, CertificateExpiredException.class);
    if (expired.isPresent()) {
      return "its certificate has expired: " + expired.get().getMessage();
    }
    Optional<CertificateException> certificate = in(failure, CertificateException.class);
    if (certificate.isPresent()) {
      return "its certificate is not one for it: " + certificate.get().getMessage();
    }
    if (in(failure, UnknownHostException.class).isPresent()) {
      return "its name is unknown";
    }
    if (in(failure, ConnectException.class).isPresent()) {
      return "the connection was refused";
    }
    Optional<SSLException> tls = in(failure, SSLException.class);
    if (tls.isPresent()) {
      return "TLS failed: " + tls.get().getMessage();
    }
    return HttpCaller.cause(failure);
  }

  private static <T extends Throwable> Optional<T> in(Throwable failure, Class<T> type) {
    int depth = 0;
    for (Throwable cause = failure; cause != null && depth < 20; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
      depth++;
    }
    return Optional.empty();
  }
}
