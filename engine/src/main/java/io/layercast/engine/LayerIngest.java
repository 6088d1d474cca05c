package io.layercast.engine;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Signal;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.stream.javadsl.Sink;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one generation of one blob from the origin into this proxy's store and hashes it. Ends
 * itself after the {@link Outcome} it tells; stopping it ends its connections, stored pieces stay.
 */
final class LayerIngest extends AbstractOnMessageBehavior<LayerIngest.Command> {
  /**
   * Whole pieces whatever the size turns out to be, so that nothing is fetched again: their length
   * is a power of two, four pieces of 1 MiB up to 1 GiB, one of 4 MiB above.
   */
  private static final long FIRST_RANGE_BYTES = 4 * 1024 * 1024;

  /** The shortest range there is (RFC 9110, 14.1.2). */
  private static final long CONSENT_BYTES = 1;

  private static final int ACCESSES_MAX = 8;

  sealed interface Command {}

  /** Somebody else asks for the blob: a way on if the first one's credential expires. */
  record UseAccess(OriginAccess access) implements Command {}

  /** Peers hold pieces that an incarnation before this one fetched: they are about to say which. */
  enum PeersHold implements Command {
    INSTANCE
  }

  private record HolderTold(Holders.Told told) implements Command {}

  private record Replied(int connection, Asked asked, OriginBlobs.Reply reply) implements Command {}

  private record Opened(
      int connection, Asked asked, OriginBlobs.Bytes bytes, LiveBlobs.Hosted hosted)
      implements Command {}

  private record Ended(int connection, @Nullable Throwable cause) implements Command {}

  private record Hashed(LiveBlob blob, @Nullable Digest digest) implements Command {}

  private record Failed(Throwable cause) implements Command {}

  /** The store could not begin the blob. */
  private record Unhosted(Throwable cause, long sizeBytes) implements Command {}

  private record VerdictKept(Outcome verdict) implements Command {}

  private enum Retry implements Command {
    INSTANCE
  }

  /** A piece is here, whoever brought it. */
  private record Came(LiveBlob blob, int piece) implements Command {}

  /** A stored piece is gone, or the patience with peers may be over. */
  private enum Look implements Command {
    INSTANCE
  }

  /** One request: bytes {@code [from, to)} for the pieces before {@code endPiece}. */
  private record Asked(OriginAccess access, long from, OptionalLong to, int endPiece) {}

  /** An outcome of the ingest of that generation. */
  record Told(int generation, Outcome outcome) {}

  /** What becomes of an ingest; {@link Begun} first or never, then one of the others. */
  sealed interface Outcome {}

  /**
   * The blob is on this node and grows.
   *
   * @param consented whether the origin has just said yes to the access it began with
   */
  record Begun(LiveBlobs.Hosted hosted, boolean consented) implements Outcome {}

  /** The origin's no, before anything came. */
  record Refused(Refusal refusal) implements Outcome {}

  /**
   * The blob cannot be kept here: the origin does not tell its length, or the disk takes no more.
   * Before {@link Begun} the origin has just said yes to the access it was to begin with.
   */
  record Unkept(String cause, OptionalLong sizeBytes) implements Outcome {}

  /** Tries are used up; what was stored stays. */
  record GivenUp(String cause) implements Outcome {}

  /** The whole blob is here and hashes to its digest. */
  record Sealed() implements Outcome {}

  /** The whole blob came and does not; it is deleted. */
  record Wrong(String cause) implements Outcome {}

  private final ActorSystem<?> system;
  private final TimerScheduler<Command> timers;
  private final ProxyNode node;
  private final Digest digest;
  private final int generation;
  private final OptionalLong knownSize;
  private final ActorRef<Told> owner;
  private final EngineSettings.Ingest settings;
  private final Deque<OriginAccess> accesses = new ArrayDeque<>();
  private final Map<Integer, PieceInflow.Running> running = new HashMap<>();
  private LiveBlobs.@Nullable Hosted hosted;
  private IngestPlan plan = new IngestPlan(0);
  private PeerShare share;
  private SharedBlob.Subscription subscription = () -> {};
  private final List<Holders.Holding> parts;

  /** Proxies that have not said yet which pieces they hold. */
  private int partsUnheard;

  /** Callers' nodes hold pieces. */
  private boolean isTakeOver;

  private int lastConnection;

  /** Connections that were begun and have not ended. */
  private int connections;

  private boolean begun;

