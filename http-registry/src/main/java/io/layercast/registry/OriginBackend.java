package io.layercast.registry;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.Reference;
import io.layercast.engine.RepositoryName;
import io.layercast.engine.store.ManifestStore;
import io.layercast.engine.store.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy's backend: asks the origin with the caller's credential. Manifests by digest are kept,
 * verified whenever they pass, and served from here after the origin's consent to this caller. Tags
 * are asked for every time.
 */
final class OriginBackend implements RegistryBackend {
  private static final Logger LOG = LoggerFactory.getLogger(OriginBackend.class);

  private final OriginClient origin;
  private final Authorizer authorizer;
  private final ManifestStore manifests;
  private final Executor disk;
  private final TokenRelay tokens;

  /** Those on their way; each ends with its request, whose deadlines and pool are the origin's. */
  private final Map<Wanted, CompletableFuture<Answer>> fetches = new ConcurrentHashMap<>();

  /** A manifest's bytes, as callers of one repository want them. */
  private record Wanted(RepositoryName repository, Digest digest) {}

  OriginBackend(
      OriginClient origin, Authorizer authorizer, ManifestStore manifests, Executor disk) {
    this.origin = origin;
    this.authorizer = authorizer;
    this.manifests = manifests;
    this.disk = disk;
    this.tokens = new TokenRelay(origin);
  }

  @Override
  public CompletionStage<Answer> token(TokenAsk ask) {
    return tokens.token(ask);
  }

  @Override
  public CompletionStage<Answer> ask(Ask ask) {
    return switch (ask.path()) {
      case FrontPath.Base _ ->
          relay(ask, "/v2/", "log in to the origin", OciError.Code.NAME_UNKNOWN);
      case FrontPath.Manifest(RepositoryName repository, Reference.Tag tag) ->
          tag(ask, access(ask, repository), tag);
      case FrontPath.Manifest(RepositoryName repository, Reference.ByDigest(Digest digest)) ->
          manifest(ask, access(ask, repository), digest);
      case FrontPath.Blob(RepositoryName repository, Digest digest) ->
          blobHead(access(ask, repository), digest);
      case FrontPath.Tags(RepositoryName repository) ->
          inRepository(ask, access(ask, repository), "/tags/list", "list the tags");
      case FrontPath.Referrers(RepositoryName repository, Digest digest) ->
          inRepository(ask, access(ask, repository), "/referrers/" + digest, "list the referrers");
      case FrontPath.Upload _,
          FrontPath.Token _,
          FrontPath.Layer _,
          FrontPath.Invalid _,
          FrontPath.Unknown _ ->
          throw new IllegalArgumentException("no path for a backend: " + ask.path());
    };
  }

  private CompletionStage<Answer> relay(
      Ask ask, String target, String deed, OciError.Code notFound) {
    HttpMethod method = ask.head() ? HttpMethods.HEAD : HttpMethods.GET;
    return origin.document(method, target, accept(ask), ask.credential(), deed, notFound);
  }

  private CompletionStage<Answer> inRepository(
      Ask ask, OriginAccess access, String rest, String deed) {
    String query = ask.query().map(text -> "?" + text).orElse("");
    return relay(
            ask,
            "/v2/" + access.repository() + rest + query,
            deed + " of " + access.repository(),
            OciError.Code.NAME_UNKNOWN)
        .thenApply(answer -> {
          if (answer instanceof Answer.Refused) { // who may list need not be one who may pull
            authorizer.note(access, answer);
          }
          return answer;
        });
  }

  private CompletionStage<Answer> tag(Ask ask, OriginAccess access, Reference.Tag tag) {
    return fromOrigin(ask, access, tag.value())
        .thenCompose(answer -> {
          authorizer.note(access, answer);
          if (!(answer instanceof Answer.Document document)) {
            return done(answer);
          }
          Optional<Digest> named = Digest.parse(document.header(Documents.CONTENT_DIGEST));
          if (ask.head()) {
            named.ifPresent(d -> authorizer.granted(access, d, document.lengthBytes()));
            return done(answer);
          }
          byte[] bytes = document.body().toArray();
          Digest digest = named.orElseGet(() -> Digest.sha256Of(bytes));
          return keep(access, digest, document, bytes);
        });
  }

  private CompletionStage<Answer> manifest(Ask ask, OriginAccess access, Digest digest) {
    return stored(digest)
        .thenCompose(stored -> {
          if (stored.isEmpty()) {
            return fetchOnce(ask, access, digest);
          }
          return consented(ask, access, digest, stored.get());
        });
  }

  private CompletionStage<Answer> consented(
      Ask ask, OriginAccess access, Digest digest, StoredManifest stored) {
    if (authorizer.isGranted(access, digest)) {
      return done(document(ask, digest, stored));
    }
    return fromOrigin(
            new Ask(ask.path(), true, ask.query(), ask.accept(), ask.credential()),
            access,
            digest.toString())
        .thenApply(answer -> {
          authorizer.note(access, digest, answer);
          return answer instanceof Answer.Document ? document(ask, digest, stored) : answer;
        });
  }

