package io.layercast.registry;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import io.layercast.engine.OriginAccess;
import java.util.concurrent.CompletionStage;

/** Our own API on a role's front, for requests whose path and repository are checked. */
interface LayerApi {
  CompletionStage<HttpResponse> handle(
      HttpRequest request, FrontPath.Layer layer, OriginAccess access);
}
