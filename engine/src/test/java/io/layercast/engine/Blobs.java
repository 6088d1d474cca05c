package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Bytes, keys and callers that tests share. */
final class Blobs {
  static final SwarmKeys KEYS =
      new SwarmKeys(
          Secret.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII)));
  static final ProxyTickets TICKETS =
      new ProxyTickets(KEYS, InetSocketAddress.createUnresolved("proxy", 6882));
  static final OriginAccess ALICE = access("team/app", "Basic alice");
  static final OriginAccess BOB = access("team/app", "Basic bob");

  private Blobs() {}

  static OriginAccess access(String repository, String credential) {
    return new OriginAccess(new RepositoryName(repository), Credential.of(credential));
  }

  static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  static PieceProof proof(byte[] content, PieceLayout layout, int generation, int piece) {
    return KEYS.proof(
        Digest.sha256Of(content),
        generation,
        piece,
        PieceHash.of(PieceHash.hasher().digest(piece(content, layout, piece))));
  }

  static byte[] piece(byte[] content, PieceLayout layout, int piece) {
    int begin = (int) layout.offsetOf(piece);
    return Arrays.copyOfRange(content, begin, begin + layout.lengthOf(piece));
  }

  static SharedBlob.Stored store(LiveBlob blob, byte[] content, int piece) {
    return blob.store(piece, ByteBuffer.wrap(piece(content, blob.layout(), piece)));
  }

  static void learnAll(LiveBlob blob, byte[] content) {
    for (int piece = 0; piece < blob.layout().pieceCount(); piece++) {
      blob.learn(piece, proof(content, blob.layout(), blob.generation(), piece));
    }
  }

  /** Flips a byte of the only blob of that length on the disk, in its middle. */
  static void damage(Path folder, int length) throws IOException {
    Path data;
    try (Stream<Path> files = Files.walk(folder)) {
      data = files.filter(file -> file.toFile().length() == length).findFirst().orElseThrow();
    }
    try (FileChannel channel =
        FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, length / 2);
      one.put(0, (byte) (one.get(0) ^ 1)).rewind();
      channel.write(one, length / 2);
    }
  }

  static CompletionStage<byte[]> collect(Source<ByteString, ?> source, ActorSystem<?> system) {
    return source
        .runWith(Sink.fold(ByteString.fromArray(new byte[0]), ByteString::concat), system)
        .thenApply(ByteString::toArray);
  }
}
