package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;

import io.layercast.engine.Swarms.Member;
import java.lang.management.ManagementFactory;

/**
 * How fast one node fetches 1 GiB from another over loopback, both in this JVM, hashing included,
 * blobs in memory. Run {@code main}; needs {@code -Xmx5g}. Prints MB/s and CPU-seconds per GB of
 * both ends for each round; the first is the warm-up.
 */
final class TransferBenchmark {
  private static final int BYTES = 1 << 30;

  private TransferBenchmark() {}

  public static void main(String[] args) throws InterruptedException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int pieceBytes = (args.length > 1 ? Integer.parseInt(args[1]) : 1024) * 1024;
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(BYTES, 1), pieceBytes).seal();
    try (TestSwarm swarm = new TestSwarm()) {
      for (int round = 0; round < rounds; round++) {
        FakeSharedBlob empty = full.empty();
        SwarmNode seed = swarm.node(1, new FakePeerDirectory());
        SwarmNode leech = swarm.node(2, new FakePeerDirectory());
        Member seeding = seed.join(full, ticket(full, seed));
        long cpu = cpuNanos();
        long start = System.nanoTime();
        Member leeching = leech.join(empty, ticket(full, seed));
        while (!empty.have().isFull()) {
          Thread.sleep(2);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        System.out.printf(
            "round %d: %.0f MB/s, %.2f CPU-s/GB, wasted %d%n",
            round, BYTES / seconds / 1e6, cpuSeconds / (BYTES / 1e9), leeching.traffic().wasted());
        leeching.leave();
        seeding.leave();
      }
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }
}
