package io.layercast.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Moves the Link header of a paged answer (RFC 8288; OCI "Listing Tags") to our own path. */
final class Links {
  private static final Pattern NEXT =
      Pattern.compile(
          "<([^<>]{1,4096})>[ \t]*;[ \t]*rel=\"?next\"?[ \t]*", Pattern.CASE_INSENSITIVE);

  private Links() {}

  /** The same page by the path that the client asked; empty when it is no link to a next page. */
  static Optional<String> moved(String header, FrontPath path) {
    String ours =
        switch (path) {
          case FrontPath.Tags tags -> "/v2/" + tags.repository() + "/tags/list";
          case FrontPath.Referrers referrers ->
              "/v2/" + referrers.repository() + "/referrers/" + referrers.digest();
          default -> "";
        };
    Matcher matcher = NEXT.matcher(header);
    if (ours.isEmpty() || !matcher.matches()) {
      return Optional.empty();
    }
    try {
      String query = new URI(matcher.group(1)).getRawQuery();
      return query == null
          ? Optional.empty()
          : Optional.of("<" + ours + "?" + query + ">; rel=\"next\"");
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }
}
