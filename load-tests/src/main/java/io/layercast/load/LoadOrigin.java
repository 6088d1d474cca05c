package io.layercast.load;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origin of a load test: docker-registry behind a token service, or {@link EmbeddedOrigin} in
 * this process, which asks for nothing and takes less of the machine.
 */
final class LoadOrigin {
  static final String REPOSITORY = "load/image";
  static final String WARM_UP = "load/warm-up";
  private static final String USER = "load";
  private static final Pattern MANIFEST_LINE =
      Pattern.compile("\"(?:GET|HEAD) /v2/\\S+/manifests/\\S+ HTTP/[0-9.]+\" 200 ");

  private final Workplace workplace;
  private final @Nullable EmbeddedOrigin embedded;
  private final @Nullable DockerRegistry registry;
  private final @Nullable TokenService tokens;
  private final String password;

  private LoadOrigin(
      Workplace workplace,
      @Nullable EmbeddedOrigin embedded,
      @Nullable DockerRegistry registry,
      @Nullable TokenService tokens,
      String password) {
    this.workplace = workplace;
    this.embedded = embedded;
    this.registry = registry;
    this.tokens = tokens;
    this.password = password;
  }

  static LoadOrigin dockerRegistry(Workplace workplace)
      throws IOException, GeneralSecurityException {
    String password = UUID.randomUUID().toString();
    TokenService tokens =
        TokenService.start(
            workplace, Map.of(USER, new TokenService.User(password, Set.of(REPOSITORY, WARM_UP))));
    DockerRegistry registry = DockerRegistry.withTokens(workplace, "origin", tokens);
    return new LoadOrigin(workplace, null, registry, tokens, password);
  }

  static LoadOrigin embedded(Workplace workplace) throws IOException {
    return new LoadOrigin(workplace, EmbeddedOrigin.start(workplace), null, null, "");
  }

  String url() {
    return embedded != null ? embedded.url() : docker().url();
  }

  void put(TestImage image, String repository) throws IOException {
    if (embedded != null) {
      embedded.put(image, repository);
    } else {
      new Skopeo(workplace).push(image, docker().address(), repository, USER, password);
    }
  }

  /** {@code user:password}; empty when it asks for none. */
  String credentials() {
    return tokens == null ? "" : USER + ":" + password;
  }

  /** User and system seconds; with those of this process when it is embedded in it. */
  double cpuSeconds() throws IOException {
    return embedded != null
        ? CpuTime.ofProcess(ProcessHandle.current().pid())
        : docker().program().cpuSeconds();
  }

  /** What it was asked so far. */
  Asked asked() {
    if (embedded != null) {
      return new Asked(0, 0, embedded.sentBytes());
    }
    long manifests = MANIFEST_LINE.matcher(docker().accessLog()).results().count();
    long ours = tokens == null ? 0 : tokens.gets() + tokens.posts();
    return new Asked(ours, manifests, docker().sentBytes());
  }

  /**
   * Counts.
   *
   * @param tokens requests to the token service
   * @param manifests answered with 200; not those refused for want of a token
   * @param sentBytes of each blob, by digest
   */
  record Asked(long tokens, long manifests, Map<String, Long> sentBytes) {
    static final Asked NOTHING = new Asked(0, 0, Map.of());

    Asked {
      sentBytes = Map.copyOf(sentBytes);
    }

    Asked since(Asked before) {
      Map<String, Long> sent = new HashMap<>(sentBytes);
      before.sentBytes.forEach((digest, bytes) -> sent.merge(digest, -bytes, Long::sum));
      return new Asked(tokens - before.tokens, manifests - before.manifests, sent);
    }
  }

  private DockerRegistry docker() {
    if (registry == null) {
      throw new IllegalStateException("the origin is embedded");
    }
    return registry;
  }
}
