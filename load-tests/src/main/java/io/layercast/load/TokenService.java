package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
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

  private final HttpServer server;
  private final Path certificate;
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
      HttpServer server, Path certificate, PrivateKey key, Map<String, User> users) {
    this.server = server;
    this.certificate = certificate;
    this.key = key;
    this.users = Map.copyOf(users);
  }

  static TokenService start(Workplace workplace, Map<String, User> users)
      throws IOException, GeneralSecurityException {
    Path folder = workplace.folder("token-service");
    Path certificate = folder.resolve("certificate.pem");
    Path keyFile = folder.resolve("key.pem");
    workplace.run(
        "openssl",
        Duration.ofSeconds(30),
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=proof",
            "-keyout",
            keyFile.toString(),
            "-out",
            certificate.toString()));
    PrivateKey key =
        KeyFactory.getInstance("RSA")
            .generatePrivate(new PKCS8EncodedKeySpec(derOfPem(Files.readString(keyFile))));
    HttpServer server =
        HttpServer.create(
            Workplace.socketAddress(Workplace.freePort(workplace.address(), 5001)), 0);
    TokenService service = new TokenService(server, certificate, key, users);
    server.createContext("/token", service::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return workplace.closeLater(service);
  }

  String realm() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getHostString() + ":" + address.getPort() + "/token";
  }

  /** The PEM file the origin trusts. */
  Path certificate() {
    return certificate;
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
    Instant now = Instant.now();
    ObjectNode claims = JSON.createObjectNode();
    claims.put("iss", ISSUER).put("sub", user).put("aud", SERVICE);
    claims.put("nbf", now.minusSeconds(5).getEpochSecond()).put("iat", now.getEpochSecond());
    claims.put("exp", now.plus(LIFE).getEpochSecond()).put("jti", UUID.randomUUID().toString());
    ArrayNode access = claims.putArray("access");
    for (String several : scopes) {
      for (String scope : several.split(" ", -1)) {
        grant(user, scope, access);
      }
    }
    try {
      ObjectNode header = JSON.createObjectNode().put("typ", "JWT").put("alg", "RS256");
      header
          .putArray("x5c")
          .add(Base64.getEncoder().encodeToString(derOfPem(Files.readString(certificate))));
      String signed = base64(header) + "." + base64(claims);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed
          + "."
          + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
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

  private static byte[] derOfPem(String pem) {
    return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
  }
}