  /** The first stretch is through: the others may go side by side. */
  private boolean widened;

  private boolean sequential;
  private boolean askedWhole;

  /** Everything came and was hashed; what is missing from now on was deleted. */
  private boolean judging;

  private final Tries tries;

  private LayerIngest(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ProxyNode node,
      Start start,
      ActorRef<Told> owner) {
    super(context);
    context.setLoggerName(LayerIngest.class); // else a timer that comes first makes it Akka's
    this.system = context.getSystem();
    this.timers = timers;
    this.node = node;
    this.digest = start.digest();
    this.generation = start.generation();
    this.knownSize = start.knownSize();
    this.owner = owner;
    this.settings = node.settings().ingest();
    this.tries = new Tries(settings.tries(), settings.minBackoff(), settings.maxBackoff());
    this.accesses.add(start.access());
    this.parts = start.parts();
    this.isTakeOver = start.isTakeOver();
    this.share = newShare(0);
    start.stored().ifPresent(this::goOnWith);
    context.getSelf().tell(Look.INSTANCE);
  }

  /**
   * What to ingest and on whose behalf.
   *
   * @param stored what this node has of just this generation
   * @param parts other proxies that have some of just this generation
   * @param isTakeOver whether a caller's node has
   */
  record Start(
      Digest digest,
      int generation,
      OptionalLong knownSize,
      OriginAccess access,
      Optional<LiveBlobs.Hosted> stored,
      List<Holders.Holding> parts,
      boolean isTakeOver) {}

