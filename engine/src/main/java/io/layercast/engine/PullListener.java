package io.layercast.engine;

/** Told of an agent's downloads, on any thread; must not block. */
public interface PullListener {
  /** One has begun; it is {@link #over} some time. */
  void began();

  /** How one went; one that was stuck may be told of again. */
  void reported(PullReport report);

  /** One is at its end. */
  void over();

  /** A caller was not let in: the origin said no. */
  void refused();

  /** A caller could not be told anything: no proxy or no origin answered. */
  void unavailable();
}
