package io.layercast.registry;

import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.RepositoryName;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What the origin has said yes to and for how long that is believed: callers in repositories, and
 * contents in repositories. A cached byte needs both. Holds no credential, only its HMAC under a
 * key of this process. Time comes in as a value. Thread-safe; forgets the least recently used.
 *
 * <p>See docs/adr/0004-authorisation.md.
 */
public final class GrantTable {
  /** The longest a yes may be believed. */
  public static final Duration MAX_TTL = Duration.ofMinutes(5);

  private record Grant(RepositoryName repository, String fingerprint) {}

  private record Membership(RepositoryName repository, Digest digest) {}

  private record Size(OptionalLong bytes, Instant until) {}

  private final Duration ttl;
  private final SecretKeySpec key;
  private final Map<Grant, Instant> grants;
  private final Map<Membership, Size> memberships;

  /**
   * @throws IllegalArgumentException when {@code ttl} is above {@link #MAX_TTL}
   */
  public GrantTable(Duration ttl, int maxGrants, int maxMemberships) {
    if (ttl.compareTo(MAX_TTL) > 0 || ttl.isNegative()) {
      throw new IllegalArgumentException("a grant lives 0 to 5 minutes, not " + ttl);
    }
    this.ttl = ttl;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
    this.grants = bounded(maxGrants);
    this.memberships = bounded(maxMemberships);
  }

  /** The origin answered this caller's request in this repository with a yes at {@code now}. */
  public synchronized void grant(OriginAccess access, Instant now) {
    grants.put(key(access), now.plus(ttl));
  }

  /** The origin said, to a caller of this repository, that it holds the digest. */
  public synchronized void confirm(
      RepositoryName repository, Digest digest, OptionalLong sizeBytes, Instant now) {
    memberships.put(new Membership(repository, digest), new Size(sizeBytes, now.plus(ttl)));
  }

  /** The origin refused this caller in this repository. */
  public synchronized void withdraw(OriginAccess access) {
    grants.remove(key(access));
  }

  /** The origin does not hold the digest in this repository. */
  public synchronized void deny(RepositoryName repository, Digest digest) {
    memberships.remove(new Membership(repository, digest));
  }

  /** Whether the caller may read the digest in the repository without the origin being asked. */
  public synchronized boolean permits(OriginAccess access, Digest digest, Instant now) {
    return isValid(grants.get(key(access)), now) && member(access, digest, now).isPresent();
  }

  /** The size the origin gave for a digest of this repository, if both are known. */
  public synchronized OptionalLong size(OriginAccess access, Digest digest, Instant now) {
    return member(access, digest, now).map(Size::bytes).orElse(OptionalLong.empty());
  }

  /** A name for a credential that tells nothing about it and means nothing to another process. */
  String fingerprint(Credential credential) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      byte[] value = credential.reveal().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(mac.doFinal(value));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private Optional<Size> member(OriginAccess access, Digest digest, Instant now) {
    return Optional.ofNullable(memberships.get(new Membership(access.repository(), digest)))
        .filter(size -> isValid(size.until(), now));
  }

  private Grant key(OriginAccess access) {
    return new Grant(access.repository(), fingerprint(access.credential()));
  }

  private static boolean isValid(@Nullable Instant until, Instant now) {
    return until != null && now.isBefore(until);
  }

  private static <K, V> Map<K, V> bounded(int max) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > max;
      }
    };
  }
}
