package io.layercast.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Lines of what part of the values is no greater than x, as an SVG of its own (SVG 1.1); readable
 * on light and on dark pages.
 */
final class DistributionPlot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 320;
  private static final int LEFT = 56;
  private static final int TOP = 40;
  private static final int RIGHT = 16;
  private static final int BOTTOM = 48;
  private static final int TICKS = 6;
  private static final List<String> COLOURS = List.of("#1b6ca8", "#d1603d", "#5a8f3c");

  private final String title;
  private final String unit;
  private final List<Series> all = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Series(String name, double[] sorted) {}

  DistributionPlot(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  /**
   * @param sorted at least one value
   */
  DistributionPlot add(String name, double[] sorted) {
    all.add(new Series(name, sorted.clone()));
    return this;
  }

  String svg() {
    double most =
        all.stream().mapToDouble(series -> series.sorted[series.sorted.length - 1]).max().orElse(1);
    double step = niceStep(most / TICKS);
    double end = step * Math.ceil(most / step);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="%d" y="20" font-size="14">%s</text>
        """
            .formatted(WIDTH, HEIGHT, LEFT, escaped(title)));
    for (double x = 0; x <= end + step / 2; x += step) {
      tick(svg, px(x, end), HEIGHT - BOTTOM, px(x, end), TOP);
      text(svg, px(x, end), HEIGHT - BOTTOM + 18, "middle", label(x));
    }
    for (int percent = 0; percent <= 100; percent += 25) {
      double y = py(percent / 100.0);
      tick(svg, LEFT, y, WIDTH - RIGHT, y);
      text(svg, LEFT - 6, y + 4, "end", percent + " %");
    }
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", unit);
    for (int i = 0; i < all.size(); i++) {
      String colour = COLOURS.get(i % COLOURS.size());
      svg.append(
          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>\n"
              .formatted(colour, points(all.get(i).sorted, end)));
      svg.append(
          "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n"
              .formatted(LEFT + 10, TOP + 16 + 16 * i, colour, escaped(all.get(i).name)));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String points(double[] sorted, double end) {
    StringBuilder points = new StringBuilder(at(px(0, end), py(0)));
    for (int i = 0; i < sorted.length; i++) {
      points.append(' ').append(at(px(sorted[i], end), py((double) i / sorted.length)));
      points.append(' ').append(at(px(sorted[i], end), py((i + 1.0) / sorted.length)));
    }
    return points.append(' ').append(at(px(end, end), py(1))).toString();
  }

  private static double px(double value, double end) {
    return LEFT + value / end * (WIDTH - LEFT - RIGHT);
  }

  private static double py(double part) {
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  }

  private static String at(double x, double y) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
  }

  private static void tick(StringBuilder svg, double x1, double y1, double x2, double y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            x,
            y,
            anchor,
            escaped(text)));
  }

  private static String label(double value) {
    return value == Math.rint(value)
        ? "" + (long) value
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** 1, 2 or 5 times a power of ten, at least {@code value}. */
  private static double niceStep(double value) {
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    return Arrays.stream(new double[] {1, 2, 5, 10})
        .map(times -> times * power)
        .filter(step -> step >= value)
        .min()
        .orElse(value);
  }
}
