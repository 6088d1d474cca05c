package io.layercast.load;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The simulations and what each is by default, sized for two cores.
 *
 * <p>The bound of the main request's 95th percentile is {@code factor} times what the origin itself
 * needs in the same run, plus {@code slackMillis}: two more processes stand in the way, on the same
 * two cores as origin and clients, and a timer's tick is 10 ms.
 *
 * @see LoadSimulation
 */
enum LoadKind {
  IMAGE_PULL(ImagePull.class, ImagePull.MAIN_REQUEST, 90, 30, 4, 150, 3, 2_000_000),
  MANIFEST_STORM(ManifestStorm.class, ManifestStorm.MAIN_REQUEST, 600, 30, 4, 150, 1, 1_000),
  SMALL_BLOBS(SmallBlobs.class, SmallBlobs.MAIN_REQUEST, 100, 20, 4, 100, 20, 20_000),
  RANGE_READS(RangeReads.class, RangeReads.MAIN_REQUEST, 100, 20, 4, 100, 1, 8_000_000),
  ANNOUNCE(Announce.class, Announce.MAIN_REQUEST, 8_000, 20, 0, 100, 0, 0),
  SOAK(Soak.class, Soak.MAIN_REQUEST, 7_200, 3_600, 4, 250, 24, 1_000_000);

  private final Class<? extends LoadSimulation> simulation;
  private final String mainRequest;
  private final int users;
  private final int seconds;
  private final double factor;
  private final int slackMillis;
  private final int layers;
  private final long bytesOfLayer;

  LoadKind(
      Class<? extends LoadSimulation> simulation,
      String mainRequest,
      int users,
      int seconds,
      double factor,
      int slackMillis,
      int layers,
      long bytesOfLayer) {
    this.simulation = simulation;
    this.mainRequest = mainRequest;
    this.users = users;
    this.seconds = seconds;
    this.factor = factor;
    this.slackMillis = slackMillis;
    this.layers = layers;
    this.bytesOfLayer = bytesOfLayer;
  }

  /** As {@code ./layercast load} calls it: {@code image-pull}, and {@code ImagePull} too. */
  static LoadKind named(String name) {
    return Stream.of(values())
        .filter(kind ->
            kind.title().equals(name.toLowerCase(Locale.ROOT))
                || kind.simulation.getSimpleName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                name + " is none of " + Stream.of(values()).map(LoadKind::title).toList()));
  }

  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String className() {
    return simulation.getName();
  }

  String mainRequest() {
    return mainRequest;
  }

  /** How many come within {@code duration} seconds: a soak is shorter or longer, not denser. */
  int users(int duration) {
    return this == SOAK ? Math.max(1, users * duration / seconds) : users;
  }

  int seconds() {
    return seconds;
  }

  /** Of the image that is pulled; empty when none is. */
  List<Long> layerBytes() {
    return Collections.nCopies(layers, bytesOfLayer);
  }

  /** How much of the image one client pulls. */
  long bytesPerUser() {
    return switch (this) {
      case MANIFEST_STORM, ANNOUNCE -> 1_000;
      case SOAK -> bytesOfLayer;
      case RANGE_READS -> 21L * 64 * 1024;
      case IMAGE_PULL, SMALL_BLOBS -> layers * bytesOfLayer;
    };
  }

  /** What the 95th percentile may be when the origin's own is {@code directMillis}. */
  int p95MaxMillis(int directMillis) {
    return (int) Math.ceil(factor * directMillis) + slackMillis;
  }

  String boundText() {
    return factor == 0
        ? slackMillis + " ms"
        : String.format(Locale.ROOT, "%.0f x direct + %d ms", factor, slackMillis);
  }
}
