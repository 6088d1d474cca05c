package io.layercast.bootstrap.node;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A role that runs: where it listens, and its end. */
public interface RunningNode {
  /** Why it has ended. */
  enum End {
    /** It was told to. */
    STOPPED,
    /** It has to leave its cluster and join again as a new member: start it anew. */
    REJOIN
  }

  /** Bound addresses by what they are for, in the order people want to read them. */
  Map<String, String> addresses();

  /** Ends it in order: no new work, what runs is finished or broken off within bounds. */
  void stop();

  /** Completes when it has ended, however that came. */
  CompletionStage<End> whenEnded();
}
