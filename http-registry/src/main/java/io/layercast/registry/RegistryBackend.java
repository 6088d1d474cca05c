package io.layercast.registry;

import akka.util.ByteString;
import io.layercast.engine.Credential;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where a front gets everything from but the bytes of blobs: an agent from a proxy, a proxy from
 * the origin. The stages never fail.
 */
interface RegistryBackend {

  /** A request of the pull side, by its checked path. */
  CompletionStage<Answer> ask(Ask ask);

  /** A request for a token. */
  CompletionStage<Answer> token(TokenAsk ask);

  /**
   * @param path any but {@link FrontPath.Token}, {@link FrontPath.Layer} and the ones refused
   * @param head whether only the head is wanted
   * @param query as it came, without question mark
   * @param accept every Accept header's value
   */
  record Ask(
      FrontPath path,
      boolean head,
      Optional<String> query,
      List<String> accept,
      Credential credential) {
    public Ask {
      accept = List.copyOf(accept);
    }
  }

  /**
   * @param realmId names a realm of {@link Realms}
   * @param query may name an account or a scope: never printed
   * @param form of a POST: may hold a password or a refresh token, never printed
   */
  record TokenAsk(
      String realmId, Optional<String> query, Optional<ByteString> form, Credential credential) {
    @Override
    public String toString() {
      return "TokenAsk[" + realmId + "]";
    }
  }
}
