package io.layercast.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Describes files to standard clients: a .torrent of one file each (BEP 3), made once. */
final class Torrents {
  private final Path folder;
  private final String announceUrl;
  private final int pieceBytes;
  private final Map<Path, Path> made = new HashMap<>();

  Torrents(Path folder, String announceUrl, int pieceBytes) {
    this.folder = folder;
    this.announceUrl = announceUrl;
    this.pieceBytes = pieceBytes;
  }

  List<Path> of(List<Path> files) throws IOException {
    List<Path> torrents = new ArrayList<>();
    for (Path file : files) {
      if (!made.containsKey(file)) {
        Path torrent = folder.resolve(file.getFileName() + ".torrent");
        made.put(file, Files.write(torrent, describe(file)));
      }
      torrents.add(made.get(file));
    }
    return torrents;
  }

  private byte[] describe(Path file) throws IOException {
    String name = file.getFileName().toString();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text(out, "d8:announce%d:%s".formatted(announceUrl.length(), announceUrl));
    text(out, "4:infod6:lengthi%de4:name%d:%s".formatted(Files.size(file), name.length(), name));
    byte[] hashes = pieces(file);
    text(out, "12:piece lengthi%de6:pieces%d:".formatted(pieceBytes, hashes.length));
    out.writeBytes(hashes);
    text(out, "7:privatei1eee");
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private byte[] pieces(Path file) throws IOException {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest hasher = MessageDigest.getInstance("SHA-1");
      for (byte[] piece = in.readNBytes(pieceBytes);
          piece.length > 0;
          piece = in.readNBytes(pieceBytes)) {
        hashes.writeBytes(hasher.digest(piece));
      }
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
    return hashes.toByteArray();
  }
}
