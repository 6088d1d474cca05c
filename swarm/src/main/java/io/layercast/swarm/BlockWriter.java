package io.layercast.swarm;

import io.layercast.swarm.wire.PeerMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks from the disk to a peer's socket: the thread that reads and checks a few also hands them
 * to the kernel, from the same memory, while they are in its processor's cache. Used by one thread
 * at a time.
 */
final class BlockWriter {
  private static final Logger LOG = LoggerFactory.getLogger(BlockWriter.class);
  private static final ByteBuffer[] NOTHING = {};

  private final Outgoing.Blocks blocks;
  private final PeerWire wire;
  private int taken;
  private ByteBuffer[] unsent = NOTHING;

  BlockWriter(Outgoing.Blocks blocks, PeerWire wire) {
    this.blocks = blocks;
    this.wire = wire;
  }

  /**
   * Sends what the kernel takes. On the disk dispatcher.
   *
   * @return whether that was all, or the connection has ended; else to be called again when the
   *     kernel takes more
   * @throws IOException when the connection breaks
   */
  boolean write() throws IOException {
    return blocks.memory().use(this::write).orElse(true);
  }

  /** Gives the memory back, now or when {@link #write} returns. */
  void end() {
    blocks.memory().free();
  }

  private boolean write(ByteBuffer memory) throws IOException {
    while (unsent.length == 0 || wire.write(unsent)) {
      if (taken == blocks.requests().size()) {
        return true;
      }
      unsent = read(nextRun(memory.capacity()), memory);
    }
    return false;
  }

  /** The next block, and those that follow it in its piece as far as there is memory for them. */
  private List<PeerMessage.Request> nextRun(int memoryBytes) {
    List<PeerMessage.Request> requests = blocks.requests();
    int end = taken + 1;
    int bytes = requests.get(taken).lengthBytes();
    while (end < requests.size()
        && requests.get(end).follows(requests.get(end - 1))
        && bytes + requests.get(end).lengthBytes() <= memoryBytes) {
      bytes += requests.get(end++).lengthBytes();
    }
    List<PeerMessage.Request> run = requests.subList(taken, end);
    taken = end;
    return run;
  }

  /** Their frames; none when the disk does not give them. */
  private ByteBuffer[] read(List<PeerMessage.Request> run, ByteBuffer memory) {
    PeerMessage.Request first = run.getFirst();
    PeerMessage.Request last = run.getLast();
    try {
      blocks
          .blob()
          .read(
              first.piece(),
              first.begin(),
              memory.slice(0, last.begin() + last.lengthBytes() - first.begin()));
    } catch (IOException e) {
      // Without its stack: one damaged piece fails every block that was asked of it.
      LOG.warn(
          "tried to read piece {} of {} for a peer, but failed because {}",
          first.piece(),
          blocks.blob().digest(),
          e.getMessage());
      blocks.unreadable().accept(run);
      return NOTHING;
    }
    List<ByteBuffer> frames = new ArrayList<>(2 * run.size());
    for (PeerMessage.Request request : run) {
      frames.add(PeerMessage.pieceHead(request));
      frames.add(memory.slice(request.begin() - first.begin(), request.lengthBytes()));
    }
    return frames.toArray(ByteBuffer[]::new);
  }
}
