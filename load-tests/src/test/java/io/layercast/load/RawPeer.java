package io.layercast.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer that knows an info-hash, says hello, wants everything and notes what it is given: once as
 * a stranger, who offers a wrong proof where he may, and once as one who has the secret.
 */
final class RawPeer {
  private static final int QUIET_MILLIS = 1_500;
  private static final int BLOCK_BYTES = 16 * 1024;

  private RawPeer() {}

  /**
   * @param sayExtension whether to speak our extension, with a proof that is wrong, or to behave as
   *     a client of other make
   * @return the types of the messages that came until the peer hung up or was silent for 1.5 s
   */
  static List<Integer> ask(String peerAddress, byte[] infoHash, boolean sayExtension)
      throws IOException {
    List<Integer> types = new ArrayList<>();
    try (PeerWire wire = PeerWire.dial(peerAddress)) {
      wire.patience(QUIET_MILLIS);
      wire.handshake(infoHash, sayExtension);
      if (sayExtension) {
        wire.extension();
        wire.readHandshake();
        PeerWire.Theirs theirs = wire.readExtension();
        types.add(PeerWire.EXTENDED);
        wire.extended(theirs.proofId(), new byte[32]);
      } else {
        wire.readHandshake();
      }
      wire.send(PeerWire.INTERESTED);
      wire.request(0, 0, BLOCK_BYTES);
      while (true) {
        types.add(wire.read().type());
      }
    } catch (EOFException | SocketException | SocketTimeoutException e) {
      return types; // hung up, or has nothing more to say
    }
  }

  /** The types of the first messages to one with the right proof, up to a block of piece 0. */
  static List<Integer> askProven(String peerAddress, Ticket ticket) throws IOException {
    List<Integer> types = new ArrayList<>();
    try (PeerWire wire = PeerWire.dialProven(peerAddress, ticket)) {
      wire.send(PeerWire.INTERESTED);
      while (!types.contains(PeerWire.UNCHOKE)) {
        types.add(wire.read().type());
      }
      wire.request(0, 0, BLOCK_BYTES);
      while (!types.contains(PeerWire.PIECE)) {
        types.add(wire.read().type());
      }
    }
    return types;
  }
}
