package io.layercast.bootstrap;

import io.layercast.bootstrap.node.LogSettings;

/** Tells Logback what the configuration says, before the first logger is made. */
final class Logging {
  private Logging() {}

  static void configure(LogSettings log) {
    // logback.xml reads them as ${…}.
    System.setProperty("layercast.log.level", log.level());
    System.setProperty("layercast.log.libraries", log.isTrace() ? "trace" : "warn");
    System.setProperty("layercast.log.format", log.format());
  }
}
