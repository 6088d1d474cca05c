package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.remote.artery.tcp.SSLEngineProvider;
import akka.remote.artery.tcp.ssl.PeerSubjectVerifier;
import io.layercast.engine.WatchedFiles;
import io.layercast.registry.PemTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import scala.Option;

/**
 * TLS between members. Both sides show a certificate of any authority in {@code ca.crt}, and the
 * two have a name in common. Akka's own provider trusts the first authority of the file only, so
 * that a new one would cut members of before from members of after, and looks every 5 minutes; this
 * one looks when a connection is made, once a second at most. Loaded by Akka by its name.
 */
final class MemberTls implements SSLEngineProvider {
  /** The folder with tls.crt, tls.key and ca.crt. */
  static final String FOLDER = "layercast.bootstrap.cluster.tls-folder";

  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private record Shown(SSLContext context, PeerSubjectVerifier verifier) {}

  private final WatchedFiles<Shown> files;
  private long lookedNanos = System.nanoTime();

  MemberTls(ActorSystem system) {
    this(Path.of(system.settings().config().getString(FOLDER)));
  }

  MemberTls(Path folder) {
    try {
      this.files =
          WatchedFiles.open(
              List.of(
                  folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("ca.crt")),
              Set.of(),
              MemberTls::shown);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Shown shown(List<byte[]> contents) {
    byte[] chain = contents.get(0);
    return new Shown(
        PemTls.peer(chain, contents.get(1), contents.get(2)),
        new PeerSubjectVerifier(PemTls.own(chain)));
  }

  private synchronized Shown now() {
    if (System.nanoTime() - lookedNanos > LOOK_NANOS) {
      files.run();
      lookedNanos = System.nanoTime();
    }
    return files.get();
  }

  @Override
  public SSLEngine createServerSSLEngine(String host, int port) {
    SSLEngine engine = engine(host, port);
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return engine;
  }

  @Override
  public SSLEngine createClientSSLEngine(String host, int port) {
    SSLEngine engine = engine(host, port);
    engine.setUseClientMode(true);
    return engine;
  }

  private SSLEngine engine(String host, int port) {
    SSLEngine engine = now().context().createSSLEngine(host, port);
    engine.setEnabledProtocols(PROTOCOLS);
    return engine;
  }

  @Override
  public Option<Throwable> verifyClientSession(String host, SSLSession session) {
    return files.get().verifier().verifyClientSession(host, session);
  }

  @Override
  public Option<Throwable> verifyServerSession(String host, SSLSession session) {
    return files.get().verifier().verifyServerSession(host, session);
  }
}
