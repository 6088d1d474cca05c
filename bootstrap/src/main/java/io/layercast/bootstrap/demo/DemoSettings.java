package io.layercast.bootstrap.demo;

/**
 * What the demo shall do.
 *
 * @param agents how many, 1 to 64
 * @param imageBytes about how big the image is
 * @param once pull, judge and exit; otherwise stay up afterwards
 * @param json print the result as JSON instead of a table
 * @param port of the first agent's registry on localhost; 0 for any free one
 * @param downloadBytesPerSecond of each agent; 0 for unlimited
 */
public record DemoSettings(
    int agents,
    long imageBytes,
    boolean once,
    boolean json,
    int port,
    long downloadBytesPerSecond) {
  private static final int MAX_AGENTS = 64;

  public DemoSettings {
    if (agents < 1 || agents > MAX_AGENTS) {
      throw new IllegalArgumentException(
          "--agents is 1 to %d, not %d".formatted(MAX_AGENTS, agents));
    }
    if (imageBytes < DemoImage.MIN_BYTES || imageBytes > DemoImage.MAX_BYTES) {
      throw new IllegalArgumentException("--size is 1MiB to 12GiB");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("--port is 0 to 65535, not " + port);
    }
  }
}
