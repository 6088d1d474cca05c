package io.layercast.load;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stranger on a peer port, in bytes put together by hand: it knows an info-hash and nothing else.
 * It says hello, offers a wrong proof where it may, wants everything and notes what it is given.
 */
final class RawPeer {
  private static final int EXTENDED = 20;
  private static final int QUIET_MILLIS = 3_000;
  private static final Pattern PROOF_ID = Pattern.compile("8:lc_proofi(\\d+)e");

  private RawPeer() {}

  /**
   * @param sayExtension whether to speak our extension, with a proof that is wrong, or to behave as
   *     a client of other make
   * @return the message ids that came, BEP 3 and BEP 6, until the peer hung up or was silent for 3
   *     s
   */
  static List<Integer> ask(String peerAddress, byte[] infoHash, boolean sayExtension)
      throws IOException {
    var address = Workplace.socketAddress(peerAddress);
    List<Integer> ids = new ArrayList<>();
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(QUIET_MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      out.write(handshake(infoHash, sayExtension));
      out.flush();
      in.readNBytes(68);
      if (sayExtension) {
        send(
            out,
            EXTENDED,
            0,
            "d2:lcd1:bi131072e1:n32:" + "n".repeat(32) + "1:vi1ee1:md8:lc_proofi1eee");
      }
      send(out, 2); // interested
      sendRequest(out);
      while (true) {
        byte[] message = in.readNBytes(in.readInt());
        if (message.length == 0) {
          continue;
        }
        ids.add((int) message[0]);
        if (message[0] == EXTENDED && message[1] == 0 && sayExtension) {
          Matcher proof = PROOF_ID.matcher(new String(message, StandardCharsets.ISO_8859_1));
          if (proof.find()) {
            send(out, EXTENDED, Integer.parseInt(proof.group(1)), "p".repeat(32));
            sendRequest(out);
          }
        }
      }
    } catch (EOFException | SocketTimeoutException | SocketException e) {
      return ids; // hung up, or has nothing more to say
    }
  }

  private static byte[] handshake(byte[] infoHash, boolean sayExtension) {
    ByteArrayOutputStream hello = new ByteArrayOutputStream();
    hello.write(19);
    hello.writeBytes("BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
    hello.writeBytes(new byte[] {0, 0, 0, 0, 0, (byte) (sayExtension ? 0x10 : 0), 0, 0x04});
    hello.writeBytes(infoHash);
    hello.writeBytes("-XX0000-stranger0000".getBytes(StandardCharsets.US_ASCII));
    return hello.toByteArray();
  }

  private static void send(DataOutputStream out, int id) throws IOException {
    out.writeInt(1);
    out.writeByte(id);
    out.flush();
  }

  private static void send(DataOutputStream out, int id, int extension, String payload)
      throws IOException {
    byte[] bytes = payload.getBytes(StandardCharsets.ISO_8859_1);
    out.writeInt(2 + bytes.length);
    out.writeByte(id);
    out.writeByte(extension);
    out.write(bytes);
    out.flush();
  }

  private static void sendRequest(DataOutputStream out) throws IOException {
    out.writeInt(13);
    out.writeByte(6);
    out.writeInt(0);
    out.writeInt(0);
    out.writeInt(16 * 1024);
    out.flush();
  }
}
