package io.layercast.bootstrap.metrics;

import static akka.http.javadsl.server.Directives.complete;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /metrics}. */
public final class MetricsRoute {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsRoute.class);

  private static final ContentType TEXT = ContentTypes.parse(Metrics.CONTENT_TYPE);

  private MetricsRoute() {}

  public static Route of(Metrics metrics) {
    return path("metrics", () -> get(() -> complete(answer(metrics))));
  }

  private static HttpResponse answer(Metrics metrics) {
    try {
      return HttpResponse.create().withEntity(HttpEntities.create(TEXT, metrics.text()));
    } catch (IOException e) {
      LOG.warn("tried to tell the metrics, but failed", e);
      return HttpResponse.create().withStatus(StatusCodes.INTERNAL_SERVER_ERROR);
    }
  }
}
