package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A proxy or tracker as a process on an address of its own, and what its management tells. */
final class Member {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String host;
  private final Program program;

  private Member(String host, Program program) {
    this.host = host;
    this.program = program;
  }

  /** What members are started with, beside their own addresses. */
  record Plan(
      Workplace workplace,
      String originUrl,
      List<String> options,
      Map<String, String> environment) {

    /** {@code options} as all members are told, {@code environment} likewise. */
    static Plan of(
        Workplace workplace,
        String originUrl,
        List<String> options,
        Map<String, String> environment)
        throws IOException {
      Path key = workplace.folder("cluster").resolve("cluster.key");
      Files.writeString(key, "of this test only, and long enough");
      List<String> all = new ArrayList<>(options);
      all.addAll(List.of("--cluster-key", key.toString()));
      Map<String, String> more = new HashMap<>(environment);
      more.put("MALLOC_ARENA_MAX", "2");
      return new Plan(workplace, originUrl, all, more);
    }

    Member proxy(String host) throws IOException {
      Path data = workplace.folder("proxy-" + host);
      return start(
          "proxy",
          host,
          List.of(
              "--origin",
              originUrl,
              "--api-address",
              host + ":5005",
              "--peer-address",
              host + ":6882",
              "--data",
              data.toString()));
    }

    Member tracker(String host) throws IOException {
      return start("tracker", host, List.of("--listen", host + ":6969"));
    }

    private Member start(String role, String host, List<String> own) throws IOException {
      List<String> command = new ArrayList<>(Stack.Plan.java(role));
      command.addAll(own);
      command.addAll(List.of("--cluster-address", host + ":2551", "--management", host + ":8558"));
      command.addAll(options);
      return new Member(host, workplace.start(role + "-" + host, command, environment));
    }
  }

  String host() {
    return host;
  }

  boolean isProxy() {
    return program.name().startsWith("proxy");
  }

  String managementUrl() {
    return "http://" + host + ":8558";
  }

  Program program() {
    return program;
  }

  boolean isReady() throws IOException {
    return Http.get(managementUrl() + "/ready").status() == 200;
  }

  /** The hosts that it sees Up; empty when it sees one that is unreachable. */
  Set<String> sees() throws IOException {
    return seenAt(managementUrl());
  }

  /** Likewise what the member with this management sees. */
  static Set<String> seenAt(String managementUrl) throws IOException {
    JsonNode cluster = JSON.readTree(Http.get(managementUrl + "/cluster/members").body());
    Set<String> hosts = new TreeSet<>();
    if (cluster.path("unreachable").isEmpty()) {
      for (JsonNode member : cluster.path("members")) {
        if (member.path("status").asText().equals("Up")) {
          hosts.add(member.path("node").asText().replaceAll(".*@|:.*", ""));
        }
      }
    }
    return hosts;
  }

  /** Whether each of {@code members} sees just these, itself included. */
  static boolean seeEachOther(List<Member> members) throws IOException {
    Set<String> hosts = new TreeSet<>(members.stream().map(Member::host).toList());
    for (Member member : members) {
      if (!member.sees().equals(hosts)) {
        return false;
      }
    }
    return true;
  }
}
