package io.layercast.engine;

import akka.Done;
import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Signal;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Gets one blob onto this agent: keeps its news coming, gets from a proxy over HTTP what the swarm
 * does not bring to a waiting reader, and sees to a verdict. The swarm works by itself on the
 * {@link LiveBlob}. Ends when the blob is whole and sealed, or rejected; the blob stays seeded.
 */
final class LayerDownload extends AbstractOnMessageBehavior<LayerDownload.Command> {
  private static final int ACCESSES_MAX = 8;

  sealed interface Command {}

  /**
   * A caller with a grant wants the blob.
   *
   * @param news is run or cancelled here
   * @param times of the download that this begins, if it does
   */
  record Join(
      OriginAccess access,
      LayerTicket ticket,
      Source<LayerNews, NotUsed> news,
      PullTimes times,
      ActorRef<Joined> replyTo)
      implements Command {}

  enum Stop implements Command {
    INSTANCE
  }

  private record Opened(LiveBlobs.@Nullable Hosted hosted, @Nullable Throwable failure)
      implements Command {}

  private record VerdictTold(LiveBlob blob, LayerNews verdict) implements Command {}

  private record NewsEnded(LiveBlob blob, @Nullable Throwable failure) implements Command {}

  private record Reopened(OriginAccess access, LayerCatalog.Opening opening) implements Command {}

  private record Offered(@Nullable Throwable failure) implements Command {}

  private record Hashed(LiveBlob blob, @Nullable Digest digest) implements Command {}

  private record VerdictKept(LiveBlobs.Hosted hosted, @Nullable Throwable failure)
      implements Command {}

  private record FallbackEnded(LiveBlob blob, Optional<String> failure) implements Command {}

  private enum Complete implements Command {
    INSTANCE
  }

  private enum Reopen implements Command {
    INSTANCE
  }

  /** What readers wait for has changed, or they have waited for long. */
  private enum Look implements Command {
    INSTANCE
  }

  /** All is here, and nobody has said whether it is right. */
  private enum VerdictLate implements Command {
    INSTANCE
  }

  /** What a {@link Join} is told. */
  sealed interface Joined {}

  record Attached(LiveBlob blob) implements Joined {}

  /** The store cannot take the blob. */
  record NotAttached(String cause) implements Joined {}

  private final ActorSystem<?> system;
  private final TimerScheduler<Command> timers;
  private final AgentNode node;
  private final Digest digest;
  private final ActorRef<LayerDownloads.Command> owner;
  private final EngineSettings.Agent settings;
  private final Deque<OriginAccess> accesses = new ArrayDeque<>();
  private final List<Join> joining = new ArrayList<>();
  private final HttpPieces overHttp;
  private Fallback fallback;
  private LiveBlobs.@Nullable Hosted hosted;
  private SharedBlob.Subscription subscription = () -> {};
  private @Nullable UniqueKillSwitch news;
  private boolean hashing;
  private boolean finished;
  private int joins;

  /** Of reopening and of fallbacks. */
  private final Tries tries;

  /** Of the current download, from its first caller on. */
  private final PullAccount account;

  /** A {@link Look} is under way. */
  private final AtomicBoolean looks = new AtomicBoolean();

  private LayerDownload(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      AgentNode node,
      Digest digest,
      ActorRef<LayerDownloads.Command> owner) {
    super(context);
    context.setLoggerName(LayerDownload.class); // else a timer that comes first makes it Akka's
    this.system = context.getSystem();
    this.timers = timers;
    this.node = node;
    this.digest = digest;
    this.owner = owner;
    this.settings = node.settings().agent();
    this.tries =
        new Tries(settings.tries(), settings.minReopenBackoff(), settings.maxReopenBackoff());
    this.fallback = newFallback();
    this.overHttp = new HttpPieces(node, digest, system);
    this.account = new PullAccount(digest, node.pulls(), context.getLog());
    node.pulls().began();
  }

