package io.layercast.tracker;

import akka.actor.typed.ActorSystem;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmKeys;
import java.util.Optional;

/** Stub. */
public abstract class TrackerClient implements PeerDirectory {
  TrackerClient() {}

  public static TrackerClient create(
      ActorSystem<?> system,
      TrackerClientSettings settings,
      PeerIdentity self,
      Optional<SwarmKeys> keys) {
    throw new UnsupportedOperationException("" + system + settings + self + keys);
  }
}
