package io.layercast.swarm;

import io.layercast.swarm.wire.PeerMessage;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Requests that were cancelled and are not answered yet. Each is answered all the same, by its
 * block or by a REJECT (BEP 6), also when the same block has been asked for again meanwhile: the
 * first answer is that of the first. Bounded: those cancelled longest ago are forgotten. Not
 * thread-safe.
 */
final class Cancelled {
  private final Map<PeerMessage.Request, Integer> counts;

  Cancelled(int most) {
    this.counts =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<PeerMessage.Request, Integer> eldest) {
            return size() > most;
          }
        };
  }

  void add(PeerMessage.Request request) {
    counts.merge(request, 1, Integer::sum);
  }

  /** An answer to such a request came; says whether it is that of a cancelled one. */
  boolean answered(PeerMessage.Request request) {
    Integer count = counts.get(request);
    if (count == null) {
      return false;
    }
    if (count == 1) {
      counts.remove(request);
    } else {
      counts.put(request, count - 1);
    }
    return true;
  }
}