  static Behavior<Command> create(
      AgentNode node, Digest digest, ActorRef<LayerDownloads.Command> owner) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> new LayerDownload(context, timers, node, digest, owner)));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Join join -> onJoin(join);
      case Opened opened -> onOpened(opened);
      case VerdictTold told -> onVerdictTold(told);
      case NewsEnded ended -> onNewsEnded(ended);
      case Reopen _ -> reopen();
      case Reopened reopened -> onReopened(reopened);
      case Offered offered -> {
        if (offered.failure() != null) { // the origin has it too
          getContext().getLog().info("tried to offer pieces of {}: {}", digest, offered.failure());
        }
      }
      case Hashed hashed -> onHashed(hashed);
      case VerdictKept kept -> onVerdictKept(kept);
      case Complete _ -> onComplete();
      case FallbackEnded ended -> onFallbackEnded(ended);
      case Look _ -> {
        looks.set(false);
        look();
      }
      case VerdictLate _ -> hash();
      case Stop _ -> {
        return Behaviors.stopped();
      }
    }
    return this;
  }

  private void onJoin(Join join) {
    accesses.remove(join.access());
    if (accesses.size() == ACCESSES_MAX) {
      accesses.removeFirst();
    }
    accesses.addLast(join.access());
    if (joins == 0) {
      account.asked(join.times());
    }
    joins++;
    finished = false;
    admit(join);
  }

  private void admit(Join join) {
    if (!joining.isEmpty()) {
      joining.add(join);
    } else if (hosted == null || isSuperseded(hosted, join.ticket())) {
      joining.add(join);
      host(join.ticket());
    } else {
      attach(join, hosted);
    }
  }

  private static boolean isSuperseded(LiveBlobs.Hosted hosted, LayerTicket ticket) {
    return hosted.blob().isClosed() // evicted meanwhile: a full disk had ended its writes
        || hosted.blob().state() == SharedBlob.State.REJECTED
        || ticket.generation() > hosted.ticket().generation()
        || !ticket.layout().equals(hosted.ticket().layout());
  }

  private void host(LayerTicket ticket) {
    getContext().pipeToSelf(node.onDisk(() -> node.blobs().host(ticket, true)), Opened::new);
  }

  private void onOpened(Opened opened) {
    List<Join> joined = List.copyOf(joining);
    joining.clear();
    LiveBlobs.Hosted now = opened.hosted();
    if (now == null) {
      getContext().getLog().warn("tried to store {}, but failed", digest, opened.failure());
      report(PullReport.Result.UNSTORED, String.valueOf(opened.failure()));
      for (Join join : joined) {
        cancel(join.news());
        join.replyTo().tell(new NotAttached(String.valueOf(opened.failure())));
      }
      finish();
    } else {
      take(now);
      joined.forEach(this::admit);
    }
  }

  /** From now on {@link #hosted} is what is downloaded. */
  private void take(LiveBlobs.Hosted now) {
    if (hosted != null && hosted.blob() == now.blob()) {
      return;
    }
    endStreams();
    fallback = newFallback();
    hosted = now;
    LiveBlob blob = now.blob();
    ActorRef<Command> self = getContext().getSelf();
    PullTimes clock = account.times();
    subscription =
        blob.subscribe(
            new SharedBlob.Listener() {
              @Override
              public void onStored(int piece) {
                clock.stored(piece, System.nanoTime());
                if (blob.isComplete()) {
                  self.tell(Complete.INSTANCE);
                }
                onReaders();
              }

              @Override
              public void onExpected(int piece) {
                onReaders();
              }

              @Override
              public void onReaders() {
                if (!looks.getAndSet(true)) {
                  self.tell(Look.INSTANCE);
                }
              }
            });
    account.begins(blob);
  }

  private void attach(Join join, LiveBlobs.Hosted to) {
    to.blob().want(true);
    boolean isOfThis = join.ticket().generation() == to.ticket().generation();
    if (isOfThis) {
      to.hear(join.ticket());
    } else {
      to.member().meet(join.ticket().seeds());
    }
    if (isOfThis && to.blob().state() == SharedBlob.State.SEALED) {
      offerUnlessItIsThere(join, to.blob());
    } else {
      if (isOfThis && joins == 1) {
        offer(join.access(), to.blob());
      }
      if (isOfThis && to.blob().state() == SharedBlob.State.GROWING && news == null) {
        follow(join.news(), to.blob());
      } else {
        cancel(join.news());
      }
    }
    join.replyTo().tell(new Attached(to.blob()));
    onComplete();
  }

  /** What this node holds of the blob may be all that is left of it: the proxy may be new to it. */
  private void offer(OriginAccess access, LiveBlob blob) {
    HeldPieces held = blob.held();
    if (!held.pieces().isEmpty()) {
      getContext()
          .pipeToSelf(
              node.catalog().offer(access, digest, held), (_, failure) -> new Offered(failure));
    }
  }

  /** Which may be found out after the end of this actor, as nothing else is to be done. */
  private void offerUnlessItIsThere(Join join, LiveBlob blob) {
    LayerCatalog catalog = node.catalog();
    var _ =
        RestOfNews.sayItIsSealed(join.news(), system)
            .thenAccept(isThere -> {
              if (!isThere) {
                var _ = catalog.offer(join.access(), digest, blob.held());
              }
            });
  }

  private void cancel(Source<LayerNews, NotUsed> unused) {
    var _ = unused.runWith(Sink.cancelled(), system);
  }

  private void follow(Source<LayerNews, NotUsed> source, LiveBlob blob) {
    ActorRef<Command> self = getContext().getSelf();
    var running =
        source
            .viaMat(KillSwitches.single(), Keep.right())
            .filter(item -> item.generation() == blob.generation())
            .toMat(
                Sink.<LayerNews>foreach(item -> {
                  switch (item) {
                    case LayerNews.PieceKnown piece -> blob.learn(piece.index(), piece.proof());
                    case LayerNews.Sealed sealed -> self.tell(new VerdictTold(blob, sealed));
                    case LayerNews.Rejected rejected -> self.tell(new VerdictTold(blob, rejected));
                  }
                }),
                Keep.both())
            .run(system);
    news = running.first();
    timers.cancel(Reopen.INSTANCE);
    getContext().pipeToSelf(running.second(), (_, failure) -> new NewsEnded(blob, failure));
  }

  private void onVerdictTold(VerdictTold told) {
    if (hosted != null && hosted.blob() == told.blob()) {
      switch (told.verdict()) {
        case LayerNews.Sealed _ -> keepVerdict(hosted, Optional.empty());
        case LayerNews.Rejected rejected -> keepVerdict(hosted, Optional.of(rejected.cause()));
        case LayerNews.PieceKnown _ -> throw new IllegalStateException("not a verdict");
      }
    }
  }

  private void keepVerdict(LiveBlobs.Hosted about, Optional<String> rejection) {
    getContext()
        .pipeToSelf(
            node.onDisk(() -> {
              if (rejection.isPresent()) {
                about.blob().reject(rejection.get());
              } else {
                about.blob().seal();
              }
              return Done.getInstance();
            }),
            (_, failure) -> new VerdictKept(about, failure));
  }

  private void onVerdictKept(VerdictKept kept) {
    if (kept.failure() != null) {
      getContext()
          .getLog()
          .warn("tried to keep the verdict on {}, but failed", digest, kept.failure());
    }
    if (kept.hosted().blob().state() == SharedBlob.State.REJECTED) {
      report(PullReport.Result.REJECTED, kept.hosted().blob().cause());
      node.blobs().drop(kept.hosted());
    }
    if (kept.hosted().equals(hosted)) {
      onComplete();
    }
  }

  private void onNewsEnded(NewsEnded ended) {
    if (hosted == null || hosted.blob() != ended.blob()) {
      return;
    }
    news = null;
    if (ended.blob().state() == SharedBlob.State.GROWING) {
      getContext().getLog().debug("news of {} broke: {}", digest, ended.failure());
      reopenLater();
    }
  }

  private void reopenLater() {
    if (!timers.isTimerActive(Reopen.INSTANCE)) {
      timers.startSingleTimer(Reopen.INSTANCE, countFailure("the news of it broke"));
    }
  }

  /**
   * Counts a failure; after too many in a row readers are told. Pieces that peers bring say that it
   * goes on, but nothing of the proxies: many nodes must not ask those ever and again.
   *
   * @return the pause it calls for
   */
  private Duration countFailure(String cause) {
    if (hosted == null) {
      tries.failed(0, 0);
    } else {
      tries.failed(hosted.blob().have().count(), hosted.blob().knownCount());
    }
    if (tries.areUsedUp() && hosted != null && !hosted.blob().isComplete()) {
      giveUp(hosted.blob(), cause);
    }
    return tries.pause();
  }

  /** No way to the rest is left: readers are told, and who asks next begins anew. */
  private void giveUp(LiveBlob blob, String cause) {
    report(PullReport.Result.STUCK, cause);
    blob.want(false);
    blob.interrupt(
        new IOException("tried to get %s, but failed because %s".formatted(digest, cause)));
    tries.renew();
    finish();
  }

  private void reopen() {
    OriginAccess access = accesses.peekLast();
    if (hosted == null || news != null || hosted.blob().state() != SharedBlob.State.GROWING) {
      return;
    }
    if (access == null) {
      reopenLater(); // peers may bring the rest, somebody with another credential may come
    } else if (joining.isEmpty()) {
      getContext()
          .pipeToSelf(
              node.catalog().open(access, digest, hosted.blob().lastKnown()),
              (opening, failure) ->
                  new Reopened(
                      access,
                      opening != null
                          ? opening
                          : new LayerCatalog.Unavailable(String.valueOf(failure))));
    }
  }

  private void onReopened(Reopened reopened) {
    switch (reopened.opening()) {
      case LayerCatalog.Swarmed swarmed -> onReopenedSwarm(reopened.access(), swarmed);
      case LayerCatalog.Refused refused -> onReopenRefused(reopened.access(), refused.refusal());
      case LayerCatalog.Relayed _ -> goAround();
      case LayerCatalog.Unavailable _, LayerCatalog.Inline _ -> reopenLater();
    }
  }

  /**
   * Its caller may have another credential by now, so where hashes are missing it is told at once.
   */
  private void onReopenRefused(OriginAccess access, Refusal refusal) {
    boolean isBusy = refusal.status() == 429 || refusal.status() >= 500;
    if (!isBusy) {
      accesses.remove(access);
    }
    if (hosted != null && accesses.isEmpty() && needsNews(hosted.blob())) {
      giveUp(hosted.blob(), "the origin answers %d by now".formatted(refusal.status()));
    } else {
      reopenLater();
    }
  }

  private static boolean needsNews(LiveBlob blob) {
    return blob.state() == SharedBlob.State.GROWING && blob.knownCount() < blob.have().pieceCount();
  }

  private void onReopenedSwarm(OriginAccess access, LayerCatalog.Swarmed swarmed) {
    if (hosted == null || news != null) {
      cancel(swarmed.news());
    } else if (swarmed.ticket().generation() < hosted.ticket().generation()) {
      cancel(swarmed.news()); // a proxy that has not heard of this generation yet
      reopenLater();
    } else if (isSuperseded(hosted, swarmed.ticket())) {
      cancel(swarmed.news());
      keepVerdict(hosted, Optional.of("the proxy fetches it anew"));
    } else {
      hosted.hear(swarmed.ticket());
      follow(swarmed.news(), hosted.blob());
      offer(access, hosted.blob());
    }
  }

  /** The proxies cannot keep it, so no more of it gets into the swarm: its readers leave it. */
  private void goAround() {
    if (hosted != null) {
      String cause = "the proxies have no room for it";
      report(PullReport.Result.UNSTORED, cause);
      hosted.blob().failWrites(new IOException(cause));
      finish();
    }
  }

  private void onComplete() {
    if (hosted == null || finished || !joining.isEmpty()) {
      return;
    }
    LiveBlob blob = hosted.blob();
    if (blob.isComplete()) {
      account.times().complete(System.nanoTime());
    }
    if (hosted.isWhole()) {
      account.done(hosted, overHttp.bytes());
      finish();
    } else if (blob.state() == SharedBlob.State.REJECTED) {
      finish();
    } else if (blob.state() == SharedBlob.State.SEALED && blob.writeFailure().isPresent()) {
      report(PullReport.Result.UNSTORED, "" + blob.writeFailure().get());
      finish();
    } else if (blob.isComplete() && !timers.isTimerActive(VerdictLate.INSTANCE)) {
      timers.startSingleTimer(VerdictLate.INSTANCE, settings.verdictTimeout());
    }
  }

  private void report(PullReport.Result result, String cause) {
    account.report(result, cause, hosted, overHttp.bytes());
  }

  private void finish() {
    finished = true;
    owner.tell(new LayerDownloads.Finished(digest, joins));
  }

  private void hash() {
    if (hosted == null || hashing) {
      return;
    }
    LiveBlob blob = hosted.blob();
    if (blob.state() == SharedBlob.State.GROWING && blob.isComplete()) {
      hashing = true;
      getContext().pipeToSelf(blob.digestAll(), (result, _) -> new Hashed(blob, result));
    }
  }

  /** Whether what readers wait for is to be got over HTTP; comes again when it may be. */
  private void look() {
    if (hosted == null || accesses.isEmpty()) {
      return;
    }
    LiveBlob blob = hosted.blob();
    long rate = node.download().rate();
    long now = System.nanoTime();
    fallback
        .due(knownToProxies(blob), blob.have(), blob.layout(), rate, swarmBytes(hosted), now)
        .ifPresent(pieces -> getOverHttp(blob, pieces));
    fallback.nanosUntilDue(blob.layout(), rate, now).ifPresent(this::lookAfter);
  }

  /** Sooner than that if it is long: a higher rate makes it shorter, and tells nobody. */
  private void lookAfter(long nanos) {
    Duration most = settings.progressTimeout();
    Duration wait = Duration.ofNanos(nanos);
    timers.startSingleTimer(Look.INSTANCE, wait.compareTo(most) < 0 ? wait : most);
  }

  /** What readers wait for, but for pieces of which not even the proxy has the bytes yet. */
  private static List<Integer> knownToProxies(LiveBlob blob) {
    return blob.readerPieces().stream().filter(piece -> blob.expected(piece).isPresent()).toList();
  }

  private void onHashed(Hashed hashed) {
    hashing = false;
    if (hosted == null || hosted.blob() != hashed.blob()) {
      return;
    }
    if (hashed.digest() == null) { // a piece was lost meanwhile
      onComplete();
    } else {
      keepVerdict(
          hosted,
          hashed.digest().equals(digest)
              ? Optional.empty()
              : Optional.of("its pieces hash to " + hashed.digest()));
    }
  }

  private void getOverHttp(LiveBlob blob, IngestPlan.Stretch pieces) {
    getContext().getLog().debug("{}: {} over HTTP", digest, pieces);
    getContext()
        .pipeToSelf(
            overHttp.get(accesses.getLast(), blob, pieces),
            (cause, failure) ->
                new FallbackEnded(blob, failure == null ? cause : Optional.of("" + failure)));
  }

  private static long swarmBytes(LiveBlobs.Hosted of) {
    return of.member().traffic().fromSeeds() + of.member().traffic().fromPeers();
  }

  private void onFallbackEnded(FallbackEnded ended) {
    LiveBlob blob = ended.blob();
    if (hosted == null || hosted.blob() != blob) {
      return;
    }
    if (ended.failure().isPresent()) {
      String cause = ended.failure().get();
      getContext().getLog().debug("{} over HTTP failed: {}", digest, cause);
      fallback.failed(System.nanoTime() + countFailure(cause).toNanos());
    } else if (accesses.isEmpty()) { // its caller has been refused meanwhile
      fallback.failed(System.nanoTime());
    } else {
      fallback
          .came(blob.readerPieces(), blob.have(), swarmBytes(hosted))
          .ifPresent(pieces -> getOverHttp(blob, pieces));
    }
    look();
  }

  private Fallback newFallback() {
    return new Fallback(settings.progressTimeout(), settings.fallbackPieces());
  }

  private void endStreams() {
    subscription.close();
    if (news != null) {
      news.shutdown();
      news = null;
    }
    overHttp.end();
  }

  @Override
  public Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop) {
      node.pulls().over();
      endStreams();
    }
    return this;
  }
}
