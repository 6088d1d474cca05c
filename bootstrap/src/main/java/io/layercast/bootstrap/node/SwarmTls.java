package io.layercast.bootstrap.node;

import io.layercast.swarm.PeerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import scala.Option;

/** TLS between peers, by the rules of that between members. */
final class SwarmTls implements PeerTls {
  private final MemberTls tls;

  /**
   * @param folder with tls.crt, tls.key and ca.crt
   */
  SwarmTls(Path folder) {
    this.tls = new MemberTls(folder);
  }

  @Override
  public SSLEngine dialling(InetSocketAddress peer) {
    return tls.createClientSSLEngine(peer.getAddress().getHostAddress(), peer.getPort());
  }

  @Override
  public SSLEngine accepting() {
    return tls.createServerSSLEngine("", 0);
  }

  @Override
  public void check(SSLSession session) throws SSLException {
    Option<Throwable> wrong = tls.verifyServerSession("", session);
    if (wrong.isDefined()) {
      throw new SSLException("the peer has no name in common with us", wrong.get());
    }
  }
}
