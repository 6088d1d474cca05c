package io.layercast.registry;

import akka.NotUsed;
import akka.japi.Pair;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * For blobs that pass by without being stored: hashes as they pass and holds the last element back
 * until the whole has its digest, so that nobody ever sees the clean end of a wrong body.
 */
final class DigestGuard {
  /** The bytes were not those of the digest. */
  static final class WrongDigestException extends RuntimeException {
    WrongDigestException(Digest expected, Digest found) {
      super("a body for %s hashes to %s".formatted(expected, found));
    }
  }

  private DigestGuard() {}

  /** Passes a whole body; fails instead of ending when it is not {@code digest}'s. */
  static Flow<ByteString, ByteString, NotUsed> of(Digest digest) {
    ByteString end = ByteString.emptyByteString();
    return Flow.of(ByteString.class)
        .map(Optional::of)
        .concat(Source.single(Optional.<ByteString>empty()))
        .statefulMap(
            () -> new State(digest),
            (state, next) -> Pair.create(state, state.next(next)),
            _ -> Optional.empty())
        .filter(bytes -> !bytes.equals(end));
  }

  private static final class State {
    private final Digest digest;
    private final MessageDigest hasher;
    private ByteString held = ByteString.emptyByteString();

    State(Digest digest) {
      this.digest = digest;
      this.hasher = digest.algorithm().hasher();
    }

    /** Takes an element or, empty, the end; gives the element before. */
    ByteString next(Optional<ByteString> element) {
      ByteString before = held;
      if (element.isPresent()) {
        held = element.get();
        held.getByteBuffers().forEach(hasher::update);
      } else {
        Digest found = Digest.ofHash(digest.algorithm(), hasher.digest());
        if (!found.equals(digest)) {
          throw new WrongDigestException(digest, found);
        }
      }
      return before;
    }
  }
}
