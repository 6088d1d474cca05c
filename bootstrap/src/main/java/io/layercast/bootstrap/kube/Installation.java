package io.layercast.bootstrap.kube;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What one installation has other than the manifests in {@code k8s/}; where it is silent, they
 * stand.
 *
 * @param image of all our containers
 * @param origin scheme, host and perhaps port of the registry that is accelerated
 * @param downloadRate of an agent, as {@code downloadRate} in its ConfigMap
 * @param uploadRate likewise
 * @param proxies how many
 * @param trackers how many
 * @param nodeRanges address ranges of the nodes, in CIDR; empty for no network policies
 * @param agentsListPods whether agents find the others by the Kubernetes API instead of DNS
 * @param dataRoot the folder on the nodes above the data folders, not ending in a slash; empty for
 *     {@code /}
 * @param imagePullSecret name of the Secret that {@code image} is pulled with; empty for none
 */
public record Installation(
    String image,
    String origin,
    Optional<String> downloadRate,
    Optional<String> uploadRate,
    Optional<Integer> proxies,
    Optional<Integer> trackers,
    List<String> nodeRanges,
    boolean agentsListPods,
    Optional<String> dataRoot,
    Optional<String> imagePullSecret) {

  /** {@code [host[:port]/]path[:tag][@digest]}, as the distribution spec's reference. */
  private static final Pattern IMAGE =
      Pattern.compile(
          "(?:[A-Za-z0-9.-]+(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
              + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

  private static final Pattern OURSELVES =
      Pattern.compile("(?:localhost|127\\.[0-9.]+|\\[::1\\]):5004/.*");

  /** Folders without {@code .} and {@code ..}, and nothing that YAML or a shell has to quote. */
  private static final Pattern FOLDER = Pattern.compile("(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+");

  /** Of an object, RFC 1123. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  /** More than any cluster that one tracker's memory bounds allow for. */
  private static final int MAX_REPLICAS = 1_000;

  public Installation {
    if (OURSELVES.matcher(image).matches()) {
      throw new IllegalArgumentException(
          "--image '%s' would be pulled through the agent that it is to start".formatted(image));
    }
    if (!IMAGE.matcher(image).matches()) {
      throw new IllegalArgumentException("--image '%s' is not an image's name".formatted(image));
    }
    origin = url(origin);
    checkReplicas("--proxies", proxies);
    checkReplicas("--trackers", trackers);
    nodeRanges = List.copyOf(nodeRanges);
    nodeRanges.forEach(Installation::checkRange);
    check(dataRoot, FOLDER, "--data-root '%s' is not an absolute path such as /var/lib/layercast");
    check(imagePullSecret, NAME, "--image-pull-secret '%s' is not a Secret's name");
  }

  private static String url(String origin) {
    String text = origin.contains("://") ? origin : "https://" + origin;
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean plain =
          (scheme.equals("https") || scheme.equals("http"))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
      if (plain) {
        return scheme + "://" + uri.getRawAuthority();
      }
      throw new IllegalArgumentException(notAnOrigin(origin));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(notAnOrigin(origin), e);
    }
  }

  private static String notAnOrigin(String origin) {
    return "--origin '%s' is not a registry's host, or http(s)://HOST[:PORT]".formatted(origin);
  }

  private static void check(Optional<String> value, Pattern pattern, String message) {
    if (value.isPresent() && !pattern.matcher(value.get()).matches()) {
      throw new IllegalArgumentException(message.formatted(value.get()));
    }
  }

  private static void checkReplicas(String option, Optional<Integer> number) {
    if (number.isPresent() && (number.get() < 1 || number.get() > MAX_REPLICAS)) {
      throw new IllegalArgumentException(
          "%s is 1 to %d, not %d".formatted(option, MAX_REPLICAS, number.get()));
    }
  }

  private static void checkRange(String range) {
    int slash = range.indexOf('/');
    if (slash > 0 && range.substring(slash + 1).matches("[0-9]{1,3}")) {
      int bits = Integer.parseInt(range.substring(slash + 1));
      int most = 8 * InetAddress.ofLiteral(range.substring(0, slash)).getAddress().length;
      if (bits <= most) {
        return;
      }
    }
    throw new IllegalArgumentException(
        "--node-range '%s' is not a range such as 10.0.0.0/16".formatted(range));
  }
}
