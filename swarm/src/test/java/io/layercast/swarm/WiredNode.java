package io.layercast.swarm;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceBuffer;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SharedBlob;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerId;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A node of one swarm in virtual time: the production policy, upload choice, and halves of
 * sessions, put together as {@link BlobSwarm}, {@link UploadDesk} and {@link PeerSession} do it.
 * What those say to each other, to the disk and over the wire takes a while, each time another.
 */
final class WiredNode {
  private static final long MAILBOX_NANOS = MILLISECONDS.toNanos(2);
  private static final long DISK_NANOS = MILLISECONDS.toNanos(30);
  private static final long WIRE_NANOS = MILLISECONDS.toNanos(20);
  private static final long POLICY_TICK_NANOS = MILLISECONDS.toNanos(250);
  private static final long SESSION_TICK_NANOS = MILLISECONDS.toNanos(1_000);

  /** What went otherwise than among honest peers that answer. */
  final List<String> oddities = new ArrayList<>();

  final FakeSharedBlob blob;
  final PieceBuffers buffers = new PieceBuffers(16 * 1024 * 1024);

  private final VirtualTime time;
  private final SwarmSettings settings;
  private final InetSocketAddress address;
  private final PeerId peerId = PeerId.random();
  private final long bytesPerSecond;
  private final SwarmPolicy policy;
  private final UploadChoice<Half> uploads;
  private final VirtualTime.Way actor;
  private final VirtualTime.Way desk;
  private boolean rotates;
  private long uplinkFreeNanos;
  private long links;

