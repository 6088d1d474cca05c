package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The token realm of an origin, after distribution's spec/auth/token.md and oauth2.md: a GET with
 * Basic credentials, and a POST with a password or a refresh token, buy a JWT (RS256) that lists
 * the pulls which this user may do. Its certificate is made here and trusted by the origin.
 */
final class TokenService implements Closeable {
  static final String SERVICE = "origin";
  static final String ISSUER = "proof";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIFE = Duration.ofMinutes(5);

  /** So long after its expiry distribution still takes a token, for clocks that differ. */
  private static final Duration ORIGINS_LEEWAY = Duration.ofSeconds(60);

  private final Secrets secrets;
  private final HttpServer server;
  private final String scheme;
  private final CertificateAuthority.Pair signer;
  private final PrivateKey key;
  private final Map<String, User> users;
  private final Map<String, String> refreshTokens = new ConcurrentHashMap<>();
  private final AtomicInteger gets = new AtomicInteger();
  private final AtomicInteger posts = new AtomicInteger();

  /** Who may do what: {@code pull} and {@code push} on each of the repositories. */
  record User(String password, Set<String> repositories) {
    User {
      repositories = Set.copyOf(repositories);
    }
  }

  private TokenService(
      Secrets secrets,
      HttpServer server,
      String scheme,
      CertificateAuthority.Pair signer,
      PrivateKey key,
      Map<String, User> users) {
    this.secrets = secrets;
    this.server = server;
    this.scheme = scheme;
    this.signer = signer;
    this.key = key;
    this.users = Map.copyOf(users);
  }

  static TokenService start(Workplace workplace, Map<String, User> users)
      throws IOException, GeneralSecurityException {
    return start(workplace, users, Optional.empty());
  }

  /** The same over https, by a certificate of {@code authority}. */
  static TokenService overTls(
      Workplace workplace, Map<String, User> users, CertificateAuthority authority)
      throws IOException, GeneralSecurityException {
    return start(workplace, users, Optional.of(authority));
  }

