package io.layercast.swarm;

import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** TLS between peers: what a connection of either kind begins with. Thread-safe. */
public interface PeerTls {
  /** For a connection to {@code peer} that we begin. */
  SSLEngine dialling(InetSocketAddress peer);

  /** For a connection that somebody else began, and who has to show a certificate. */
  SSLEngine accepting();

  /**
   * Looks at whom the other side has shown itself to be, when hands are shaken.
   *
   * @throws SSLException when it is nobody of ours
   */
  void check(SSLSession session) throws SSLException;
}
