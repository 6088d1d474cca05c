package io.layercast.swarm;

/** How a fetch of a piece from a peer ended. */
public enum Outcome {
  STORED,
  /** It was here already. */
  DUPLICATE,
  /** Somebody else's copy is just being written. */
  OVERTAKEN,
  WRONG_HASH,
  /** The disk is full or broken; nobody's fault on the wire. */
  NOT_STORED,
  /** The peer would not send it. */
  REFUSED,
  /** The peer sent nothing in time. */
  STALLED
}
