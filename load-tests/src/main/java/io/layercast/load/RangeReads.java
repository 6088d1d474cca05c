package io.layercast.load;

import static io.gatling.javaapi.core.CoreDsl.bodyBytes;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A lazy snapshotter: the layer's end (its table of contents), then chunks of 64 KiB here and there
 * as files are opened. The bytes are compared with those of the layer.
 */
public final class RangeReads extends LoadSimulation {
  static final String MAIN_REQUEST = "GET range";

  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int CHUNKS = 20;

  public RangeReads() {
    LoadTarget target = LoadTarget.ofProperties();
    RegistryClient client = RegistryClient.of(target);
    Blob layer = target.layers().getFirst();
    byte[] expected = target.read(layer);
    ChainBuilder read =
        exec(
            client
                .authorised(
                    http(MAIN_REQUEST)
                        .get(target.path("blobs", layer.digest()))
                        .header(
                            "Range",
                            session -> {
                              int begin = session.getInt("begin");
                              return "bytes=" + begin + "-" + (begin + CHUNK_BYTES - 1);
                            }))
                .check(status().is(206))
                .check(
                    bodyBytes()
                        .transformWithSession((bytes, session) -> isRight(bytes, session, expected))
                        .is(true)));
    int last = expected.length - CHUNK_BYTES;
    load(
        scenario("lazy pull")
            .exec(client.resolve(""))
            .exec(session -> session.set("begin", last))
            .exec(read)
            .exec(
                repeat(CHUNKS)
                    .on(
                        exec(session ->
                                session.set("begin", ThreadLocalRandom.current().nextInt(last)))
                            .exec(read)))
            .injectOpen(evenly()),
        RegistryClient.protocol(target.urls()),
        MAIN_REQUEST);
  }

  private static boolean isRight(byte[] bytes, Session session, byte[] expected) {
    int begin = session.getInt("begin");
    return Arrays.equals(bytes, 0, bytes.length, expected, begin, begin + CHUNK_BYTES);
  }
}
