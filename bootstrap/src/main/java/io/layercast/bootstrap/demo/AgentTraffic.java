package io.layercast.bootstrap.demo;

import com.fasterxml.jackson.databind.JsonNode;

/** Layer bytes an agent received, by where they came from, as its stats route tells. */
record AgentTraffic(long fromOrigin, long fromProxies, long fromAgents, long wasted) {
  static final AgentTraffic NONE = new AgentTraffic(0, 0, 0, 0);

  static AgentTraffic of(JsonNode stats) {
    return new AgentTraffic(
        stats.path("fromOriginBytes").asLong(),
        stats.path("fromProxiesBytes").asLong(),
        stats.path("fromAgentsBytes").asLong(),
        stats.path("wastedBytes").asLong());
  }
}
