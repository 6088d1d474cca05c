package io.layercast.registry;

import akka.http.javadsl.model.HttpMethods;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.Refusal;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks the origin whether a caller may read a blob of a repository, unless the {@link GrantTable}
 * knows. Callers who ask the same with the same credential at the same time share one HEAD.
 */
final class Authorizer {
  /** The origin's word on one caller, repository and digest. */
  sealed interface Consent {}

  /** Yes; the size if the origin told it. */
  record Granted(OptionalLong sizeBytes) implements Consent {}

  /** No. */
  record Refused(Refusal refusal) implements Consent {}

  /** The origin could not be asked. */
  record Unavailable(String cause) implements Consent {}

  private record Question(OriginAccess access, Digest digest) {}

  private final OriginClient origin;
  private final GrantTable grants;
  private final InstantSource clock;
  private final Map<Question, CompletionStage<Consent>> asking = new ConcurrentHashMap<>();

  /**
   * @param clock never set: a grant must not live longer because the node's time was put back
   */
  Authorizer(OriginClient origin, GrantTable grants, InstantSource clock) {
    this.origin = origin;
    this.grants = grants;
    this.clock = clock;
  }

  /** Whether the caller may read it without the origin being asked again. */
  boolean isGranted(OriginAccess access, Digest digest) {
    return grants.permits(access, digest, clock.instant());
  }

  /** The size the origin gave, if that is still believed. */
  OptionalLong size(OriginAccess access, Digest digest) {
    return grants.size(access, digest, clock.instant());
  }

  /** The origin's consent to this caller; asked for if need be. Never fails. */
  CompletionStage<Consent> consent(OriginAccess access, Digest digest) {
    if (isGranted(access, digest)) {
      return CompletableFuture.completedFuture(new Granted(size(access, digest)));
    }
    Question question = new Question(access, digest);
    CompletableFuture<Consent> mine = new CompletableFuture<>();
    CompletionStage<Consent> running = asking.putIfAbsent(question, mine);
    if (running != null) {
      return running;
    }
    head(access, digest)
        .whenComplete((consent, failure) -> {
          asking.remove(question);
          mine.complete(failure == null ? consent : new Unavailable(HttpCaller.cause(failure)));
        });
    return mine;
  }

  private CompletionStage<Consent> head(OriginAccess access, Digest digest) {
    return origin
        .document(
            HttpMethods.HEAD,
            "/v2/" + access.repository() + "/blobs/" + digest,
            List.of(),
            access.credential(),
            "check blob %s of %s at the origin".formatted(digest, access.repository()),
            OciError.Code.BLOB_UNKNOWN)
        .thenApply(answer -> {
          note(access, digest, answer);
          return switch (answer) {
            case Answer.Document document -> new Granted(document.lengthBytes());
            case Answer.Refused(Refusal refusal) -> new Refused(refusal);
            case Answer.Unavailable(String cause) -> new Unavailable(cause);
          };
        });
  }

  /** Learns from what the origin said to this caller about this digest in this repository. */
  void note(OriginAccess access, Digest digest, Answer answer) {
    switch (answer) {
      case Answer.Document document -> granted(access, digest, document.lengthBytes());
      case Answer.Refused(Refusal refusal) -> refused(access, digest, refusal);
      case Answer.Unavailable _ -> {}
    }
  }

  /** Learns from what the origin said to this caller about the repository as such. */
  void note(OriginAccess access, Answer answer) {
    switch (answer) {
      case Answer.Document _ -> grants.grant(access, clock.instant());
      case Answer.Refused(Refusal refusal) -> noteRefusal(access, refusal);
      case Answer.Unavailable _ -> {}
    }
  }

  /** The origin gave this caller the blob itself. */
  void granted(OriginAccess access, Digest digest, OptionalLong sizeBytes) {
    grants.grant(access, clock.instant());
    grants.confirm(access.repository(), digest, sizeBytes, clock.instant());
  }

  /** The origin did not give this caller the blob. */
  void refused(OriginAccess access, Digest digest, Refusal refusal) {
    noteRefusal(access, refusal);
    if (refusal.status() == 404) {
      grants.deny(access.repository(), digest);
    }
  }

  private void noteRefusal(OriginAccess access, Refusal refusal) {
    if (refusal.status() == 401 || refusal.status() == 403) {
      grants.withdraw(access);
    }
  }
}
