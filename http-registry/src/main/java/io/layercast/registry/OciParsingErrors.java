package io.layercast.registry;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;

/**
 * What akka-http answers to bytes that are no HTTP request, a TLS ClientHello for example: as all
 * our errors are, and without quoting the bytes anywhere. Named in {@link FrontServer}'s settings.
 */
public final class OciParsingErrors extends ParsingErrorHandler {
  @Override
  public HttpResponse handle(
      StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    return Responses.error(
        status.intValue() == 501 ? 400 : status.intValue(),
        OciError.Code.UNSUPPORTED,
        "read the request",
        "it is not HTTP as this server takes it (this port speaks plain HTTP)");
  }
}