  /**
   * A thousand nodes that resolve one tag at once want the bytes once: a caller who comes while
   * they are fetched waits, and is then answered by the rules of a stored manifest. When the
   * other's fetch came to nothing, it says nothing about this caller, who asks for itself.
   */
  private CompletionStage<Answer> fetchOnce(Ask ask, OriginAccess access, Digest digest) {
    if (ask.head()) {
      return fetchManifest(ask, access, digest);
    }
    Wanted wanted = new Wanted(access.repository(), digest);
    CompletableFuture<Answer> mine = new CompletableFuture<>();
    CompletableFuture<Answer> other = fetches.putIfAbsent(wanted, mine);
    if (other != null) {
      return other
          .handle((_, _) -> digest)
          .thenCompose(this::stored)
          .thenCompose(stored ->
              stored.isPresent()
                  ? consented(ask, access, digest, stored.get())
                  : fetchManifest(ask, access, digest));
    }
    // Another may have stored it since this caller looked.
    return stored(digest)
        .thenCompose(stored ->
            stored.isPresent()
                ? consented(ask, access, digest, stored.get())
                : fetchManifest(ask, access, digest))
        .whenComplete((answer, error) -> {
          fetches.remove(wanted);
          if (error == null) {
            mine.complete(answer);
          } else {
            mine.completeExceptionally(error);
          }
        });
  }

  private CompletionStage<Answer> fetchManifest(Ask ask, OriginAccess access, Digest digest) {
    return fromOrigin(ask, access, digest.toString())
        .thenCompose(answer -> {
          authorizer.note(access, digest, answer);
          return answer instanceof Answer.Document document && !ask.head()
              ? keep(access, digest, document, document.body().toArray())
              : done(answer);
        });
  }

  private CompletionStage<Answer> fromOrigin(Ask ask, OriginAccess access, String reference) {
    return relay(
        ask,
        "/v2/" + access.repository() + "/manifests/" + reference,
        "pull manifest %s of %s from the origin".formatted(reference, access.repository()),
        OciError.Code.MANIFEST_UNKNOWN);
  }

  /** Verifies, stores and hands on what the origin sent for {@code digest}. */
  private CompletionStage<Answer> keep(
      OriginAccess access, Digest digest, Answer.Document document, byte[] bytes) {
    Digest found = Digest.ofHash(digest.algorithm(), digest.algorithm().hasher().digest(bytes));
    if (!found.equals(digest)) {
      return done(
          new Answer.Refused(
              OciError.refusal(
                  502,
                  OciError.Code.MANIFEST_INVALID,
                  "pull manifest %s of %s from the origin".formatted(digest, access.repository()),
                  "what came hashes to " + found)));
    }
    authorizer.granted(access, digest, OptionalLong.of(bytes.length));
    Map<String, List<String>> headers = new LinkedHashMap<>(document.headers());
    headers.put(Documents.CONTENT_DIGEST, List.of(digest.toString()));
    Answer answer =
        new Answer.Document(
            document.status(),
            document.contentType(),
            headers,
            document.lengthBytes(),
            document.body());
    return CompletableFuture.supplyAsync(
        () -> {
          store(digest, document.contentType(), bytes);
          return answer;
        },
        disk);
  }

  private void store(Digest digest, String mediaType, byte[] bytes) {
    if (bytes.length > ManifestStore.MAX_MANIFEST_BYTES) {
      return;
    }
    try {
      manifests.put(digest, mediaType, bytes);
    } catch (IOException | IllegalArgumentException e) { // costs another GET at the origin
      LOG.warn("tried to keep manifest {}, but failed because {}", digest, e.getMessage());
    }
  }

  private CompletionStage<Optional<StoredManifest>> stored(Digest digest) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return manifests.find(digest);
          } catch (IOException | IllegalArgumentException e) { // the origin has it too
            LOG.warn("tried to read manifest {}, but failed because {}", digest, e.getMessage());
            return Optional.empty();
          }
        },
        disk);
  }

  private static Answer document(Ask ask, Digest digest, StoredManifest stored) {
    byte[] bytes = stored.bytes();
    return new Answer.Document(
        200,
        stored.mediaType(),
        Map.of(
            Documents.CONTENT_DIGEST,
            List.of(digest.toString()),
            "ETag",
            List.of("\"" + digest + "\"")),
        OptionalLong.of(bytes.length),
        ask.head() ? ByteString.emptyByteString() : ByteString.fromArrayUnsafe(bytes));
  }

  private CompletionStage<Answer> blobHead(OriginAccess access, Digest digest) {
    return authorizer
        .consent(access, digest)
        .thenApply(consent ->
            switch (consent) {
              case Authorizer.Granted(OptionalLong size) ->
                  new Answer.Document(
                      200,
                      "application/octet-stream",
                      Map.of(
                          Documents.CONTENT_DIGEST,
                          List.of(digest.toString()),
                          "Accept-Ranges",
                          List.of("bytes"),
                          "ETag",
                          List.of("\"" + digest + "\"")),
                      size,
                      ByteString.emptyByteString());
              case Authorizer.Refused(var refusal) -> new Answer.Refused(refusal);
              case Authorizer.Unavailable(String cause) -> new Answer.Unavailable(cause);
            });
  }

  private static List<HttpHeader> accept(Ask ask) {
    List<HttpHeader> headers = new ArrayList<>();
    ask.accept().forEach(value -> headers.add(RawHeader.create("Accept", value)));
    headers.add(RawHeader.create("Accept-Encoding", "identity"));
    return headers;
  }

  private static OriginAccess access(Ask ask, RepositoryName repository) {
    return new OriginAccess(repository, ask.credential());
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
