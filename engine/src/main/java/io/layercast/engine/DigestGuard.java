package io.layercast.engine;

import akka.NotUsed;
import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.javadsl.Flow;
import akka.stream.stage.AbstractInOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes a whole blob on and holds its last chunk back until the bytes have hashed to the digest,
 * so that nobody receives a complete wrong blob. Emits a chunk when the next one is in; completes
 * with upstream, or fails with {@link BlobRejectedException} when the digest is another.
 */
public final class DigestGuard extends GraphStage<FlowShape<ByteString, ByteString>> {
  private final Digest digest;
  private final Supplier<MessageDigest> hasher;
  private final Inlet<ByteString> in = Inlet.create("DigestGuard.in");
  private final Outlet<ByteString> out = Outlet.create("DigestGuard.out");
  private final FlowShape<ByteString, ByteString> shape = FlowShape.of(in, out);

  private DigestGuard(Digest digest, Supplier<MessageDigest> hasher) {
    this.digest = digest;
    this.hasher = hasher;
  }

  /** Guards a whole blob, from its first byte on, and hashes on the disk dispatcher. */
  public static Flow<ByteString, ByteString, NotUsed> of(Digest digest) {
    return after(digest, digest.algorithm()::hasher);
  }

  /** Guards what is left of a blob whose beginning {@code hasher} was fed with. */
  static Flow<ByteString, ByteString, NotUsed> after(
      Digest digest, Supplier<MessageDigest> hasher) {
    return Flow.fromGraph(new DigestGuard(digest, hasher)).async(EngineSettings.DISK_DISPATCHER);
  }

  @Override
  public FlowShape<ByteString, ByteString> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final MessageDigest hashing = hasher.get();
    private @Nullable ByteString held;

    private Logic() {
      super(shape);
      setHandlers(
          in,
          out,
          new AbstractInOutHandler() {
            @Override
            public void onPush() {
              ByteString chunk = grab(in);
              for (ByteBuffer part : chunk.getByteBuffers()) {
                hashing.update(part);
              }
              if (held == null) {
                pull(in);
              } else {
                push(out, held);
              }
              held = chunk;
            }

            @Override
            public void onPull() {
              pull(in);
            }

            @Override
            public void onUpstreamFinish() {
              Digest hashed = Digest.ofHash(digest.algorithm(), hashing.digest());
              if (!hashed.equals(digest)) {
                failStage(new BlobRejectedException(digest, "it hashes to " + hashed));
              } else if (held == null) {
                completeStage();
              } else {
                emit(out, held, () -> completeStage());
              }
            }
          });
    }
  }
}
