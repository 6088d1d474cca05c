package io.layercast.engine;

import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.StoredBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs this node has or gets, each with its part in its swarm; one generation of a digest at a
 * time. They stay when the actor that began them goes: what a node's disk holds, the node seeds.
 * Thread-safe. Owns the {@link LiveBlob}s and memberships it makes.
 */
public final class LiveBlobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBlobs.class);

  /** A blob of this node and its part in its swarm. Equal only to itself. */
  public static final class Hosted {
    private final LiveBlob blob;
    private final SwarmPart part;

    private Hosted(LiveBlob blob, SwarmPart part) {
      this.blob = blob;
      this.part = part;
    }

    public LiveBlob blob() {
      return blob;
    }

    /** Of the swarm as it is called now. */
    public LayerTicket ticket() {
      return part.ticket();
    }

    public Swarms.Member member() {
      return part;
    }

    /** Takes in what a proxy tells of the swarm. */
    void hear(LayerTicket told) {
      part.hear(told);
    }

    /** Sealed, and every piece is here. */
    boolean isWhole() {
      return blob.state() == SharedBlob.State.SEALED && blob.isComplete();
    }
  }

  private final BlobStore store;
  private final Swarms swarms;
  private final Executor disk;
  private final ConcurrentMap<Digest, Hosted> hosted = new ConcurrentHashMap<>();

  /**
   * @param disk the disk dispatcher
   */
  public LiveBlobs(BlobStore store, Swarms swarms, Executor disk) {
    this.store = store;
    this.swarms = swarms;
    this.disk = disk;
  }

  /** The blob if this node has it open, whatever its state. Counts as a use of it. */
  public Optional<Hosted> find(Digest digest) {
    Hosted found = hosted.get(digest);
    if (found != null) {
      found.blob().noteUse();
    }
    return Optional.ofNullable(found);
  }

  /**
   * The blob of {@code ticket}, opened or begun and joined to its swarm; pieces of another layout
   * or generation of it are replaced. Blocks.
   *
   * @param wanted whether a blob that is opened now is fetched from peers
   */
  Hosted host(LayerTicket ticket, boolean wanted) throws IOException {
    Hosted found = open(ticket, wanted);
    found.blob().noteUse();
    return found;
  }

  private Hosted open(LayerTicket ticket, boolean wanted) throws IOException {
    try {
      return hosted.compute(
          ticket.digest(),
          (digest, before) -> {
            if (before != null && isSame(before, ticket)) {
              return before;
            }
            if (before != null) {
              end(before);
            }
            try {
              return open(
                  store.openOrCreate(digest, ticket.layout(), ticket.generation()), ticket, wanted);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isSame(Hosted before, LayerTicket ticket) {
    return before.ticket().generation() == ticket.generation()
        && before.ticket().layout().equals(ticket.layout())
        && before.blob().state() != SharedBlob.State.REJECTED
        && before.blob().isThere();
  }

  private Hosted open(StoredBlob stored, LayerTicket ticket, boolean wanted) throws IOException {
    LiveBlob blob = LiveBlob.of(stored, disk, wanted);
    return new Hosted(blob, new SwarmPart(swarms, blob, ticket));
  }

  /** The blob as the store has it, opened and seeded, if the store has any of it. Blocks. */
  Optional<Hosted> findStored(Digest digest, ProxyTickets tickets) throws IOException {
    Hosted open = hosted.get(digest);
    if (open != null) {
      return Optional.of(open);
    }
    Optional<StoredBlob> stored = store.find(digest);
    return stored.isEmpty()
        ? Optional.empty()
        : Optional.of(
            open(tickets.of(digest, stored.get().layout(), stored.get().generation()), false));
  }

  /**
   * Seeds every blob of this proxy's store, whole or partial; one that cannot be opened is logged
   * and left out. Blocks, in a large store for a while.
   *
   * @return how many are seeded
   */
  public int seedAll(ProxyTickets tickets) {
    int seeded = 0;
    for (Digest digest : store.list()) {
      try {
        seeded += findStored(digest, tickets).isPresent() ? 1 : 0;
      } catch (IOException e) {
        LOG.warn("tried to seed {}, but failed to open it", digest, e);
      }
    }
    return seeded;
  }

  /** Takes part in every swarm under the ids that the cluster's keys, which have changed, make. */
  public void rename(ProxyTickets tickets) {
    for (Hosted one : hosted.values()) {
      LayerTicket known = one.ticket();
      one.hear(tickets.of(known.digest(), known.layout(), known.generation()));
      one.part.forget(tickets.keys());
    }
  }

  /** Ends this node's part in the blob and closes it; another generation of it stays. */
  void drop(Hosted ended) {
    if (hosted.remove(ended.ticket().digest(), ended)) {
      end(ended);
    }
  }

  /**
   * Takes a blob out of its swarm and from the disk unless it is in use. Blocks.
   *
   * @param isIdle asked once more about its last use, while nobody can open it
   * @return whether it has gone
   */
  boolean evict(Digest digest, LongPredicate isIdle) {
    AtomicReference<StoredBlob.@Nullable Rubbish> rubbish = new AtomicReference<>();
    hosted.compute(
        digest,
        (_, live) -> {
          OptionalLong lastUsed = store.space().lastUsedMillis(digest);
          boolean isKept =
              lastUsed.isEmpty()
                  || !isIdle.test(lastUsed.getAsLong())
                  || (live != null && live.blob().isInUse());
          if (isKept) {
            return live;
          }
          rubbish.set(takeOut(digest, live));
          return null;
        });
    StoredBlob.Rubbish gone = rubbish.get();
    if (gone == null) {
      return false;
    }
    try {
      gone.delete(); // here, as it may take long and others wait within compute
      return true;
    } catch (IOException e) {
      LOG.warn("tried to delete what was evicted of {}, but failed", digest, e);
      return false;
    }
  }

  private StoredBlob.@Nullable Rubbish takeOut(Digest digest, @Nullable Hosted live) {
    try {
      if (live != null) {
        live.member().leave();
        return live.blob().evict();
      }
      Optional<StoredBlob> stored = store.find(digest);
      return stored.isPresent() ? stored.get().takeOut() : null;
    } catch (IOException e) {
      LOG.warn("tried to evict {}, but failed", digest, e);
      return null;
    }
  }

  private static void end(Hosted ended) {
    ended.member().leave();
    ended.blob().close();
  }

  /** Leaves every swarm and closes every blob. */
  @Override
  public void close() {
    hosted.values().forEach(this::drop);
  }
}
