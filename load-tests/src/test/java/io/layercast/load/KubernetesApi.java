package io.layercast.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of Kubernetes' API as pod discovery uses: the list of pods of one namespace by label,
 * over TLS, for the bearer of the right token; and the service account's folder of a pod.
 */
final class KubernetesApi implements Closeable {
  static final String NAMESPACE = "kube-system";
  static final String SELECTOR = "layercast.io/cluster=layercast";
  private static final String BY_NAME = "app.kubernetes.io/name=";

  private static final String PASSWORD = "changeit";

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Path account;
  private final Map<String, String> pods = new ConcurrentHashMap<>(); // name by IP
  private final ConcurrentLinkedQueue<Integer> failures = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Integer> answers = new ConcurrentHashMap<>();
  private volatile String token = "";

  private KubernetesApi(HttpsServer server, Path account) {
    this.server = server;
    this.account = account;
  }

  static KubernetesApi start(Workplace workplace) throws IOException, GeneralSecurityException {
    String host = workplace.address();
    Path account = workplace.folder("account");
    Path keys = workplace.folder("api").resolve("keys.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> store =
        List.of("-keystore", keys.toString(), "-storepass", PASSWORD, "-alias", "api");
    workplace.run(
        "keytool",
        Duration.ofSeconds(60),
        with(
            List.of(
                keytool,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=kubernetes",
                "-validity",
                "2",
                "-ext",
                "SAN=ip:" + host),
            store));
    Path authority = account.resolve("ca.crt");
    workplace.run(
        "keytool",
        Duration.ofSeconds(60),
        with(List.of(keytool, "-exportcert", "-rfc", "-file", authority.toString()), store));
    Files.writeString(account.resolve("namespace"), NAMESPACE);

    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getByName(host), 0), 64);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(keys)));
    KubernetesApi api = new KubernetesApi(server, account);
    server.createContext("/", api::answer);
    server.setExecutor(api.threads);
    server.start();
    return workplace.closeLater(api);
  }

  private static List<String> with(List<String> command, List<String> store) {
    return Stream.concat(command.stream(), store.stream()).toList();
  }

  private static SSLContext tls(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  /** What a pod's process is told of it. */
  Map<String, String> environment() {
    return Map.of(
        "KUBERNETES_SERVICE_HOST", server.getAddress().getAddress().getHostAddress(),
        "KUBERNETES_SERVICE_PORT", Integer.toString(server.getAddress().getPort()),
        "LAYERCAST_BOOTSTRAP_CLUSTER_DISCOVERY", "kubernetes-api",
        "LAYERCAST_BOOTSTRAP_KUBERNETES_ACCOUNT", account.toString());
  }

  /** The only token that is taken from now on. */
  void take(String only) {
    token = only;
  }

  /** What pods find in their account folder from now on; swapped whole, as kubelet does. */
  void hand(String other) throws IOException {
    Path next = Files.writeString(account.resolve("token.next"), other);
    Files.move(next, account.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Runs a pod.
   *
   * @param name what its label app.kubernetes.io/name says
   */
  void run(String name, String podIp) {
    pods.put(podIp, name);
  }

  void remove(String podIp) {
    pods.remove(podIp);
  }

  /** The next answers have these statuses. */
  void failWith(List<Integer> statuses) {
    failures.addAll(statuses);
  }

  /** How many answers had {@code status}. */
  int answered(int status) {
    return answers.getOrDefault(status, 0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Integer failure = failures.poll();
      int status = failure == null ? judge(exchange) : failure;
      byte[] body =
          (status == 200
                  ? podList(selector(exchange))
                  : "{\"kind\":\"Status\",\"code\":" + status + "}")
              .getBytes(StandardCharsets.UTF_8);
      answers.merge(status, 1, Integer::sum);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private int judge(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    boolean isAsked =
        path.equals("/api/v1/namespaces/" + NAMESPACE + "/pods")
            && selector(exchange).matches(SELECTOR + "|" + BY_NAME + "[a-z0-9-]+");
    String bearer = exchange.getRequestHeaders().getFirst("Authorization");
    return !("Bearer " + token).equals(bearer) ? 401 : isAsked ? 200 : 404;
  }

  private static String selector(HttpExchange exchange) {
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    return URLDecoder.decode(query, StandardCharsets.UTF_8).replaceFirst("^labelSelector=", "");
  }

  /** All have the cluster's label. */
  private String podList(String selector) {
    return pods.entrySet().stream()
        .filter(pod -> selector.equals(SELECTOR) || selector.equals(BY_NAME + pod.getValue()))
        .map(Map.Entry::getKey)
        .map(
            """
            {"metadata":{"name":"p"},
             "spec":{"containers":[{"name":"layercast","ports":[{"containerPort":8558}]}]},
             "status":{"phase":"Running","podIP":"%s","containerStatuses":
               [{"name":"layercast","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}
            """
                ::formatted)
        .collect(Collectors.joining(",", "{\"kind\":\"PodList\",\"items\":[", "]}"));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
