package io.layercast.load;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The least that can be done: {@link PlainPeer} at both ends. */
final class PlainEnds implements WireEnds {
  private final Workplace workplace;
  private final Dialogue sender;
  private final Dialogue receiver;
  private final String senderAddress;
  private int fetches;

  private PlainEnds(Workplace workplace, Dialogue sender, Dialogue receiver, String at)
      throws IOException {
    this.workplace = workplace;
    this.sender = sender;
    this.receiver = receiver;
    this.senderAddress = sender.ask("serve " + at);
  }

  static PlainEnds start(Workplace workplace) throws IOException {
    return new PlainEnds(
        workplace,
        workplace.converse("plain-sender", java()),
        workplace.converse("plain-receiver", java()),
        workplace.address());
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PlainPeer.class.getName());
    return command;
  }

  @Override
  public String name() {
    return "plain sockets";
  }

  @Override
  public boolean runsOnJvm() {
    return true;
  }

  @Override
  public Transfer fetch(List<Path> files) throws IOException {
    Path folder = workplace.folder("plain-" + fetches++);
    String order =
        "fetch "
            + senderAddress
            + " "
            + folder
            + " "
            + files.stream().map(Path::toString).collect(Collectors.joining(" "));
    Transfer transfer =
        WireEnds.measure(
            sender.program(),
            receiver.program(),
            () -> {
              String _ = receiver.ask(order);
            });
    for (Path file : files) {
      File received = folder.resolve(file.getFileName()).toFile();
      if (received.length() != Files.size(file)) {
        throw new IOException(received + " is not as long as " + file);
      }
      Files.delete(received.toPath());
    }
    return transfer;
  }
}
