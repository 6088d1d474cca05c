package io.layercast.swarm;

import akka.util.ByteString;
import io.layercast.engine.SwarmId;
import io.layercast.swarm.wire.ExtensionHandshake;
import io.layercast.swarm.wire.Handshake;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerId;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.SwarmProof;
import io.layercast.swarm.wire.SwarmProof.Role;
import io.layercast.swarm.wire.WireException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a connection, up to the proof (docs/adr/0005-peer-wire.md); no byte about the
 * blob passes before {@link #isDone}. Pure: takes what came in, gives what to send.
 */
final class Greeting {
  /** Each is remembered: whatever a peer says to take, it is asked for no more at a time. */
  private static final int MOST_REQUESTS = 2_048;

  /**
   * What this node says of itself.
   *
   * @param nonce new for this connection
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Self(PeerId peerId, int listenPort, int blockBytes, int requestQueue, byte[] nonce) {}

  private final Self self;
  private final Role role;

  /** Where the dialler may have dialled; one where we are the dialler. */
  private final List<InetSocketAddress> dialled;

  private @Nullable Swarm swarm;
  private boolean viaAlias;
  private @Nullable SwarmId infoHash;
  private @Nullable Handshake theirs;
  private ExtensionHandshake.@Nullable Ours lc;
  private OptionalInt listenPort = OptionalInt.empty();
  private int requestQueue;
  private boolean done;

  private Greeting(Self self, Role role, List<InetSocketAddress> dialled) {
    this.self = self;
    this.role = role;
    this.dialled = dialled;
    this.requestQueue = self.requestQueue;
  }

  static Greeting dialler(Self self, InetSocketAddress dialled) {
    return new Greeting(self, Role.DIALLER, List.of(dialled));
  }

  /**
   * @param reachedAt the socket's own address and the advertised one
   */
  static Greeting accepter(Self self, List<InetSocketAddress> reachedAt) {
    return new Greeting(self, Role.ACCEPTER, reachedAt);
  }

  /** The swarm is known: gives our handshake. On an alias nothing more is asked of the peer. */
  ByteString enter(Swarm entered, Optional<SwarmId> alias) throws WireException {
    swarm = entered;
    viaAlias = alias.isPresent();
    SwarmId greeted = alias.orElse(entered.id());
    infoHash = greeted;
    ByteString hello = Handshake.ours(greeted, self.peerId).encode();
    if (theirs != null) {
      if (!viaAlias && !theirs.extended()) {
        throw new WireException("no extensions, so no proof");
      }
      done = viaAlias;
      return theirs.extended() ? hello.concat(extension()) : hello;
    }
    // A dialler does not know yet whether a foreign client speaks BEP 10.
    return viaAlias ? hello : hello.concat(extension());
  }

  /** Takes the peer's handshake; gives what to send on it. */
  ByteString onHandshake(Handshake handshake) throws WireException {
    theirs = handshake;
    if (handshake.peerId().equals(self.peerId)) {
      throw new WireException("connected to itself");
    }
    if (role == Role.ACCEPTER) {
      return ByteString.emptyByteString();
    }
    if (!Objects.requireNonNull(infoHash).equals(handshake.infoHash())) {
      throw new WireException("another info hash in the answer");
    }
    if (!viaAlias && !handshake.extended()) {
      throw new WireException("no extensions, so no proof");
    }
    done = viaAlias;
    return viaAlias && handshake.extended() ? extension() : ByteString.emptyByteString();
  }

  /** Takes a frame before {@link #isDone}; gives what to send on it. */
  ByteString onFrame(Incoming frame) throws WireException {
    if (frame == PeerMessage.KeepAlive.KEEP_ALIVE) {
      return ByteString.emptyByteString();
    }
    if (frame instanceof PeerMessage.Extended(int id, byte[] payload)) {
      if (id == 0 && lc == null) {
        return onExtension(payload);
      }
      if (id == ExtensionHandshake.PROOF_ID && lc != null) {
        return onProof(payload);
      }
    }
    throw new WireException("spoke before its proof");
  }

  private ByteString onExtension(byte[] payload) throws WireException {
    ExtensionHandshake extension = ExtensionHandshake.decode(payload);
    lc = extension.ours().orElseThrow(() -> new WireException("no lc, so no proof"));
    learn(extension);
    return role == Role.DIALLER ? proof(Role.DIALLER, dialled.getFirst()) : nothing();
  }

  /** Takes from an extension handshake what holds for the whole connection (BEP 10). */
  void learn(ExtensionHandshake extension) {
    extension.listenPort().ifPresent(port -> listenPort = OptionalInt.of(port));
    extension.requestQueue().ifPresent(queue -> requestQueue = Math.min(queue, MOST_REQUESTS));
  }

  private ByteString onProof(byte[] proof) throws WireException {
    Role other = role == Role.DIALLER ? Role.ACCEPTER : Role.DIALLER;
    for (InetSocketAddress address : dialled) {
      if (SwarmProof.matches(expected(other, address), proof)) {
        done = true;
        return role == Role.ACCEPTER ? proof(Role.ACCEPTER, address) : nothing();
      }
    }
    throw new WireException("a wrong proof");
  }

  private ByteString proof(Role speaker, InetSocketAddress address) {
    byte[] proof = expected(speaker, address);
    return PeerMessage.encode(
        new PeerMessage.Extended(Objects.requireNonNull(lc).proofId(), proof));
  }

  private byte[] expected(Role speaker, InetSocketAddress address) {
    Swarm entered = swarm();
    byte[] theirNonce = Objects.requireNonNull(lc).nonce();
    boolean weDialled = role == Role.DIALLER;
    return SwarmProof.of(
        entered.ticket().secret(),
        speaker,
        entered.id(),
        weDialled ? self.nonce : theirNonce,
        weDialled ? theirNonce : self.nonce,
        address);
  }

  private ByteString extension() {
    Optional<ExtensionHandshake.Ours> ours =
        viaAlias
            ? Optional.empty()
            : Optional.of(
                new ExtensionHandshake.Ours(
                    ExtensionHandshake.PROOF_ID, self.nonce, self.blockBytes));
    ExtensionHandshake extension =
        new ExtensionHandshake(
            "Layercast 0.1",
            OptionalInt.of(self.listenPort),
            OptionalInt.of(self.requestQueue),
            ours);
    return PeerMessage.encode(new PeerMessage.Extended(0, extension.encode()));
  }

  private static ByteString nothing() {
    return ByteString.emptyByteString();
  }

  /** Whether the peer belongs to the swarm. */
  boolean isDone() {
    return done;
  }

  /** Known after {@link #enter}. */
  Swarm swarm() {
    return Objects.requireNonNull(swarm, "no swarm entered yet");
  }

  boolean isViaAlias() {
    return viaAlias;
  }

  boolean isFast() {
    return theirs != null && theirs.fast();
  }

  /** The largest block to ask for, and to serve without complaint. */
  int blockBytes() {
    return lc == null
        ? RequestPipeline.STANDARD_BLOCK_BYTES
        : Math.min(lc.blockBytes(), self.blockBytes);
  }

  /** How many requests the peer takes at a time. */
  int requestQueue() {
    return requestQueue;
  }

  /**
   * @param socketAddress the other end of the TCP connection
   */
  Remote remote(InetSocketAddress socketAddress) {
    boolean weDialled = role == Role.DIALLER;
    InetSocketAddress address =
        weDialled || listenPort.isEmpty()
            ? socketAddress
            : new InetSocketAddress(socketAddress.getAddress(), listenPort.getAsInt());
    return new Remote(Objects.requireNonNull(theirs).peerId(), address, weDialled, viaAlias);
  }
}
