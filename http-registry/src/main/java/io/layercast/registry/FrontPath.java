package io.layercast.registry;

import io.layercast.engine.Digest;
import io.layercast.engine.Reference;
import io.layercast.engine.RepositoryName;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the path of a request to the front names (OCI distribution spec, "Endpoints"), its parts
 * checked by the spec's grammar. A repository's name may itself contain {@code manifests} or {@code
 * blobs}: paths are read from their end.
 */
sealed interface FrontPath {
  /** Where our own API lives; digest and {@link #ending} follow. */
  String LAYER = "/layercast/v1/blobs/";

  /** {@code /v2/}: is this a registry, and am I known? */
  record Base() implements FrontPath {}

  /** {@code /v2/<name>/manifests/<reference>}. */
  record Manifest(RepositoryName repository, Reference reference) implements FrontPath {}

  /** {@code /v2/<name>/blobs/<digest>}. */
  record Blob(RepositoryName repository, Digest digest) implements FrontPath {}

  /** {@code /v2/<name>/tags/list}. */
  record Tags(RepositoryName repository) implements FrontPath {}

  /** {@code /v2/<name>/referrers/<digest>}. */
  record Referrers(RepositoryName repository, Digest digest) implements FrontPath {}

  /** {@code /v2/<name>/blobs/uploads/…}: the push side, which is not here. */
  record Upload(RepositoryName repository) implements FrontPath {}

  /** {@code /layercast/token/<id>}. */
  record Token(String realmId) implements FrontPath {}

  /** {@code /layercast/v1/blobs/<digest>…}: our own API. */
  record Layer(Digest digest, Want want) implements FrontPath {}

  /** What is wanted of a {@link Layer}. */
  enum Want {
    /** {@code …/metainfo}. */
    METAINFO,
    /** {@code …/bytes}. */
    BYTES,
    /** {@code …/held}, by POST. */
    HELD,
    /** {@code ….torrent}. */
    TORRENT
  }

  /** A path of the front whose {@code code} part the grammar refuses. */
  record Invalid(OciError.Code code, String what) implements FrontPath {}

  /** No path of ours. */
  record Unknown() implements FrontPath {}

  /** Reads a percent-decoded path. */
  static FrontPath parse(String path) {
    if (path.equals("/v2") || path.equals("/v2/")) {
      return new Base();
    }
    if (path.startsWith(Realms.PATH)) {
      String id = path.substring(Realms.PATH.length());
      return id.matches("[0-9a-f]{16}") ? new Token(id) : new Unknown();
    }
    if (path.startsWith(LAYER)) {
      return layer(path.substring(LAYER.length()));
    }
    if (!path.startsWith("/v2/")) {
      return new Unknown();
    }
    String[] parts = path.substring("/v2/".length()).split("/", -1);
    int count = parts.length;
    if (count >= 3 && parts[count - 2].equals("blobs") && parts[count - 1].equals("uploads")) {
      return inRepository(parts, count - 2, Upload::new);
    }
    if (count >= 4 && parts[count - 3].equals("blobs") && parts[count - 2].equals("uploads")) {
      return inRepository(parts, count - 3, Upload::new);
    }
    if (count < 3) {
      return new Unknown();
    }
    String last = parts[count - 1];
    return switch (parts[count - 2]) {
      case "manifests" -> inRepository(parts, count - 2, name -> manifest(name, last));
      case "blobs" ->
          inRepository(parts, count - 2, name -> byDigest(last, d -> new Blob(name, d)));
      case "referrers" ->
          inRepository(parts, count - 2, name -> byDigest(last, d -> new Referrers(name, d)));
      case "tags" ->
          last.equals("list") ? inRepository(parts, count - 2, Tags::new) : new Unknown();
      default -> new Unknown();
    };
  }

  private static FrontPath layer(String rest) {
    for (Want want : Want.values()) {
      String end = ending(want);
      if (rest.endsWith(end)) {
        String digest = rest.substring(0, rest.length() - end.length());
        return byDigest(digest, found -> new Layer(found, want));
      }
    }
    return new Unknown();
  }

  /** How the path for {@code want} ends, after the digest. */
  static String ending(Want want) {
    return switch (want) {
      case METAINFO -> "/metainfo";
      case BYTES -> "/bytes";
      case HELD -> "/held";
      case TORRENT -> ".torrent";
    };
  }

  private static FrontPath inRepository(
      String[] parts, int nameParts, java.util.function.Function<RepositoryName, FrontPath> then) {
    String name = String.join("/", Arrays.asList(parts).subList(0, nameParts));
    Optional<RepositoryName> repository = RepositoryName.parse(name);
    return repository.isPresent()
        ? then.apply(repository.get())
        : new Invalid(OciError.Code.NAME_INVALID, "the repository's name");
  }

  private static FrontPath byDigest(
      String text, java.util.function.Function<Digest, FrontPath> then) {
    Optional<Digest> digest = Digest.parse(text);
    return digest.isPresent()
        ? then.apply(digest.get())
        : new Invalid(OciError.Code.DIGEST_INVALID, "the digest");
  }

  private static FrontPath manifest(RepositoryName repository, String text) {
    Optional<Reference> reference = Reference.parse(text);
    if (reference.isPresent()) {
      return new Manifest(repository, reference.get());
    }
    return text.indexOf(':') >= 0
        ? new Invalid(OciError.Code.DIGEST_INVALID, "the digest")
        : new Invalid(OciError.Code.TAG_INVALID, "the tag");
  }
}
