package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GrantTableTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final RepositoryName REPOSITORY = new RepositoryName("team/app");
  private static final Digest DIGEST = Digest.sha256Of(new byte[] {1});
  private final GrantTable table = new GrantTable(Duration.ofMinutes(5), 3, 3);
  private final OriginAccess alice = new OriginAccess(REPOSITORY, Credential.of("Basic YQ=="));
  private final OriginAccess bob = new OriginAccess(REPOSITORY, Credential.of("Basic Yg=="));
  private final OriginAccess nobody = new OriginAccess(REPOSITORY, Credential.NONE);

  @Test
  void permits_needsGrantAndMembership() {
    assertThat(table.permits(alice, DIGEST, NOW)).isFalse();
    table.grant(alice, NOW);
    assertThat(table.permits(alice, DIGEST, NOW)).isFalse();
    table.confirm(REPOSITORY, DIGEST, OptionalLong.of(7), NOW);
    assertThat(table.permits(alice, DIGEST, NOW)).isTrue();
    assertThat(table.size(alice, DIGEST, NOW)).hasValue(7);
    assertThat(table.permits(bob, DIGEST, NOW)).isFalse();
    assertThat(table.permits(nobody, DIGEST, NOW)).isFalse();
    OriginAccess elsewhere = new OriginAccess(new RepositoryName("team/other"), alice.credential());
    assertThat(table.permits(elsewhere, DIGEST, NOW)).isFalse();
  }

  @Test
  void permits_endsAfterFiveMinutes() {
    table.grant(alice, NOW);
    table.confirm(REPOSITORY, DIGEST, OptionalLong.empty(), NOW);

    assertThat(table.permits(alice, DIGEST, NOW.plusSeconds(299))).isTrue();
    assertThat(table.permits(alice, DIGEST, NOW.plusSeconds(300))).isFalse();
    assertThatThrownBy(() -> new GrantTable(Duration.ofMinutes(6), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusals_takeBack() {
    table.grant(alice, NOW);
    table.grant(bob, NOW);
    table.confirm(REPOSITORY, DIGEST, OptionalLong.empty(), NOW);
    table.withdraw(alice);
    assertThat(table.permits(alice, DIGEST, NOW)).isFalse();
    assertThat(table.permits(bob, DIGEST, NOW)).isTrue();
    table.deny(REPOSITORY, DIGEST);
    assertThat(table.permits(bob, DIGEST, NOW)).isFalse();
  }

  @Test
  void table_isBounded() {
    table.confirm(REPOSITORY, DIGEST, OptionalLong.empty(), NOW);
    table.grant(alice, NOW);
    for (int i = 0; i < 3; i++) {
      table.grant(new OriginAccess(REPOSITORY, Credential.of("Bearer " + i)), NOW);
    }
    assertThat(table.permits(alice, DIGEST, NOW)).isFalse();
  }

  @Test
  void fingerprint_isNoPlainHash_andOfThisTableOnly() {
    GrantTable other = new GrantTable(Duration.ofMinutes(5), 3, 3);
    String mine = table.fingerprint(alice.credential());

    assertThat(mine).isEqualTo(table.fingerprint(Credential.of("Basic YQ==")));
    assertThat(mine).isNotEqualTo(other.fingerprint(alice.credential()));
  }

  @Test
  void permit_isForOneCallerRepositoryDigestAndTime() {
    Permits permits = new Permits(FakeLayers.KEYS, Duration.ofSeconds(30));
    String permit = permits.issue(alice, DIGEST, NOW);

    assertThat(permits.isValid(permit, alice, DIGEST, NOW)).isTrue();
    assertThat(permits.isValid(permit, alice, DIGEST, NOW.plusSeconds(31))).isFalse();
    assertThat(permits.isValid(permit, alice, DIGEST, NOW.minusSeconds(30)))
        .as("by a clock that is a little late")
        .isTrue();
    assertThat(permits.isValid(permit, alice, DIGEST, NOW.minusSeconds(31)))
        .as("by a clock that was put back")
        .isFalse();
    assertThat(permits.isValid(permit, bob, DIGEST, NOW)).isFalse();
    assertThat(permits.isValid(permit, alice, Digest.sha256Of(new byte[] {2}), NOW)).isFalse();
    assertThat(permits.isValid("9" + permit, alice, DIGEST, NOW)).isFalse();
    assertThat(permits.isValid("", alice, DIGEST, NOW)).isFalse();
    OriginAccess elsewhere = new OriginAccess(new RepositoryName("team/other"), alice.credential());
    assertThat(permits.isValid(permit, elsewhere, DIGEST, NOW)).isFalse();
  }
}
