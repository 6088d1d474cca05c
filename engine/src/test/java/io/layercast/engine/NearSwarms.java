package io.layercast.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All swarms of a test within one JVM: whoever wants a piece that another one of the swarm has gets
 * it. A piece with a wrong hash is the last one from whoever sent it, as on the real wire.
 */
final class NearSwarms implements Swarms, AutoCloseable {
  private final ExecutorService wire = Executors.newSingleThreadExecutor();
  private final List<Peer> peers = new CopyOnWriteArrayList<>();
  private final Set<Digest> lying = ConcurrentHashMap.newKeySet();
  private final Set<Digest> silent = ConcurrentHashMap.newKeySet();

  private record Peer(SharedBlob blob, LayerTicket ticket, AtomicLong received) {}

  /** Who has all they say of this blob, and sends nothing. */
  void silence(Digest digest) {
    silent.add(digest);
  }

  /** Who sends wrong bytes of this blob. */
  void lie(Digest digest) {
    lying.add(digest);
  }

  /** Bytes that went from one to the other of this blob. */
  long exchanged(Digest digest) {
    return peers.stream()
        .filter(peer -> peer.blob.digest().equals(digest))
        .mapToLong(peer -> peer.received.get())
        .sum();
  }

  @Override
  public Member join(SharedBlob blob, LayerTicket ticket) {
    Peer peer = new Peer(blob, ticket, new AtomicLong());
    peers.add(peer);
    SharedBlob.Subscription subscription =
        blob.subscribe(
            new SharedBlob.Listener() {
              @Override
              public void onExpected(int piece) {
                exchangeSoon();
              }

              @Override
              public void onStored(int piece) {
                exchangeSoon();
              }

              @Override
              public void onReaders() {
                exchangeSoon();
              }
            });
    exchangeSoon();
    return new Member() {
      @Override
      public void leave() {
        subscription.close();
        peers.remove(peer);
      }

      @Override
      public void meet(List<InetSocketAddress> seeds) {
        exchangeSoon();
      }

      @Override
      public Traffic traffic() {
        return new Traffic(0, peer.received.get(), 0, 0, peers.size() - 1);
      }
    };
  }

  private void exchangeSoon() {
    try {
      wire.execute(this::exchange);
    } catch (RejectedExecutionException _) {
      // closed: a test is over
    }
  }

  private void exchange() {
    for (Peer taker : peers) {
      for (Peer giver : peers) {
        boolean isSwarm = taker.ticket.swarmId().equals(giver.ticket.swarmId());
        if (isSwarm && !silent.contains(giver.blob.digest())) {
          give(giver, taker);
        }
      }
    }
  }

  private void give(Peer giver, Peer taker) {
    PieceLayout layout = taker.blob.layout();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      boolean isMissing = taker.blob.expected(piece).isPresent() && !taker.blob.has(piece);
      if (taker.blob.isWanted() && isMissing && giver.blob.has(piece)) {
        byte[] bytes = new byte[layout.lengthOf(piece)];
        try {
          giver.blob.read(piece, 0, ByteBuffer.wrap(bytes, 0, bytes.length));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        bytes[0] ^= lying.contains(giver.blob.digest()) ? (byte) 1 : 0;
        switch (taker.blob.store(piece, ByteBuffer.wrap(bytes))) {
          case STORED -> taker.received.addAndGet(bytes.length);
          case WRONG_HASH -> {
            peers.remove(giver);
            return;
          }
          case DUPLICATE, NOT_STORED -> {}
        }
      }
    }
  }

  @Override
  public void close() {
    wire.shutdownNow();
  }
}
