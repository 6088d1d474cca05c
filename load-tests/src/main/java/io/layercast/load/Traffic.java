package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * Layer bytes an agent received since it started, by where they came from.
 *
 * @param wasted bytes that were thrown away
 */
record Traffic(long fromOrigin, long fromProxies, long fromAgents, long wasted) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Traffic of(String stats) throws IOException {
    JsonNode tree = JSON.readTree(stats);
    return new Traffic(
        count(tree, "fromOriginBytes"),
        count(tree, "fromProxiesBytes"),
        count(tree, "fromAgentsBytes"),
        count(tree, "wastedBytes"));
  }

  long received() {
    return fromOrigin + fromProxies + fromAgents;
  }

  private static long count(JsonNode tree, String name) throws IOException {
    JsonNode value = tree.path(name);
    if (!value.isIntegralNumber()) {
      throw new IOException("no " + name + " in the stats " + tree);
    }
    return value.asLong();
  }
}