  static Behavior<Command> create(ProxyNode node, Start start, ActorRef<Told> owner) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> new LayerIngest(context, timers, node, start, owner)));
  }

  private void goOnWith(LiveBlobs.Hosted stored) {
    boolean isComplete = stored.blob().isComplete(); // before it is hashed, which may find damage
    resume(stored);
    if (isComplete) { // only the verdict is missing
      begin(stored, false);
    }
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    return switch (command) {
      case UseAccess use -> onUseAccess(use.access());
      case Replied replied -> onReplied(replied);
      case Opened opened -> onOpened(opened);
      case Ended ended -> onEnded(ended);
      case Hashed hashed -> onHashed(hashed);
      case Failed failed -> end(new GivenUp(String.valueOf(failed.cause().getMessage())));
      case Unhosted unhosted ->
          end(new Unkept("" + unhosted.cause(), OptionalLong.of(unhosted.sizeBytes())));
      case VerdictKept kept -> end(kept.verdict());
      case PeersHold _ -> {
        isTakeOver = true;
        leaveToPeers();
        yield this;
      }
      case HolderTold told -> onHolderTold(told.told());
      case Came came -> onCame(came);
      case Retry _, Look _ -> goOn();
    };
  }

  private Behavior<Command> onUseAccess(OriginAccess access) {
    boolean isSameRepository = access.repository().equals(accesses.getFirst().repository());
    if (isSameRepository && !accesses.contains(access)) {
      if (accesses.size() == ACCESSES_MAX) {
        accesses.removeLast();
      }
      accesses.addLast(access);
    }
    return this;
  }

  private Behavior<Command> goOn() {
    if (hosted != null && isWholeAgain() && connections == 0) {
      if (!begun) {
        begin(hosted, false);
      }
      return end(new Sealed());
    }
    askMore();
    return this;
  }

  /** Asks the origin for as much as may be under way now. */
  private void askMore() {
    boolean isPaused = timers.isTimerActive(Retry.INSTANCE);
    if (isPaused || judging || (sequential && connections > 0)) {
      return;
    }
    if (hosted == null) {
      if (connections == 0) {
        long first = firstRangeBytes();
        ask(0, askedWhole || first == 0 ? OptionalLong.empty() : OptionalLong.of(first), -1);
      }
      return;
    }
    long now = System.nanoTime();
    long gatheringNanos = share.gatheringNanos(now);
    if (begun && gatheringNanos > 0 && (isTakeOver || partsUnheard > 0)) {
      lookAfter(gatheringNanos);
      return;
    }
    PieceSet settled = share.settled(hosted.blob().have(), hosted.blob().heldElsewhere(), now);
    share.waitingNanos(now).ifPresent(this::lookAfter);
    PieceLayout layout = hosted.blob().layout();
    int limit = widened && !sequential ? settings.connections() : 1;
    while (connections < limit) {
      Optional<IngestPlan.Stretch> stretch =
          plan.assign(lastConnection + 1, settled, widened ? settings.piecesPerRange() : 1);
      if (stretch.isEmpty()) {
        return;
      }
      int end = stretch.get().end();
      long to = end == layout.pieceCount() ? layout.sizeBytes() : layout.offsetOf(end);
      ask(layout.offsetOf(stretch.get().begin()), OptionalLong.of(to), end);
    }
  }

  private void lookAfter(long nanos) {
    timers.startSingleTimer(Look.INSTANCE, Duration.ofNanos(nanos));
  }

  /** Of what others have pieces of, only what consent and size come with. */
  private long firstRangeBytes() {
    long most = isTakeOver || !parts.isEmpty() ? CONSENT_BYTES : FIRST_RANGE_BYTES;
    return knownSize.isPresent()
        ? Math.min(most, firstPieceEnd(PieceLayout.forSize(knownSize.getAsLong())))
        : most;
  }

  private static long firstPieceEnd(PieceLayout layout) {
    return Math.min(layout.pieceBytes(), layout.sizeBytes());
  }

  private void ask(long from, OptionalLong to, int endPiece) {
    int connection = ++lastConnection;
    connections++;
    Asked asked = new Asked(accesses.getFirst(), from, to, endPiece);
    getContext()
        .pipeToSelf(
            node.origin().fetch(asked.access(), digest, from, to),
            (reply, failure) ->
                new Replied(
                    connection,
                    asked,
                    reply != null ? reply : new OriginBlobs.Broken(String.valueOf(failure))));
  }

  private Behavior<Command> onReplied(Replied replied) {
    return switch (replied.reply()) {
      case OriginBlobs.Bytes bytes -> onBytes(replied, bytes);
      case OriginBlobs.Refused refused -> onRefused(replied, refused.refusal());
      case OriginBlobs.Busy busy -> onBusy(replied, busy);
      case OriginBlobs.Broken broken -> retryLater(replied.connection(), broken.cause());
    };
  }

  private Behavior<Command> onBytes(Replied replied, OriginBlobs.Bytes bytes) {
    OptionalLong size = bytes.sizeBytes().isPresent() ? bytes.sizeBytes() : knownSize;
    if (size.isEmpty()) {
      discard(bytes);
      return end(new Unkept("the origin does not tell its length", size));
    }
    if (bytes.from() != replied.asked().from() && bytes.from() != 0) {
      discard(bytes);
      return retryLater(
          replied.connection(),
          "the origin sent bytes from %d instead of %d"
              .formatted(bytes.from(), replied.asked().from()));
    }
    PieceLayout layout = PieceLayout.forSize(size.getAsLong());
    if (begun && hosted != null && !hosted.blob().layout().equals(layout)) {
      discard(bytes);
      return retryLater(replied.connection(), "the origin now says the blob has another length");
    }
    if (begun && hosted != null) {
      return onOpened(new Opened(replied.connection(), replied.asked(), bytes, hosted));
    }
    LayerTicket ticket = node.tickets().of(digest, layout, generation);
    getContext()
        .pipeToSelf(
            node.onDisk(() -> node.blobs().host(ticket, false)),
            (now, failure) -> {
              if (now != null) {
                return new Opened(replied.connection(), replied.asked(), bytes, now);
              }
              discard(bytes);
              return new Unhosted(failure, layout.sizeBytes());
            });
    return this;
  }

  private Behavior<Command> onOpened(Opened opened) {
    if (!begun) {
      resume(opened.hosted());
      begin(opened.hosted(), true);
    }
    LiveBlob blob = opened.hosted().blob();
    boolean ignoresRange = opened.bytes().from() != opened.asked().from();
    if (ignoresRange) {
      if (sequential && !running.isEmpty()) {
        discard(opened.bytes());
        return closed(opened.connection());
      }
      sequential = true;
      running.values().forEach(other -> other.kill().shutdown());
      plan.assignAll(opened.connection());
    }
    // The first answer brings what it brings: an honoured range ends by itself, an ignored one is
    // the whole blob, and asking anew would fetch its beginning twice.
    boolean toItsEnd = !widened || ignoresRange;
    PieceInflow.Running inflow =
        node.inflow()
            .run(
                opened.bytes().body(),
                blob,
                opened.bytes().from(),
                toItsEnd ? blob.layout().pieceCount() : opened.asked().endPiece(),
                new StallGuard(settings.stallTimeout(), settings.stallBytes()),
                (piece, bytes) -> blob.ingest(piece, bytes, node.tickets().keys()));
    running.put(opened.connection(), inflow);
    getContext().pipeToSelf(inflow.done(), (_, failure) -> new Ended(opened.connection(), failure));
    return this;
  }

  /** From now on {@link #hosted} is what is filled. */
  private void resume(LiveBlobs.Hosted now) {
    if (hosted != null && hosted.blob() == now.blob()) {
      return;
    }
    hosted = now;
    plan = new IngestPlan(now.blob().layout().pieceCount());
    share = newShare(now.blob().layout().pieceCount());
    now.blob().want(false); // the origin brings it: peers would bring the same bytes twice
    subscription.close();
    subscription = subscribe(now.blob());
    if (now.blob().state() == SharedBlob.State.GROWING) {
      getContext()
          .pipeToSelf(now.blob().digestAll(), (result, _) -> new Hashed(now.blob(), result));
    }
  }

  private SharedBlob.Subscription subscribe(LiveBlob blob) {
    ActorRef<Command> self = getContext().getSelf();
    return blob.subscribe(
        new SharedBlob.Listener() {
          @Override
          public void onStored(int piece) {
            self.tell(new Came(blob, piece));
          }

          @Override
          public void onLost(int piece) {
            self.tell(Look.INSTANCE);
          }
        });
  }

  private PeerShare newShare(int pieceCount) {
    return new PeerShare(
        pieceCount, settings.takeOverGrace(), settings.peerPatience(), System.nanoTime());
  }

  /** The blob is here and grows; whoever holds pieces of it is heard from now on. */
  private void begin(LiveBlobs.Hosted now, boolean consented) {
    begun = true;
    owner.tell(new Told(generation, new Begun(now, consented)));
    if (isTakeOver || !parts.isEmpty()) {
      leaveToPeers();
    }
    ActorRef<Holders.Told> answers =
        getContext().messageAdapter(Holders.Told.class, HolderTold::new);
    partsUnheard = parts.size();
    parts.forEach(part -> part.holder().tell(new Holders.WhichPieces(digest, generation, answers)));
  }

  private void leaveToPeers() {
    if (hosted != null && begun) {
      hosted.blob().want(true);
      share.gather(System.nanoTime());
    }
  }

  private Behavior<Command> onCame(Came came) {
    if (hosted == null || hosted.blob() != came.blob()) {
      return this;
    }
    if (!plan.isAssigned(came.piece())) {
      share.came(came.piece(), System.nanoTime());
    }
    return begun && isWholeAgain() ? end(new Sealed()) : this;
  }

  /** It was sealed before and had lost pieces. */
  private boolean isWholeAgain() {
    return hosted != null && hosted.isWhole() && !judging;
  }

  private Behavior<Command> onHolderTold(Holders.Told told) {
    if (hosted != null) {
      LiveBlob blob = hosted.blob();
      SwarmKeys keys = node.tickets().keys();
      HeldIntake.Outcome outcome =
          HeldIntake.take(blob, new HeldPieces(generation, told.pieces()), keys);
      if (outcome instanceof HeldIntake.Refused refused) {
        getContext().getLog().warn("pieces of {} on a proxy: {}", digest, refused.cause());
      }
      partsUnheard -= told.isLast() ? 1 : 0;
      askMore();
    }
    return this;
  }

  private Behavior<Command> onEnded(Ended ended) {
    running.remove(ended.connection());
    if (ended.cause() == null) {
      widened = true;
    }
    if (hosted != null && !judging && hosted.blob().writeFailure().isPresent()) {
      return end(unkept(hosted.blob(), hosted.blob().writeFailure().get()));
    }
    if (ended.cause() == null && !isShort(ended.connection())) {
      return closed(ended.connection());
    }
    if (ended.cause() == null) {
      return retryLater(ended.connection(), "the origin's answer was short");
    }
    boolean contradicts = ended.cause() instanceof PieceInflow.WrongPieceException;
    return retryLater(ended.connection(), "" + ended.cause().getMessage(), contradicts);
  }

  /** What is whole but for pieces the disk has lost is worth keeping: peers have the others. */
  private static Outcome unkept(LiveBlob blob, IOException cause) {
    return blob.state() == SharedBlob.State.SEALED
        ? new GivenUp("" + cause)
        : new Unkept("" + cause, OptionalLong.of(blob.layout().sizeBytes()));
  }

  /** Whether the connection left out a piece that it was to bring. */
  private boolean isShort(int connection) {
    return hosted != null && plan.lacksAny(connection, hosted.blob().have());
  }

  private Behavior<Command> closed(int connection) {
    connections--;
    plan.release(connection);
    if (isWholeAgain()) {
      return end(new Sealed());
    }
    askMore();
    return this;
  }

  private Behavior<Command> retryLater(int connection, String cause) {
    return retryLater(connection, cause, false);
  }

  /**
   * @param contradicts whether a piece came that is not what it was known to be
   */
  private Behavior<Command> retryLater(int connection, String cause, boolean contradicts) {
    releaseFailed(connection);
    if (judging) {
      return this;
    }
    if (tries.areUsedUp()) {
      // Which of the two was right, only the whole blob's digest can tell: all of it anew.
      return contradicts
          ? judge(Optional.of("what the origin sends now contradicts what it sent: " + cause))
          : end(new GivenUp(cause));
    }
    getContext().getLog().debug("ingest of {} tries again: {}", digest, cause);
    timers.startSingleTimer(Retry.INSTANCE, tries.pause());
    return this;
  }

  private Behavior<Command> onBusy(Replied replied, OriginBlobs.Busy busy) {
    releaseFailed(replied.connection());
    if (judging) {
      return this;
    }
    if (tries.areUsedUp() || busy.retryAfter().compareTo(settings.longestRetryAfter()) > 0) {
      return end(begun ? new GivenUp("the origin is busy") : new Refused(busy.refusal()));
    }
    if (begun) {
      accesses.addLast(accesses.removeFirst()); // another's quota may last
    }
    Duration least = tries.pause();
    Duration pause = busy.retryAfter().compareTo(least) > 0 ? busy.retryAfter() : least;
    timers.startSingleTimer(Retry.INSTANCE, pause);
    return this;
  }

  private void releaseFailed(int connection) {
    connections--;
    plan.release(connection);
    int pieces = hosted == null ? 0 : hosted.blob().have().count();
    tries.failed(pieces, pieces);
  }

  private Behavior<Command> onRefused(Replied replied, Refusal refusal) {
    if (refusal.status() == 416 && !begun && !askedWhole) {
      askedWhole = true; // an empty blob satisfies no range (RFC 9110, 14.1.2)
      hosted = null;
      return closed(replied.connection());
    }
    if (!begun) {
      return end(new Refused(refusal));
    }
    accesses.remove(replied.asked().access());
    if (accesses.isEmpty()) {
      return end(new GivenUp("the origin answers " + refusal.status() + " by now"));
    }
    return closed(replied.connection());
  }

  private Behavior<Command> onHashed(Hashed hashed) {
    LiveBlob blob = hashed.blob();
    if (hosted == null || hosted.blob() != blob || judging) {
      return this; // of a partial copy whose length was not the origin's, or judged meanwhile
    }
    if (hashed.digest() == null) {
      return end(new GivenUp("the blob was closed or could not be hashed"));
    }
    boolean isRight = hashed.digest().equals(digest);
    return judge(
        isRight
            ? Optional.empty()
            : Optional.of("what the origin sent hashes to " + hashed.digest()));
  }

  private Behavior<Command> judge(Optional<String> objection) {
    if (hosted == null || judging) {
      return this;
    }
    judging = true;
    LiveBlob blob = hosted.blob();
    getContext()
        .pipeToSelf(
            node.onDisk(() -> {
              if (objection.isPresent()) {
                blob.reject(objection.get());
              } else {
                blob.seal();
              }
              return Done.getInstance();
            }),
            (_, failure) -> {
              if (failure != null) {
                return new Failed(failure);
              }
              return new VerdictKept(objection.<Outcome>map(Wrong::new).orElseGet(Sealed::new));
            });
    return this;
  }

  private void discard(OriginBlobs.Bytes bytes) {
    var _ = bytes.body().runWith(Sink.cancelled(), system);
  }

  private Behavior<Command> end(Outcome outcome) {
    endWish(); // before the owner can begin another
    owner.tell(new Told(generation, outcome));
    return Behaviors.stopped();
  }

  /** What nobody brings any more is not to be kept for it. */
  private void endWish() {
    if (hosted != null && hosted.blob().state() == SharedBlob.State.GROWING) {
      hosted.blob().endWish();
    }
    hosted = null;
  }

  @Override
  public Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop) {
      endWish();
      subscription.close();
      running.values().forEach(connection -> connection.kill().shutdown());
    }
    return this;
  }
}
