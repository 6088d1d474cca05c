package io.layercast.engine;

import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** One origin of many blobs, each with its own faults. */
final class OriginOfAll implements OriginBlobs {
  private final Map<Digest, FakeOriginBlobs> blobs = new ConcurrentHashMap<>();

  FakeOriginBlobs with(byte[] content) {
    FakeOriginBlobs blob = new FakeOriginBlobs(content);
    blobs.put(Digest.sha256Of(content), blob);
    return blob;
  }

  @Override
  public CompletionStage<Reply> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    return Objects.requireNonNull(blobs.get(digest), "no such blob")
        .fetch(access, digest, from, to);
  }
}
