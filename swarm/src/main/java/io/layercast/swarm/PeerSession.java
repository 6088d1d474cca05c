package io.layercast.swarm;

import akka.stream.Attributes;
import akka.stream.FanOutShape2;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import io.layercast.engine.PieceBuffer;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SharedBlob;
import io.layercast.swarm.wire.ExtensionHandshake;
import io.layercast.swarm.wire.Handshake;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's protocol, both directions, from the handshake to the close. Talks with its
 * {@link BlobSwarm} in small messages; bytes go from the socket into piece buffers and from the
 * disk to the socket, never through an actor.
 *
 * <p>In: what the peer sent. Out 0: our frames but PIECE; emits at once, several joined. Out 1: the
 * blocks that are to go out, 128 KiB under an upload limit, else {@code upload-run}; apart from the
 * others so that a limit does not delay a request. Asks for input always, but while it looks for
 * the swarm of an incoming handshake: what is requested has its buffer already. Completes when
 * either side closes, at a deadline, or when the peer breaks the protocol; fails never.
 */
final class PeerSession extends GraphStage<FanOutShape2<Incoming, Outgoing, Outgoing>> {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSession.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  /** A peer that makes us talk and does not listen is closed at so many unsent bytes. */
  private static final int MAX_UNSENT_BYTES = 1024 * 1024;

  private final NodeContext node;
  private final Arrivals arrivals;
  private final SendMemory sendMemory;
  private final Greeting greeting;
  private final InetSocketAddress socketAddress;
  private final Optional<Admission.Entrance> dialledFor;
  private final ConnectionBudget.Permit permit;

  private final Inlet<Incoming> in = Inlet.create("session.in");
  private final Outlet<Outgoing> control = Outlet.create("session.control");
  private final Outlet<Outgoing> blocks = Outlet.create("session.blocks");
  private final FanOutShape2<Incoming, Outgoing, Outgoing> shape =
      new FanOutShape2<>(in, control, blocks);

  /**
   * @param socketAddress the other end
   * @param dialledFor where we dialled: the swarm to join there
   */
  PeerSession(
      NodeContext node,
      Arrivals arrivals,
      SendMemory sendMemory,
      Greeting greeting,
      InetSocketAddress socketAddress,
      Optional<Admission.Entrance> dialledFor,
      ConnectionBudget.Permit permit) {
    this.node = node;
    this.arrivals = arrivals;
    this.sendMemory = sendMemory;
    this.greeting = greeting;
    this.socketAddress = socketAddress;
    this.dialledFor = dialledFor;
    this.permit = permit;
  }

  @Override
  public FanOutShape2<Incoming, Outgoing, Outgoing> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  /** What there is only once the peer belongs to the swarm. */
  private record Opened(
      Swarm swarm,
      Remote remote,
      RequestPipeline pipeline,
      Downloads down,
      Uploads up,
      SessionDisk disk,
      TalkBudget talk) {}

  private final class Logic extends TimerGraphStageLogic implements Downloads.Exit, Uploads.Exit {
    private final SwarmSettings.Deadlines deadlines = node.settings().deadlines();
    private final long startNanos = System.nanoTime();
    private final Session session;
    private final AsyncCallback<Optional<Admission.Entrance>> admitted =
        createAsyncCallback(this::onAdmitted);
    private final AsyncCallback<List<PeerMessage.Request>> unreadable =
        createAsyncCallback(this::onUnreadable);
    private final AsyncCallback<Integer> memoryFree = createAsyncCallback(_ -> onMemoryFree());
    private final AsyncCallback<Integer> sendMemoryFree = createAsyncCallback(_ -> flushBlocks());
    private final AsyncCallback<Integer> flushHaves = createAsyncCallback(_ -> tellHaves());

    private ByteString unsent = ByteString.emptyByteString();
    private long lastSentNanos = startNanos;
    private long stallNanos = deadlines.stallMax().toNanos();
    private @Nullable Opened opened;
    private boolean started;
    private boolean peerIsInterested;
    private boolean heardHave;
    private final List<Integer> newHaves = new ArrayList<>();
    private final List<SharedBlob.Subscription> memoryWakes = new ArrayList<>();

