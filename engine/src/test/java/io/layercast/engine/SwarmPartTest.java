package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.FakeSwarms.FakeMember;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A swarm whose id changes as the cluster key is rotated. */
class SwarmPartTest {
  private static final Secret OLD = Secret.of("o".repeat(32).getBytes(StandardCharsets.US_ASCII));
  private static final Secret YOUNG = Secret.of("y".repeat(32).getBytes(StandardCharsets.US_ASCII));
  private static final LayerTicket BEFORE = ticket(OLD, 1);
  private static final LayerTicket AFTER = ticket(YOUNG, 2);

  @TempDir Path folder;
  private final FakeSwarms swarms = new FakeSwarms();
  private BlobStore store;
  private LiveBlobs blobs;
  private LiveBlobs.Hosted part;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(folder);
    blobs = new LiveBlobs(store, swarms, Runnable::run);
    part = blobs.host(BEFORE, false);
  }

  @AfterEach
  void close() throws IOException {
    blobs.close();
    store.close();
  }

  @Test
  void hear_staysUnderTheIdBefore() {
    part.hear(AFTER);

    assertThat(part.ticket()).isEqualTo(AFTER);
    assertThat(joined()).containsExactly(BEFORE, AFTER);
    assertThat(swarms.members).noneMatch(member -> member.hasLeft);
    assertThat(swarms.last().met).isEqualTo(AFTER.seeds());
  }

  @Test
  void hear_joinsNoIdTwiceWhoeverTellsWhich() {
    part.hear(AFTER);
    part.hear(BEFORE);
    part.hear(AFTER);
    part.hear(BEFORE);

    assertThat(joined()).containsExactly(BEFORE, AFTER);
    assertThat(part.ticket()).isEqualTo(BEFORE);
  }

  @Test
  void hear_isUnderTwoIdsAtMost() {
    part.hear(AFTER);
    part.hear(ticket(Secret.of(new byte[32]), 3));

    assertThat(swarms.members)
        .extracting(member -> member.hasLeft)
        .containsExactly(true, false, false);
  }

  @Test
  void rename_joinsUnderTheYoungKeyAndLeavesOnceTheOldOneIsOut() {
    blobs.rename(tickets(Optional.of(OLD)));
    assertThat(joined()).containsExactly(BEFORE, AFTER);
    assertThat(swarms.members).noneMatch(member -> member.hasLeft);

    blobs.rename(tickets(Optional.empty()));
    assertThat(swarms.members).extracting(member -> member.hasLeft).containsExactly(true, false);
  }

  /** The key has changed, and the ingest that made its ticket before goes on. */
  @Test
  void host_underAnotherIdIsTheSameBlob() throws IOException {
    part.hear(AFTER);

    assertThat(blobs.host(BEFORE, false)).isSameAs(part);
    blobs.drop(part);
    assertThat(blobs.find(BEFORE.digest())).isEmpty();
  }

  @Test
  void leave_leavesBothAndJoinsNoMore() {
    part.hear(AFTER);
    part.member().leave();
    part.hear(ticket(Secret.of(new byte[32]), 3));

    assertThat(swarms.members).hasSize(2).allMatch(member -> member.hasLeft);
  }

  @Test
  void traffic_isThatOfBoth() {
    part.hear(AFTER);
    swarms.members.forEach(member -> member.fromPeers.set(5));

    assertThat(part.member().traffic().fromPeers()).isEqualTo(10);
  }

  private List<LayerTicket> joined() {
    return swarms.members.stream().map((FakeMember member) -> member.ticket).toList();
  }

  private static ProxyTickets tickets(Optional<Secret> second) {
    SwarmKeys.Held held = SwarmKeys.Held.of(YOUNG, second);
    return new ProxyTickets(new SwarmKeys(() -> held), AFTER.seeds().getFirst());
  }

  private static LayerTicket ticket(Secret key, int port) {
    return new ProxyTickets(
            new SwarmKeys(key), new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .of(Digest.sha256Of(new byte[0]), PieceLayout.forSize(1_000_000), 0);
  }
}
