package io.layercast.bootstrap.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/** Which loopback addresses this machine has. */
final class Loopback {
  private Loopback() {}

  /** Whether the machine has {@code address} on an interface; false without IPv6 for ::1. */
  static boolean has(InetAddress address) throws IOException {
    return NetworkInterface.getByInetAddress(address) != null;
  }
}