    Logic() {
      super(shape);
      AsyncCallback<SessionCommand> inbox = createAsyncCallback(this::onCommand);
      this.session = new Session(inbox);
      setHandler(
          in,
          new AbstractInHandler() {
            @Override
            public void onPush() {
              take(grab(in));
            }

            @Override
            public void onUpstreamFailure(Throwable failure) {
              end(failure instanceof WireException ? failure.getMessage() : failure.toString());
            }
          });
      setHandler(
          control,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              flush();
            }
          });
      setHandler(
          blocks,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              noteAsked();
              flushBlocks();
            }
          });
    }

    @Override
    public void preStart() {
      scheduleWithFixedDelay("tick", TICK, TICK);
      dialledFor.ifPresent(
          entrance -> guard(() -> send(greeting.enter(entrance.swarm(), entrance.alias()))));
      pull(in);
    }

    @Override
    public void postStop() {
      permit.close();
      memoryWakes.forEach(SharedBlob.Subscription::close);
      if (opened != null) {
        opened.down.close();
        node.desk().tell(new UploadDesk.Left(session));
        opened.swarm.actor().tell(new BlobSwarm.Gone(session, opened.remote));
      }
      dialledFor.ifPresent(
          entrance -> entrance.swarm().actor().tell(new BlobSwarm.DialEnded(socketAddress)));
    }

    private void end(@Nullable String cause) {
      LOG.debug("Closing {} with {}: {}", session, socketAddress, cause);
      completeStage();
    }

    /** Something that a peer can make fail. */
    private interface Step {
      void run() throws WireException;
    }

    private void guard(Step step) {
      try {
        step.run();
      } catch (WireException e) {
        end(e.getMessage());
      }
    }

    private void take(Incoming incoming) {
      guard(() -> {
        if (incoming instanceof Handshake handshake) {
          onHandshake(handshake);
          return;
        }
        if (opened == null) {
          send(greeting.onFrame(incoming));
          openIfDone();
        } else {
          onOpened(opened, incoming);
        }
        pullIfOpen();
      });
    }

    private void onHandshake(Handshake handshake) throws WireException {
      send(greeting.onHandshake(handshake));
      if (dialledFor.isPresent()) {
        openIfDone();
        pullIfOpen();
      } else {
        node.admission().find(handshake.infoHash()).thenAccept(admitted::invoke);
      }
    }

    private void onAdmitted(Optional<Admission.Entrance> entrance) {
      if (entrance.isEmpty()) {
        end("no such swarm here");
        return;
      }
      guard(() -> {
        send(greeting.enter(entrance.get().swarm(), entrance.get().alias()));
        openIfDone();
        pullIfOpen();
      });
    }

    private void openIfDone() {
      if (!greeting.isDone() || opened != null) {
        return;
      }
      permit.greeted();
      Swarm swarm = greeting.swarm();
      Remote remote = greeting.remote(socketAddress);
      SwarmSettings.Transfer transfer = node.settings().transfer();
      RequestPipeline pipeline = new RequestPipeline(transfer, greeting.blockBytes());
      boolean fast = greeting.isFast();
      Downloads down = new Downloads(pipeline, node.buffers(), fast, greeting.requestQueue(), this);
      Uploads up =
          new Uploads(swarm.blob(), transfer, remote.foreign(), fast, transfer.blockBytes(), this);
      SessionDisk disk = new SessionDisk(node, swarm, remote, session);
      TalkBudget talk =
          new TalkBudget(
              node.settings().talk(), swarm.blob().layout().pieceCount(), System.nanoTime());
      opened = new Opened(swarm, remote, pipeline, down, up, disk, talk);
      arrivals.areOf(swarm.blob());
      memoryWakes.add(node.buffers().onFree(() -> memoryFree.invoke(0)));
      memoryWakes.add(node.sendBuffers().onFree(() -> sendMemoryFree.invoke(0)));
      swarm.actor().tell(new BlobSwarm.Opened(session, remote));
    }

    private void pullIfOpen() {
      if (!isClosed(in) && !hasBeenPulled(in)) {
        pull(in);
      }
    }

    // ---- what the peer says

    private void onOpened(Opened open, Incoming incoming) throws WireException {
      switch (incoming) {
        case Incoming.Start start -> {
          open.down.onStart(start);
          open.talk.moved(start.lengthBytes());
        }
        case Incoming.Part part -> open.down.onPart(part.bytes(), System.nanoTime());
        case PeerMessage message -> onMessage(open, message);
        case Handshake _ -> throw new WireException("a second handshake");
      }
    }

    private void onMessage(Opened open, PeerMessage message) throws WireException {
      if (!open.talk.spend(message, System.nanoTime())) {
        open.swarm.actor().tell(new BlobSwarm.Flooded(open.remote));
        throw new WireException("floods");
      }
      switch (message) {
        case PeerMessage.KeepAlive _, PeerMessage.Suggest _, PeerMessage.Ignored _ -> {}
        case PeerMessage.Choke _ -> {
          open.swarm.actor().tell(new BlobSwarm.Choking(session, true));
          open.down.choked();
        }
        case PeerMessage.Unchoke _ -> {
          open.down.unchoked(System.nanoTime());
          open.swarm.actor().tell(new BlobSwarm.Choking(session, false));
        }
        case PeerMessage.Interested _ -> {
          noteAsked();
          peerIsInterested = true;
          askForSlot();
        }
        case PeerMessage.NotInterested _ -> {
          peerIsInterested = false;
          open.up.choke();
          node.desk().tell(new UploadDesk.Left(session));
        }
        case PeerMessage.Have(int piece) -> {
          checkPiece(open, piece);
          gained(piece);
        }
        case PeerMessage.Bitfield(byte[] bits) -> {
          PieceSet pieces = bitfield(open, bits);
          if (heardHave && greeting.isViaAlias()) {
            // aria2 sends its bitfield anew where that is shorter than many HAVEs.
            for (int p = pieces.nextPresent(0); p >= 0; p = pieces.nextPresent(p + 1)) {
              gained(p);
            }
          } else {
            has(open, pieces);
          }
        }
        case PeerMessage.HaveAll _ -> has(open, PieceSet.full(pieceCount(open)));
        case PeerMessage.HaveNone _ -> has(open, PieceSet.empty(pieceCount(open)));
        case PeerMessage.Request request -> {
          open.up.request(request);
          noteAsked();
          flushBlocks();
        }
        case PeerMessage.Cancel cancel -> open.up.cancel(cancel);
        case PeerMessage.Reject reject -> open.down.rejected(reject, System.nanoTime());
        case PeerMessage.AllowedFast(int piece) -> {
          checkPiece(open, piece);
          open.down.allowedFast(piece, System.nanoTime());
        }
        case PeerMessage.Extended(int id, byte[] payload) -> {
          if (id == 0 && greeting.isViaAlias()) {
            greeting.learn(ExtensionHandshake.decode(payload));
          }
        }
      }
    }

    private void gained(int piece) {
      if (newHaves.isEmpty()) {
        flushHaves.invoke(0); // comes after the frames that are here already
      }
      newHaves.add(piece);
    }

    private void has(Opened open, PieceSet pieces) throws WireException {
      if (heardHave) {
        throw new WireException("a second bitfield");
      }
      heardHave = true;
      open.swarm.actor().tell(new BlobSwarm.Has(session, pieces));
    }

    private static PieceSet bitfield(Opened open, byte[] bits) throws WireException {
      try {
        return PieceSet.ofBitfield(bits, pieceCount(open));
      } catch (IllegalArgumentException e) {
        throw new WireException("a broken bitfield", e);
      }
    }

    private static int pieceCount(Opened open) {
      return open.swarm.blob().layout().pieceCount();
    }

    private static void checkPiece(Opened open, int piece) throws WireException {
      if (piece >= pieceCount(open)) {
        throw new WireException("piece " + piece + " of " + pieceCount(open));
      }
    }

    private void tellHaves() {
      if (opened != null && !newHaves.isEmpty()) {
        heardHave = true;
        int[] pieces = newHaves.stream().mapToInt(Integer::intValue).toArray();
        newHaves.clear();
        opened.swarm.actor().tell(new BlobSwarm.HasMore(session, pieces));
      }
    }

    // ---- what the swarm says

    private void onCommand(SessionCommand command) {
      if (opened == null) {
        return;
      }
      switch (command) {
        case SessionCommand.Start(PieceSet have) -> tellWhatIsHere(have);
        case SessionCommand.Haves(int[] pieces) -> {
          for (int piece : pieces) {
            send(new PeerMessage.Have(piece));
          }
        }
        case SessionCommand.Interest(boolean interested) ->
            send(
                interested
                    ? PeerMessage.Interested.INTERESTED
                    : PeerMessage.NotInterested.NOT_INTERESTED);
        case SessionCommand.Unchoke(boolean unchoked) -> {
          if (unchoked) {
            noteAsked();
            opened.up.unchoke();
          } else {
            opened.up.choke();
          }
        }
        case SessionCommand.Fetch(int piece, long patience) -> {
          stallNanos = patience;
          int length = opened.swarm.blob().layout().lengthOf(piece);
          opened.down.fetch(piece, length, System.nanoTime());
        }
        case SessionCommand.Abandon(int piece) -> {
          opened.down.abandon(piece);
          opened.down.fill(System.nanoTime());
        }
        case SessionCommand.Close(String cause) -> end(cause);
      }
    }

    private void tellWhatIsHere(PieceSet have) {
      started = true;
      boolean fast = greeting.isFast();
      if (have.isFull() && fast) {
        send(PeerMessage.HaveAll.HAVE_ALL);
      } else if (!have.isEmpty()) {
        send(new PeerMessage.Bitfield(have.toBitfield()));
      } else if (fast) {
        send(PeerMessage.HaveNone.HAVE_NONE);
      }
      askForSlot();
    }

    /** Not before it was told what is here: nothing may come before a bitfield (BEP 3). */
    private void askForSlot() {
      if (started && peerIsInterested) {
        node.desk().tell(new UploadDesk.Wants(session));
      }
    }

    // ---- the socket

    @Override
    public void send(PeerMessage message) {
      send(PeerMessage.encode(message));
    }

    @Override
    public void request(List<PeerMessage.Request> requests) {
      ByteString frames = ByteString.emptyByteString();
      for (PeerMessage.Request request : requests) {
        frames = frames.concat(PeerMessage.encode(request));
      }
      send(frames);
    }

    private void send(ByteString frames) {
      if (frames.isEmpty()) {
        return;
      }
      unsent = unsent.concat(frames);
      if (unsent.length() > MAX_UNSENT_BYTES) {
        end("does not listen");
        return;
      }
      flush();
    }

    private void flush() {
      if (isAvailable(control) && !unsent.isEmpty()) {
        lastSentNanos = System.nanoTime();
        push(control, Outgoing.Frames.of(unsent));
        unsent = ByteString.emptyByteString();
      }
    }

    private void flushBlocks() {
      if (opened == null || !isAvailable(blocks) || !opened.up.owes()) {
        return;
      }
      SwarmSettings.Transfer transfer = node.settings().transfer();
      Optional<SendMemory.Block> memory = sendMemory.tryTake(transfer.readBytes());
      if (memory.isEmpty()) {
        return; // sendMemoryFree tells
      }
      // A limit counts by what it lets pass at once.
      boolean isLimited = node.upload().rate() != 0;
      Outgoing.Blocks next =
          new Outgoing.Blocks(
              opened.up.take(isLimited ? transfer.limitedBytes() : transfer.uploadRunBytes()),
              opened.swarm.blob(),
              memory.get(),
              unreadable::invoke);
      int layerBytes = next.layerBytes();
      lastSentNanos = System.nanoTime();
      opened.swarm.traffic().uploaded(layerBytes);
      opened.talk.moved(layerBytes);
      push(blocks, next);
    }

    /** For the upload desk: what was given out is owed until it has passed the limit. */
    private void noteAsked() {
      if (opened != null) {
        session.asked(System.nanoTime(), opened.up.owes() || !isAvailable(blocks));
      }
    }

    // ---- the disk

    @Override
    public void store(int piece, PieceBuffer buffer, long nanos) {
      Opened open = Objects.requireNonNull(opened);
      int room = open.pipeline.pieces(open.swarm.blob().layout().pieceBytes());
      try {
        open.disk.store(piece, buffer, nanos, room);
      } catch (RejectedExecutionException e) {
        end("the node is shutting down");
      }
    }

    @Override
    public void served() {
      node.desk().tell(new UploadDesk.Served(session));
    }

    private void onUnreadable(List<PeerMessage.Request> requests) {
      Objects.requireNonNull(opened).up.unreadable(requests);
    }

    private void onMemoryFree() {
      if (opened != null) {
        opened.down.fill(System.nanoTime());
      }
    }

    @Override
    public void notFetched(int piece, Outcome outcome) {
      Opened open = Objects.requireNonNull(opened);
      int room = open.pipeline.pieces(open.swarm.blob().layout().pieceBytes());
      open.swarm
          .actor()
          .tell(new BlobSwarm.PieceEnded(session, open.remote, piece, outcome, 0, room));
    }

    @Override
    public void wasted(int bytes) {
      Objects.requireNonNull(opened).swarm.traffic().wasted(bytes);
    }

    // ---- time

    @Override
    public void onTimer(Object key) {
      long now = System.nanoTime();
      long silent = arrivals.silentNanos(now);
      if (opened == null || !started) {
        // Not proven, or nobody there any more to say what is here.
        if (now - startNanos > deadlines.handshake().toNanos()) {
          end("no proof in time");
        }
      } else if (silent > deadlines.idle().toNanos()) {
        end("silent");
      } else {
        if (arrivals.isListening() && opened.down.overdueNanos(now) > stallNanos) {
          opened.down.giveUpAll(Outcome.STALLED);
        }
        if (now - lastSentNanos > deadlines.idle().toNanos() / 2) {
          send(PeerMessage.KeepAlive.KEEP_ALIVE);
        }
      }
    }
  }
}
