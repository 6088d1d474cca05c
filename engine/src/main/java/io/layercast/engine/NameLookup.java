package io.layercast.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Which addresses a host's name stands for. Thread-safe. */
@FunctionalInterface
public interface NameLookup {
  /** As the system resolves names; in a pod that is the cluster's DNS. */
  NameLookup DNS = name -> List.of(InetAddress.getAllByName(name));

  /**
   * All of them; an address stands for itself. Blocks.
   *
   * @throws UnknownHostException when none is known, saying why
   */
  List<InetAddress> addressesOf(String name) throws UnknownHostException;
}
