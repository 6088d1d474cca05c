package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Debian's nginx as one process that serves the files of a folder, by sendfile. */
final class Nginx {
  private static final Duration START = Duration.ofSeconds(10);

  private final Program program;
  private final String address;

  private Nginx(Program program, String address) {
    this.program = program;
    this.address = address;
  }

  static Nginx start(Workplace workplace, Path files) throws IOException {
    Path folder = workplace.folder("nginx");
    String address = Workplace.freePort(workplace.address(), 8080);
    Path config = folder.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        daemon off;
        master_process off;
        pid %1$s/pid;
        error_log stderr;
        events { worker_connections 256; }
        http {
          sendfile on;
          tcp_nopush on;
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          server { listen %2$s; root %3$s; }
        }
        """
            .formatted(folder, address, files));
    Program program =
        workplace.start(
            "nginx", List.of("nginx", "-p", folder.toString(), "-c", config.toString()));
    Wait.until("nginx to listen", START, () -> Workplace.isListening(address));
    return new Nginx(program, address);
  }

  String address() {
    return address;
  }

  Program program() {
    return program;
  }
}
