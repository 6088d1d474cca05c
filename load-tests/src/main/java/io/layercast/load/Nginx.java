package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Debian's nginx as one process. */
final class Nginx {
  private static final Duration START = Duration.ofSeconds(10);

  private final Program program;
  private final String address;

  private Nginx(Program program, String address) {
    this.program = program;
    this.address = address;
  }

  /** Serves the files of a folder, by sendfile. */
  static Nginx start(Workplace workplace, Path files) throws IOException {
    return start(workplace, "", "root %s;".formatted(files));
  }

  /** Caches what a registry sends; who comes while a blob is fetched waits for it. */
  static Nginx cacheOf(Workplace workplace, String originUrl) throws IOException {
    return start(
        workplace,
        "proxy_cache_path %s keys_zone=layers:8m max_size=20g;"
            .formatted(workplace.folder("nginx-cache")),
        """
        location / {
          proxy_pass %s;
          proxy_cache layers;
          proxy_cache_valid 200 1d;
          proxy_cache_lock on;
          proxy_cache_lock_timeout 10m;
          proxy_cache_lock_age 10m;
        }
        """
            .formatted(originUrl));
  }

  private static Nginx start(Workplace workplace, String http, String server) throws IOException {
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
          %3$s
          server { listen %2$s; %4$s }
        }
        """
            .formatted(folder, address, http, server));
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