  /**
   * @param number unique among the nodes
   * @param bytesPerSecond what it sends
   */
  WiredNode(
      VirtualTime time,
      SwarmSettings settings,
      int number,
      FakeSharedBlob blob,
      long bytesPerSecond,
      PieceShares shares) {
    this.time = time;
    this.settings = settings;
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000 + number);
    this.blob = blob;
    this.bytesPerSecond = bytesPerSecond;
    this.actor = time.new Way(MAILBOX_NANOS);
    this.desk = time.new Way(MAILBOX_NANOS);
    int pieces = blob.layout().pieceCount();
    this.policy =
        new SwarmPolicy(
            new SwarmPolicy.Setup(
                settings,
                peerId,
                address,
                List.of(),
                pieces,
                shares.share(blob.layout().pieceBytes()),
                number),
            new Around(),
            time.now());
    var transfer = settings.transfer();
    this.uploads =
        new UploadChoice<>(
            transfer.uploadSlotsMin(), transfer.uploadSlotsMax(), transfer.uploadTurn().toNanos());
    policy.begin(blob.have(), PieceSet.full(pieces));
    policy.readers(blob.readerPieces(), blob.isWanted(), time.now());
    blob.subscribe(
        new SharedBlob.Listener() {
          @Override
          public void onStored(int piece) {
            actor.send(() -> policy.stored(piece, time.now()));
          }

          @Override
          public void onReaders() {
            actor.send(() -> policy.readers(blob.readerPieces(), blob.isWanted(), time.now()));
          }
        });
    time.after(time.upTo(POLICY_TICK_NANOS), this::tick);
  }

  private void tick() {
    policy.tick(time.now());
    time.after(POLICY_TICK_NANOS, this::tick);
  }

  boolean isWhole() {
    return blob.have().isFull();
  }

  /** Sends nothing for so long; what is being sent comes to its end. */
  void pause(long nanos) {
    uplinkFreeNanos = Math.max(time.now(), uplinkFreeNanos) + nanos;
  }

  /** As if the disk had damaged a piece: it is found out when it is asked for. */
  void lose(int piece) {
    if (blob.has(piece)) {
      blob.lose(piece);
      actor.send(() -> policy.lost(piece, time.now()));
    }
  }

  /** Both have dialled and shaken hands. */
  void connect(WiredNode other, boolean fast) {
    Half here = new Half(other, fast, true);
    Half there = other.new Half(this, fast, false);
    here.peer = there;
    there.peer = here;
    here.open();
    there.open();
  }

  private final class Around implements SwarmPolicy.Surroundings {
    @Override
    public boolean dial(Peer peer) {
      throw new IllegalStateException("nobody was handed out");
    }

    @Override
    public void holdingChanged() {}

    @Override
    public void wantPeers() {}

    @Override
    public void sendHavesAfter(long nanos) {
      time.after(nanos, () -> actor.send(() -> policy.sendHaves(time.now())));
    }
  }

  // ---- upload slots

  private void toDesk(Runnable message) {
    desk.send(() -> {
      message.run();
      if (uploads.isContended() && !rotates) {
        rotates = true;
        time.after(
            idleNanos(),
            () -> {
              rotates = false;
              toDesk(this::rotate);
            });
      }
    });
  }

  private void rotate() {
    long idleSince = time.now() - idleNanos();
    apply(
        uploads.rotate(
            time.now(), half -> !half.up.owes() && half.lastAskedNanos < idleSince, isSaturated()));
  }

  private long idleNanos() {
    return settings.transfer().uploadIdle(bytesPerSecond).toNanos();
  }

  private boolean isSaturated() {
    return uplinkFreeNanos > time.now();
  }

  private void apply(List<UploadChoice.Change<Half>> changes) {
    for (UploadChoice.Change<Half> change : changes) {
      change.peer().toSession(() -> change.peer().unchoke(change.unchoked()));
    }
  }

  /** This node's end of a connection. */
  private final class Half extends Link implements Downloads.Exit, Uploads.Exit {
    private final long id = links++;
    private final Remote remote;
    private final boolean fast;
    private final RequestPipeline pipeline;
    private final Downloads down;
    private final Uploads up;
    private final VirtualTime.Way session = time.new Way(MAILBOX_NANOS);
    private final VirtualTime.Way wire = time.new Way(WIRE_NANOS);
    private Half peer = this;
    private boolean started;
    private boolean peerIsInterested;
    private boolean isSending;
    private boolean isChoked = true;
    private long lastAskedNanos;
    private long stallNanos = settings.deadlines().stallMax().toNanos();

    Half(WiredNode other, boolean fast, boolean dialled) {
      this.remote = new Remote(other.peerId, other.address, dialled, false);
      this.fast = fast;
      var transfer = settings.transfer();
      this.pipeline = new RequestPipeline(transfer, transfer.blockBytes());
      this.down = new Downloads(pipeline, buffers, fast, transfer.requestQueue(), this);
      this.up = new Uploads(blob, transfer, false, fast, transfer.blockBytes(), this);
    }

    void open() {
      buffers.onFree(() -> toSession(() -> down.fill(time.now())));
      actor.send(() -> policy.opened(this, remote, time.now()));
      time.after(SESSION_TICK_NANOS, this::look);
    }

    private void look() {
      if (down.overdueNanos(time.now()) > stallNanos) {
        down.giveUpAll(Outcome.STALLED);
      }
      time.after(SESSION_TICK_NANOS, this::look);
    }

    private void toSession(Runnable message) {
      session.send(message);
    }

    // ---- as the policy commands

    @Override
    public long id() {
      return id;
    }

    @Override
    public void start(PieceSet have) {
      toSession(() -> {
        started = true;
        if (have.isFull() && fast) {
          send(PeerMessage.HaveAll.HAVE_ALL);
        } else if (!have.isEmpty()) {
          send(new PeerMessage.Bitfield(have.toBitfield()));
        } else if (fast) {
          send(PeerMessage.HaveNone.HAVE_NONE);
        }
        askForSlot();
      });
    }

    @Override
    public void haves(int[] pieces) {
      toSession(() -> {
        for (int piece : pieces) {
          send(new PeerMessage.Have(piece));
        }
      });
    }

    @Override
    public void interest(boolean interested) {
      toSession(() ->
          send(
              interested
                  ? PeerMessage.Interested.INTERESTED
                  : PeerMessage.NotInterested.NOT_INTERESTED));
    }

    @Override
    public void fetch(int piece, long stall) {
      toSession(() -> {
        stallNanos = stall;
        down.fetch(piece, blob.layout().lengthOf(piece), time.now());
      });
    }

    @Override
    public void abandon(int piece) {
      toSession(() -> {
        down.abandon(piece);
        down.fill(time.now());
      });
    }

    @Override
    public void close(String cause) {
      if (!cause.equals("both have everything")) {
        oddities.add("closes: " + cause);
      }
    }

    @Override
    public long lastAskedNanos() {
      return lastAskedNanos;
    }

    private void unchoke(boolean unchoked) {
      if (unchoked) {
        lastAskedNanos = time.now();
        up.unchoke();
      } else {
        up.choke();
      }
    }

    // ---- what goes out

    @Override
    public void send(PeerMessage message) {
      wire.send(() -> peer.come(message));
    }

    @Override
    public void request(List<PeerMessage.Request> requests) {
      requests.forEach(this::send);
    }

    /**
     * As a limit does it: the blocks of all connections one after the other; the rest overtakes.
     */
    private void flushBlocks() {
      if (isSending || !up.owes()) {
        return;
      }
      isSending = true;
      List<PeerMessage.Request> run = up.take(settings.transfer().limitedBytes());
      for (PeerMessage.Request block : run) {
        long begin = Math.max(time.now(), uplinkFreeNanos);
        long took = block.lengthBytes() * 1_000_000_000L / bytesPerSecond;
        uplinkFreeNanos = begin + took;
        time.after(
            begin - time.now(),
            () -> {
              wire.send(() -> peer.comes(block));
              wire.send(took / 2, () -> peer.part(blob, block, false));
              wire.send(took, () -> peer.part(blob, block, true));
            });
      }
      time.after(
          uplinkFreeNanos - time.now(),
          () -> {
            isSending = false;
            lastAskedNanos = time.now();
            flushBlocks();
          });
    }

    // ---- what comes in

    private void comes(PeerMessage.Request block) {
      guard(() ->
          down.onStart(new Incoming.Start(block.piece(), block.begin(), block.lengthBytes())));
    }

    private void part(FakeSharedBlob sender, PeerMessage.Request block, boolean second) {
      int half = block.lengthBytes() / 2;
      int from =
          (int) sender.layout().offsetOf(block.piece()) + block.begin() + (second ? half : 0);
      int length = second ? block.lengthBytes() - half : half;
      down.onPart(ByteBuffer.wrap(sender.bytes(), from, length), time.now());
    }

    private interface Step {
      void run() throws WireException;
    }

    private void guard(Step step) {
      try {
        step.run();
      } catch (WireException e) {
        oddities.add("" + e);
      }
    }

    private void come(PeerMessage message) {
      guard(() -> on(message));
    }

    private void on(PeerMessage message) throws WireException {
      switch (message) {
        case PeerMessage.Choke _ -> {
          isChoked = true;
          actor.send(() -> policy.choking(this, true, time.now()));
          down.choked();
        }
        case PeerMessage.Unchoke _ -> {
          isChoked = false;
          down.unchoked(time.now());
          actor.send(() -> policy.choking(this, false, time.now()));
        }
        case PeerMessage.Interested _ -> {
          peerIsInterested = true;
          askForSlot();
        }
        case PeerMessage.NotInterested _ -> {
          peerIsInterested = false;
          up.choke();
          toDesk(() -> apply(uploads.left(this, time.now())));
        }
        case PeerMessage.Have(int piece) ->
            actor.send(() -> policy.hasMore(this, new int[] {piece}, time.now()));
        case PeerMessage.Bitfield(byte[] bits) ->
            has(PieceSet.ofBitfield(bits, blob.layout().pieceCount()));
        case PeerMessage.HaveAll _ -> has(PieceSet.full(blob.layout().pieceCount()));
        case PeerMessage.HaveNone _ -> has(PieceSet.empty(blob.layout().pieceCount()));
        case PeerMessage.Request request -> {
          up.request(request);
          lastAskedNanos = time.now();
          flushBlocks();
        }
        case PeerMessage.Cancel cancel -> up.cancel(cancel);
        case PeerMessage.Reject reject -> down.rejected(reject, time.now());
        case PeerMessage.AllowedFast(int piece) -> down.allowedFast(piece, time.now());
        default -> throw new IllegalStateException("nobody says " + message);
      }
    }

    private void has(PieceSet pieces) {
      actor.send(() -> policy.has(this, pieces, time.now()));
    }

    private void askForSlot() {
      if (started && peerIsInterested) {
        toDesk(() -> apply(uploads.wants(this, time.now())));
      }
    }

    @Override
    public void served() {
      toDesk(() -> apply(uploads.served(this, time.now(), isSaturated())));
    }

    // ---- what becomes of pieces

    @Override
    public void store(int piece, PieceBuffer buffer, long nanos) {
      int room = room();
      time.after(
          time.upTo(DISK_NANOS),
          () -> {
            Outcome outcome =
                switch (blob.store(piece, buffer.bytes())) {
                  case STORED -> Outcome.STORED;
                  case DUPLICATE -> Outcome.DUPLICATE;
                  case WRONG_HASH -> Outcome.WRONG_HASH;
                  case NOT_STORED -> Outcome.NOT_STORED;
                };
            buffer.release();
            ended(piece, outcome, nanos, room);
          });
    }

    @Override
    public void notFetched(int piece, Outcome outcome) {
      if (outcome == Outcome.STALLED || (outcome == Outcome.REFUSED && !isChoked)) {
        oddities.add("%s of piece %d at %d ms".formatted(outcome, piece, time.now() / 1_000_000));
      }
      ended(piece, outcome, 0, room());
    }

    private void ended(int piece, Outcome outcome, long nanos, int room) {
      actor.send(() -> policy.fetchEnded(this, remote, piece, outcome, nanos, room, time.now()));
    }

    private int room() {
      return pipeline.pieces(blob.layout().pieceBytes());
    }

    @Override
    public void wasted(int bytes) {}
  }
}
