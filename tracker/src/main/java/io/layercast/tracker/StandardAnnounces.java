package io.layercast.tracker;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import io.layercast.engine.bencode.Bencode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;

/** Announce and scrape as BitTorrent clients know them (BEP 3, 7, 23, 48). */
final class StandardAnnounces {
  private static final int V4 = 4;
  private static final int V6 = 16;

  private final TrackerAsk tracker;
  private final TrackerSettings settings;

  StandardAnnounces(TrackerAsk tracker, TrackerSettings settings) {
    this.tracker = tracker;
    this.settings = settings;
  }

  CompletionStage<HttpResponse> announce(HttpRequest request) {
    Optional<InetAddress> source = Replies.source(request);
    if (source.isEmpty()) {
      return refuse("where this came from is unknown");
    }
    return switch (AnnounceQuery.parse(rawQuery(request))) {
      case AnnounceQuery.Invalid(String reason) -> refuse(reason);
      case AnnounceQuery.Announce query -> announce(query, source.get());
    };
  }

  private CompletionStage<HttpResponse> announce(AnnounceQuery.Announce query, InetAddress source) {
    int want =
        Math.min(
            query.numWant().orElse(settings.handout().defaultPeers()),
            settings.handout().maxPeers());
    SwarmTable.Who who =
        new SwarmTable.Who(
            new PeerAddress(source.getAddress(), query.port()), query.peerId(), false, false);
    boolean wantsPeerIds = !query.compact() && !query.noPeerId();
    Tracker.Report report =
        new Tracker.Report(query.infoHash(), query.left(), query.event(), want, wantsPeerIds);
    return tracker
        .exchange(who, List.of(report), Tracker.Exchange.NO_SWEEP)
        .handle((reply, failure) -> failure == null ? answer(query, reply) : tryAgain(failure));
  }

  private HttpResponse answer(AnnounceQuery.Announce query, Tracker.Exchanged reply) {
    Handout handout = reply.handouts().getFirst();
    if (!handout.known()) {
      return Replies.failure(StatusCodes.OK, "unknown info_hash");
    }
    Duration interval =
        handout.byAlias() ? settings.foreignAnnounceInterval() : settings.announceInterval();
    Bencode.DictBuilder dict =
        Bencode.dict()
            .put("interval", jittered(interval))
            .put("min interval", Math.max(1, settings.service().retryInterval().toSeconds()))
            .put("tracker id", reply.trackerId())
            .put("complete", handout.counts().complete())
            .put("incomplete", handout.counts().incomplete());
    if (query.compact()) {
      dict.put("peers", handout.peers());
      if (handout.peers6().length > 0) {
        dict.put("peers6", handout.peers6());
      }
    } else {
      dict.put("peers", dictionaries(handout, query.noPeerId()));
    }
    return Replies.ok(Bencode.encode(dict.build()));
  }

  private static Bencode.BList dictionaries(Handout handout, boolean noPeerId) {
    List<Bencode> list = new ArrayList<>();
    addDictionaries(handout.peers(), V4, handout.peerIds(), noPeerId, list);
    addDictionaries(handout.peers6(), V6, handout.peerIds(), noPeerId, list);
    return new Bencode.BList(list);
  }

  private static void addDictionaries(
      byte[] packed, int ipBytes, byte[] peerIds, boolean noPeerId, List<Bencode> list) {
    for (int at = 0; at < packed.length; at += ipBytes + 2) {
      Bencode.DictBuilder peer =
          Bencode.dict()
              .put("ip", literal(Arrays.copyOfRange(packed, at, at + ipBytes)))
              .put("port", (packed[at + ipBytes] & 0xff) << 8 | (packed[at + ipBytes + 1] & 0xff));
      if (!noPeerId) {
        int id = list.size() * PeerIdentity.PEER_ID_BYTES;
        peer.put("peer id", Arrays.copyOfRange(peerIds, id, id + PeerIdentity.PEER_ID_BYTES));
      }
      list.add(peer.build());
    }
  }

  private static String literal(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the length was checked", e);
    }
  }

  CompletionStage<HttpResponse> scrape(HttpRequest request) {
    Optional<List<byte[]>> hashes = AnnounceQuery.parseScrape(rawQuery(request));
    if (hashes.isEmpty()) {
      return refuse("an info_hash is not 20 bytes");
    }
    if (hashes.get().isEmpty()) {
      return refuse("full scrapes are not served");
    }
    List<byte[]> ids = hashes.get();
    return tracker
        .scrape(ids)
        .handle((reply, failure) -> failure == null ? files(ids, reply) : tryAgain(failure));
  }

  /** BEP 48: ids that are none are left out. */
  private static HttpResponse files(List<byte[]> ids, Tracker.Scraped reply) {
    Bencode.DictBuilder files = Bencode.dict();
    for (int i = 0; i < ids.size(); i++) {
      SwarmTable.Counts counts = reply.counts().get(i);
      if (counts.complete() >= 0) {
        files.put(
            new String(ids.get(i), StandardCharsets.ISO_8859_1),
            Bencode.dict()
                .put("complete", counts.complete())
                .put("downloaded", counts.downloads())
                .put("incomplete", counts.incomplete())
                .build());
      }
    }
    return Replies.ok(Bencode.encode(Bencode.dict().put("files", files.build()).build()));
  }

  private HttpResponse tryAgain(Throwable failure) {
    Replies.note(failure);
    return Replies.tryAgain(StatusCodes.OK, settings.service().retryInterval());
  }

  private long jittered(Duration interval) {
    double jitter = settings.announceJitter();
    double factor =
        jitter == 0 ? 1 : ThreadLocalRandom.current().nextDouble(1 - jitter, 1 + jitter);
    return Math.max(1, Math.round(interval.toSeconds() * factor));
  }

  private static String rawQuery(HttpRequest request) {
    return request.getUri().rawQueryString().orElse("");
  }

  /** Clients show the failure reason of a 200; of another status only the number. */
  private static CompletionStage<HttpResponse> refuse(String reason) {
    return CompletableFuture.completedFuture(Replies.failure(StatusCodes.OK, reason));
  }
}
