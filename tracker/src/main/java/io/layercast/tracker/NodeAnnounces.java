package io.layercast.tracker;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.bencode.BencodeException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Announces of our own nodes: many swarms in one request. */
final class NodeAnnounces {
  private static final String NO_ROOM =
      "the tracker has no room to list this node in all its swarms";

  private final Bodies bodies;
  private final TrackerAsk tracker;
  private final SwarmKeys keys;
  private final TrackerSettings settings;

  NodeAnnounces(Bodies bodies, TrackerAsk tracker, SwarmKeys keys, TrackerSettings settings) {
    this.keys = keys;
    this.bodies = bodies;
    this.tracker = tracker;
    this.settings = settings;
  }

  CompletionStage<HttpResponse> announce(HttpRequest request) {
    String proof =
        request.getHeader(ClusterCredential.PROOF_HEADER).map(HttpHeader::value).orElse("");
    return bodies.answer(
        request,
        settings.service().maxRequestBytes(),
        (body, source) -> announce(body, source, isProven(proof, body)));
  }

  private boolean isProven(String proof, byte[] body) {
    return ClusterCredential.allOf(keys).stream().anyMatch(own -> own.isProvenBy(proof, body));
  }

  /**
   * @param isVouchedFor whether a node of the cluster sent it, which may name its own address
   */
  private CompletionStage<HttpResponse> announce(
      byte[] body, InetAddress source, boolean isVouchedFor) {
    NodeAnnounce announce;
    try {
      NodeAnnounce decoded =
          NodeAnnounce.decode(
              body, settings.service().maxSwarmsPerRequest(), settings.handout().maxPeers());
      announce = isVouchedFor ? decoded : decoded.onlyGenuine(keys);
    } catch (BencodeException e) {
      return CompletableFuture.completedFuture(
          Replies.failure(StatusCodes.BAD_REQUEST, String.valueOf(e.getMessage())));
    }
    boolean agrees = announce.ip().length == 0 || Arrays.equals(announce.ip(), source.getAddress());
    boolean isTrusted = isVouchedFor || settings.service().trustAnnouncedAddress();
    boolean believed = agrees || (isTrusted && PeerAddress.canBeReached(announce.ip(), source));
    byte[] ip = announce.ip().length > 0 && believed ? announce.ip() : source.getAddress();
    String warning =
        believed
            ? ""
            : "the advertised address is not believed, the source address %s is listed instead"
                .formatted(source.getHostAddress());
    SwarmTable.Who who =
        new SwarmTable.Who(
            new PeerAddress(ip, announce.port()),
            announce.peerId(),
            announce.proxy() && isVouchedFor, // as all proxies are: they have the cluster key
            true,
            isVouchedFor);
    return new Exchanges(who, announce)
        .run()
        .handle((done, failure) -> {
          if (failure != null) {
            Replies.note(failure);
            return moving();
          }
          return done.map(reply -> answer(announce, reply, warning)).orElseGet(this::moving);
        });
  }

  private HttpResponse answer(NodeAnnounce announce, Tracker.Exchanged reply, String misplaced) {
    String warning = misplaced.isEmpty() && reply.unlisted() > 0 ? NO_ROOM : misplaced;
    return Replies.ok(
        NodeReply.encode(
            settings.announceInterval(),
            reply.trackerId(),
            announce.reports(),
            reply.handouts(),
            warning));
  }

  private HttpResponse moving() {
    return Replies.tryAgain(StatusCodes.SERVICE_UNAVAILABLE, settings.service().retryInterval());
  }

  /** One announce on its way to the singleton, slice after slice. */
  private final class Exchanges {
    private final SwarmTable.Who who;
    private final boolean full;
    private final List<List<Tracker.Report>> slices;
    private final List<Handout> handouts = new ArrayList<>();
    private int unlisted;

    Exchanges(SwarmTable.Who who, NodeAnnounce announce) {
      this.who = who;
      this.full = announce.full();
      this.slices = Slices.cut(announce.reports());
    }

    /** All slices' answers as one; empty when the tracker moved between them. */
    CompletionStage<Optional<Tracker.Exchanged>> run() {
      return tracker
          .exchange(who, slices.getFirst(), sweep(0, Tracker.Exchange.THIS_SLICE))
          .thenCompose(first -> {
            add(first);
            return next(1, first);
          });
    }

    private CompletionStage<Optional<Tracker.Exchanged>> next(int index, Tracker.Exchanged first) {
      if (index == slices.size()) {
        return CompletableFuture.completedFuture(
            Optional.of(
                new Tracker.Exchanged(first.trackerId(), first.atNanos(), handouts, unlisted)));
      }
      return tracker
          .exchange(who, slices.get(index), sweep(index, first.atNanos()))
          .thenCompose(reply -> {
            if (!reply.trackerId().equals(first.trackerId())) {
              return CompletableFuture.completedFuture(Optional.empty());
            }
            add(reply);
            return next(index + 1, first);
          });
    }

    private void add(Tracker.Exchanged slice) {
      handouts.addAll(slice.handouts());
      unlisted += slice.unlisted();
    }

    private long sweep(int index, long since) {
      return full && index == slices.size() - 1 ? since : Tracker.Exchange.NO_SWEEP;
    }
  }
}
