package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code ./layercast up} as a process on an address of its own. */
final class AllInOne {
  private AllInOne() {}

  /**
   * Starts one; {@link Role#awaitReady} waits until it serves.
   *
   * @param environment beside that of this process
   * @param options go to its command line as they are
   */
  static Role start(
      Workplace workplace,
      String name,
      String originUrl,
      Map<String, String> environment,
      String... options)
      throws IOException {
    String host = workplace.address();
    String front = Workplace.freePort(host, 5004);
    String peers = Workplace.freePort(host, 6881);
    Path data = workplace.folder(name);
    Path config = workplace.folder("config").resolve(name + ".conf");
    Files.writeString(
        config,
        """
        layercast.bootstrap {
          proxy { api-address = "%s", peer-address = "%s" }
          agent.peer-address = "%s"
          tracker.listen = "%s"
          cluster.address = "%s:0"
        }
        """
            .formatted(
                Workplace.freePort(host, 5005),
                Workplace.freePort(host, 6882),
                peers,
                Workplace.freePort(host, 6969),
                host));
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(Stack.Plan.java("up"));
    command.addAll(List.of("--origin", originUrl, "--listen", front, "--data", data.toString()));
    command.addAll(List.of("--config", config.toString()));
    command.addAll(List.of(options));
    // Not /v2/, which an origin that cannot be asked makes a 503.
    Role role = new Role(workplace, name, front, peers, "/layercast/v1/stats", data, command);
    role.start();
    return role;
  }
}
