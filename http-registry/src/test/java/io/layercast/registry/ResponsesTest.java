package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.ResponseEntity;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.Layers;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ResponsesTest {
  /** An origin may tell a wrong size; a whole blob of nothing must not come of it. */
  @Test
  void blob_isEmptyOnlyIfItsDigestSaysSo() {
    assertThat(ofNoBytes(Digest.sha256Of(new byte[] {1})).isChunked()).isTrue();
    assertThat(ofNoBytes(Digest.sha256Of(new byte[0])).getContentLengthOption()).hasValue(0);
  }

  private static ResponseEntity ofNoBytes(Digest digest) {
    Layers.Granted granted =
        new Layers.Granted(OptionalLong.of(0), (_, _) -> Source.single(ByteString.fromInts(1)));
    return Responses.blob(HttpRequest.GET("/"), digest, granted).entity();
  }
}
