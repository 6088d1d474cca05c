package io.layercast.registry;

import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.SwarmKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One proxy's word to another that the origin has consented to a caller: {@code <expiry>.<mac>},
 * expiry in seconds of Unix time, mac = HMAC("proxy-permit", repository ‖ 0 ‖ digest ‖ 0 ‖ SHA-256
 * of the credential ‖ 0 ‖ expiry) under the cluster key, in hex. Good for that caller only. One
 * that expires later than any that is issued now, two clocks half its life apart, is not believed:
 * a clock was put back, and the origin is asked instead.
 */
final class Permits {
  private static final Pattern GRAMMAR = Pattern.compile("(\\d{1,12})\\.([0-9a-f]{64})");

  private static final String LABEL = "proxy-permit";

  private final SwarmKeys keys;
  private final Duration ttl;

  Permits(SwarmKeys keys, Duration ttl) {
    this.keys = keys;
    this.ttl = ttl;
  }

  String issue(OriginAccess access, Digest digest, Instant now) {
    long expiry = now.plus(ttl).getEpochSecond();
    byte[] mac = keys.hmac(LABEL, text(access, digest, expiry));
    return expiry + "." + HexFormat.of().formatHex(mac);
  }

  boolean isValid(String permit, OriginAccess access, Digest digest, Instant now) {
    Matcher matcher = GRAMMAR.matcher(permit);
    if (!matcher.matches()) {
      return false;
    }
    long expiry = Long.parseLong(matcher.group(1));
    byte[] given = HexFormat.of().parseHex(matcher.group(2));
    long left = expiry - now.getEpochSecond();
    boolean isFresh = left >= 0 && left <= 2 * ttl.toSeconds();
    return isFresh && keys.isGenuine(given, LABEL, text(access, digest, expiry));
  }

  private static byte[] text(OriginAccess access, Digest digest, long expiry) {
    byte[] credential = access.credential().reveal().getBytes(StandardCharsets.UTF_8);
    return String.join(
            "\0",
            access.repository().value(),
            digest.toString(),
            Digest.sha256Of(credential).hex(),
            Long.toString(expiry))
        .getBytes(StandardCharsets.UTF_8);
  }
}
