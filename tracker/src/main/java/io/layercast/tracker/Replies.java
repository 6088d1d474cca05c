package io.layercast.tracker;

import akka.http.javadsl.model.AttributeKeys;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RemoteAddress;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import io.layercast.engine.bencode.Bencode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers that the routes share. */
final class Replies {
  static final String MOVING = "tracker is moving, try again";
  private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

  private Replies() {}

  static HttpResponse bencoded(StatusCode status, byte[] body) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, body));
  }

  static HttpResponse ok(byte[] body) {
    return bencoded(StatusCodes.OK, body);
  }

  /** A refusal that says why in the way of BEP 3. */
  static HttpResponse failure(StatusCode status, String reason) {
    return bencoded(status, Bencode.encode(Bencode.dict().put("failure reason", reason).build()));
  }

  /** For clients that read a failure reason and the interval beside it. */
  static HttpResponse tryAgain(StatusCode status, Duration after) {
    return bencoded(
        status,
        Bencode.encode(
            Bencode.dict()
                .put("failure reason", MOVING)
                .put("interval", Math.max(1, after.toSeconds()))
                .build()));
  }

  /** What went wrong, without the wrapping of stages. */
  static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Notes why the tracker could not be asked; that it is silent is no news. */
  static void note(Throwable failure) {
    Throwable cause = unwrap(failure);
    if (!(cause instanceof TimeoutException)) {
      LOG.warn("an announce failed", cause);
    }
  }

  /** Where the request came from, as its connection says; no header is believed. */
  static Optional<InetAddress> source(HttpRequest request) {
    return request.getAttribute(AttributeKeys.remoteAddress).flatMap(RemoteAddress::getAddress);
  }
}
