package io.layercast.bootstrap;

import java.security.Security;

/**
 * How long the JVM takes a look-up of a name for the next one. By default 30 s, and 10 s where
 * there was no address: who looks again because a connection failed would hear of the pod that is
 * gone. The negative one can be set by no option, as the JDK's {@code java.security} has it.
 */
final class NameCache {
  private static final String SECONDS = "3";
  private static final String SECONDS_WITHOUT_ADDRESS = "1";

  private NameCache() {}

  /** Holds for the whole process when it comes before the first look-up. */
  static void keepShortly() {
    Security.setProperty("networkaddress.cache.ttl", SECONDS);
    Security.setProperty("networkaddress.cache.negative.ttl", SECONDS_WITHOUT_ADDRESS);
  }
}