  private static TokenService start(
      Workplace workplace, Map<String, User> users, Optional<CertificateAuthority> authority)
      throws IOException, GeneralSecurityException {
    CertificateAuthority.Pair signer =
        CertificateAuthority.create(workplace, "token-service").own();
    InetSocketAddress address =
        Workplace.socketAddress(Workplace.freePort(workplace.address(), 5001));
    HttpServer server;
    if (authority.isPresent()) {
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(
          new HttpsConfigurator(authority.get().issue(address.getHostString()).serverContext()));
      server = https;
    } else {
      server = HttpServer.create(address, 0);
    }
    users.forEach((name, user) -> {
      workplace.secrets().add("a password", user.password());
      workplace.secrets().add("a credential", name + ":" + user.password());
    });
    TokenService service =
        new TokenService(
            workplace.secrets(),
            server,
            authority.isPresent() ? "https" : "http",
            signer,
            signer.privateKey(),
            users);
    server.createContext("/token", service::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return workplace.closeLater(service);
  }

  String realm() {
    return scheme + "://" + address() + "/token";
  }

  /** {@code host:port}. */
  String address() {
    return server.getAddress().getHostString() + ":" + server.getAddress().getPort();
  }

  /** The PEM file the origin trusts. */
  Path certificate() {
    return signer.certificate();
  }

  int gets() {
    return gets.get();
  }

  int posts() {
    return posts.get();
  }

  /** A token for {@code user} to pull {@code repository}, without the way over HTTP. */
  String tokenFor(String user, String repository) {
    return token(user, List.of("repository:" + repository + ":pull"));
  }

  /** The same, which docker-registry believes for {@code validFor} and not longer. */
  String tokenFor(String user, String repository, Duration validFor) {
    return token(
        user, List.of("repository:" + repository + ":pull"), validFor.minus(ORIGINS_LEEWAY));
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean post = exchange.getRequestMethod().equals("POST");
      (post ? posts : gets).incrementAndGet();
      Map<String, List<String>> form =
          parse(
              post
                  ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                  : Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
      Optional<String> user = post ? postedUser(form) : basicUser(exchange);
      if (user.isEmpty()) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"tokens\"");
        send(exchange, 401, JSON.createObjectNode().put("error", "invalid_grant"));
        return;
      }
      String token = token(user.get(), form.getOrDefault("scope", List.of()));
      ObjectNode reply = JSON.createObjectNode();
      reply.put("token", token).put("access_token", token).put("expires_in", LIFE.toSeconds());
      reply.put("issued_at", Instant.now().toString());
      if (post || form.getOrDefault("offline_token", List.of()).contains("true")) {
        String refresh = UUID.randomUUID().toString();
        refreshTokens.put(refresh, user.get());
        secrets.add("a refresh token", refresh);
        reply.put("refresh_token", refresh);
      }
      send(exchange, 200, reply);
    }
  }

  private Optional<String> basicUser(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header == null) {
      return Optional.of(""); // anonymous: a token that allows nothing
    }
    String pair =
        new String(
            Base64.getDecoder().decode(header.substring("Basic ".length())),
            StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    return known(pair.substring(0, colon), pair.substring(colon + 1));
  }

  private Optional<String> postedUser(Map<String, List<String>> form) {
    if (form.getOrDefault("grant_type", List.of()).contains("refresh_token")) {
      return Optional.ofNullable(refreshTokens.get(first(form, "refresh_token")));
    }
    return known(first(form, "username"), first(form, "password"));
  }

  private Optional<String> known(String user, String password) {
    return Optional.ofNullable(users.get(user))
        .filter(known -> known.password().equals(password))
        .map(_ -> user);
  }

  private String token(String user, List<String> scopes) {
    return token(user, scopes, LIFE);
  }

  private String token(String user, List<String> scopes, Duration life) {
    Instant now = Instant.now();
    ObjectNode claims = JSON.createObjectNode();
    claims.put("iss", ISSUER).put("sub", user).put("aud", SERVICE);
    claims.put("nbf", now.minus(ORIGINS_LEEWAY).getEpochSecond()).put("iat", now.getEpochSecond());
    claims.put("exp", now.plus(life).getEpochSecond()).put("jti", UUID.randomUUID().toString());
    ArrayNode access = claims.putArray("access");
    for (String several : scopes) {
      for (String scope : several.split(" ", -1)) {
        grant(user, scope, access);
      }
    }
    try {
      ObjectNode header = JSON.createObjectNode().put("typ", "JWT").put("alg", "RS256");
      header.putArray("x5c").add(signer.derOfCertificate());
      String signed = base64(header) + "." + base64(claims);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      String signatureText =
          Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
      secrets.add("a token", signatureText);
      return signed + "." + signatureText;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("tried to sign a token, but failed", e);
    }
  }

  private void grant(String user, String scope, ArrayNode access) {
    String[] parts = scope.split(":", -1); // repository:<name>:<actions>
    User known = users.get(user);
    if (parts.length == 3 && known != null && known.repositories().contains(parts[1])) {
      ObjectNode entry = access.addObject().put("type", parts[0]).put("name", parts[1]);
      ArrayNode actions = entry.putArray("actions");
      for (String action : parts[2].split(",", -1)) {
        actions.add(action);
      }
    }
  }

  private static String base64(JsonNode json) throws IOException {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(json));
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String first(Map<String, List<String>> form, String name) {
    List<String> values = form.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.getFirst();
  }

  private static Map<String, List<String>> parse(String form) {
    Map<String, List<String>> values = new HashMap<>();
    for (String pair : form.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2) {
        values.computeIfAbsent(decode(parts[0]), _ -> new ArrayList<>()).add(decode(parts[1]));
      }
    }
    return values;
  }

  private static String decode(String value) {
    return URLDecoder.decode(value, StandardCharsets.UTF_8);
  }
}
