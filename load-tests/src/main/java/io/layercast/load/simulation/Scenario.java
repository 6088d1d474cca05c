package io.layercast.load.simulation;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A fleet and what it pulls. Rates are bytes a second, times nanoseconds.
 *
 * @param layerBytes of the one image each node pulls, or of each image
 * @param parallelLayers how many layers of an image a node pulls at once
 * @param images node {@code i} pulls image {@code i % images}
 * @param cold present when no proxy holds anything yet
 * @param kill present when a proxy is killed while it fetches from the origin
 * @param joinNanos over which the nodes begin, evenly
 * @param extraNanos on top of the ideal and of each pull: the image's metadata
 * @param hurt what part of the nodes is ill
 * @param lines what must not be exceeded
 */
record Scenario(
    String name,
    String summary,
    int nodes,
    List<Long> layerBytes,
    int parallelLayers,
    int images,
    Rates rates,
    int proxies,
    Optional<Cold> cold,
    Optional<Kill> kill,
    long joinNanos,
    long extraNanos,
    Hurt hurt,
    Lines lines) {

  /** Of a node, down and up, and of a proxy's upload; and the round trip between any two. */
  record Rates(long down, long up, long proxy, long roundTripNanos) {}

  /** An origin and how long it takes to the first byte. */
  record Cold(long originRate, long firstByteNanos) {}

  /**
   * The proxy that fetches the first layer is killed.
   *
   * @param share what part of the image has left the origin then, 0 to 1
   * @param handOverNanos until the others are sure of it and one of them stands in
   */
  record Kill(double share, long handOverNanos) {}

  /** Parts of the nodes, 0 to 1. */
  record Hurt(double dying, double slow, double lying) {
    static final Hurt NONE = new Hurt(0, 0, 0);
  }

  /**
   * Upper bounds; 0 = reported only.
   *
   * @param pauseSeconds for which a healthy node that pulls gets no byte
   */
  record Lines(double p50, double p99, double p999, double pauseSeconds) {
    static final Lines NONE = new Lines(0, 0, 0, 0);

    Lines(double p50, double p99, double p999) {
      this(p50, p99, p999, 0);
    }
  }

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final long MB = 1_000_000L;
  private static final long GB = 1_000 * MB;
  private static final int CONTAINERD_LAYERS = 3;

  /** As the fault tests measure it. */
  private static final long HAND_OVER = 15 * SECOND;

  private static final Scenario HEADLINE =
      new Scenario(
          "headline",
          "1,000 nodes, 3 GB in 2 layers, 100 MB/s, 5 warm proxies",
          1_000,
          List.of(3 * GB / 2, 3 * GB / 2),
          CONTAINERD_LAYERS,
          1,
          new Rates(100 * MB, 100 * MB, 1_500 * MB, MILLI),
          5,
          Optional.empty(),
          Optional.empty(),
          0,
          0,
          Hurt.NONE,
          new Lines(1.03, 1.10, 1.15));

  /** All that can be run by name. */
  static final List<Scenario> ALL =
      List.of(
          HEADLINE,
          HEADLINE.but(its -> {
            its.name = "one-proxy";
            its.summary = "headline with 1 proxy";
            its.proxies = 1;
            its.lines = new Lines(1.05, 1.12, 1.20);
          }),
          HEADLINE.but(its -> {
            its.name = "cold";
            its.summary = "headline cold, origin 1 GB/s, first byte after 50 ms";
            its.cold = Optional.of(new Cold(GB, 50 * MILLI));
            its.lines = new Lines(1.05, 1.12, 1.20);
          }),
          HEADLINE.but(its -> {
            its.name = "cloud-disk";
            its.summary = "1,000 nodes, 20 MB/s, 1 GB in 1 layer, 5 proxies";
            its.rates = new Rates(20 * MB, 20 * MB, 1_500 * MB, MILLI);
            its.layerBytes = List.of(GB);
            its.lines = new Lines(1.03, 1.08, 1.10);
          }),
          HEADLINE.but(its -> {
            its.name = "kraken";
            its.summary = "2,600 nodes, 3 GB in 2 layers, 300 MB/s, 5 seeds of 1.5 GB/s";
            its.nodes = 2_600;
            its.rates = new Rates(300 * MB, 300 * MB, 1_500 * MB, MILLI);
            its.lines = new Lines(1.05, 1.15, 1.25);
          }),
          HEADLINE.but(its -> {
            its.name = "ten-thousand";
            its.summary = "10,000 nodes, 3 GB in 2 layers, 100 MB/s, 10 proxies";
            its.nodes = 10_000;
            its.proxies = 10;
            its.lines = new Lines(1.05, 1.15, 1.25);
          }),
          HEADLINE.but(its -> {
            its.name = "thin-upload";
            its.summary = "headline with uploads at 25 MB/s";
            its.rates = new Rates(100 * MB, 25 * MB, 1_500 * MB, MILLI);
            its.lines = new Lines(1.08, 1.15, 1.20);
          }),
          HEADLINE.but(its -> {
            its.name = "small-layers";
            its.summary =
                "1,000 nodes, 30 layers of 3 MiB, 3 at a time, 100 MB/s, 5 proxies, 50 ms metadata";
            its.layerBytes = Collections.nCopies(30, 3L << 20);
            its.extraNanos = 50 * MILLI;
            its.lines = new Lines(1.3, 1.6, 0);
          }),
          HEADLINE.but(its -> {
            its.name = "hurt";
            its.summary =
                "headline; 2 % die, 5 % at a tenth of the rate, 1 % lie; ratios of the healthy";
            its.hurt = new Hurt(0.02, 0.05, 0.01);
            its.lines = new Lines(1.08, 1.20, 0);
          }),
          HEADLINE.but(its -> {
            its.name = "rolling";
            its.summary = "1,000 nodes joining over 5 minutes";
            its.joinNanos = 300 * SECOND;
            its.lines = new Lines(0, 0, 0, 2);
          }),
          HEADLINE.but(its -> {
            its.name = "many";
            its.summary = "50 images at once, 20 nodes each";
            its.images = 50;
            its.lines = Lines.NONE;
          }),
          HEADLINE.but(its -> {
            its.name = "sixty";
            its.summary =
                "60 nodes, 128 MiB in 1 layer, 1.5 MB/s, a warm proxy of 7.5 MB/s: bench fleet";
            its.nodes = 60;
            its.layerBytes = List.of(128L << 20);
            its.rates = new Rates(3 * MB / 2, 3 * MB / 2, 15 * MB / 2, MILLI);
            its.proxies = 1;
            its.lines = Lines.NONE;
          }),
          HEADLINE.but(its -> {
            its.name = "sixty-cold";
            its.summary =
                "60 nodes, 3 layers of 16 MiB, 300 kB/s, 2 proxies of 1.5 MB/s, origin 500 kB/s: load fleet";
            its.nodes = 60;
            its.layerBytes = Collections.nCopies(3, 16L << 20);
            its.rates = new Rates(3 * MB / 10, 3 * MB / 10, 3 * MB / 2, MILLI);
            its.proxies = 2;
            its.cold = Optional.of(new Cold(MB / 2, 10 * MILLI));
            its.lines = Lines.NONE;
          }),
          HEADLINE.but(its -> {
            its.name = "cold-killed";
            its.summary =
                "cold; a proxy is killed when half has left the origin, another stands in after 15 s";
            its.cold = Optional.of(new Cold(GB, 50 * MILLI));
            its.kill = Optional.of(new Kill(0.5, HAND_OVER));
            its.lines = Lines.NONE;
          }),
          HEADLINE.but(its -> {
            its.name = "sixty-killed";
            its.summary =
                "60 nodes, 3 layers of 16 MiB, 300 kB/s, 2 proxies of 1.5 MB/s, origin 500 kB/s, a proxy"
                    + " killed at half: load fleet";
            its.nodes = 60;
            its.layerBytes = Collections.nCopies(3, 16L << 20);
            its.rates = new Rates(3 * MB / 10, 3 * MB / 10, 3 * MB / 2, MILLI);
            its.proxies = 2;
            its.cold = Optional.of(new Cold(MB / 2, 10 * MILLI));
            its.kill = Optional.of(new Kill(0.5, HAND_OVER));
            its.lines = Lines.NONE;
          }));

  /** A scenario in the making. */
  static final class Draft {
    String name;
    String summary;
    int nodes;
    List<Long> layerBytes;
    int parallelLayers;
    int images;
    Rates rates;
    int proxies;
    Optional<Cold> cold;
    Optional<Kill> kill;
    long joinNanos;
    long extraNanos;
    Hurt hurt;
    Lines lines;

    private Draft(Scenario from) {
      name = from.name;
      summary = from.summary;
      nodes = from.nodes;
      layerBytes = from.layerBytes;
      parallelLayers = from.parallelLayers;
      images = from.images;
      rates = from.rates;
      proxies = from.proxies;
      cold = from.cold;
      kill = from.kill;
      joinNanos = from.joinNanos;
      extraNanos = from.extraNanos;
      hurt = from.hurt;
      lines = from.lines;
    }
  }

  /** This one with changes. */
  Scenario but(Consumer<Draft> changes) {
    Draft its = new Draft(this);
    changes.accept(its);
    return new Scenario(
        its.name,
        its.summary,
        its.nodes,
        its.layerBytes,
        its.parallelLayers,
        its.images,
        its.rates,
        its.proxies,
        its.cold,
        its.kill,
        its.joinNanos,
        its.extraNanos,
        its.hurt,
        its.lines);
  }

  long imageBytes() {
    return layerBytes.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The least time in which every node can have its image: what one node's download, all uploads
   * together, the seeds' one copy of every image, and the origin's need; the slowest of them.
   */
  double idealSeconds() {
    double image = imageBytes();
    double seeds = (double) proxies * rates.proxy;
    double uploads = (double) nodes * rates.up + seeds;
    double ideal = Math.max(image / rates.down, nodes * image / uploads);
    ideal = Math.max(ideal, images * image / seeds);
    if (cold.isPresent()) {
      ideal = Math.max(ideal, images * image / cold.get().originRate);
    }
    return ideal + extraNanos / (double) SECOND;
  }
}
