package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A run that only a signal ends: says its folder and the process it started. */
final class EndedRun {
  private EndedRun() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    try (Workplace workplace = Workplace.open("ended")) {
      Files.writeString(workplace.folder("left").resolve("file"), "left");
      Program program = workplace.start("sleep", List.of("sleep", "60"));
      System.out.println(workplace.folder("left").getParent());
      System.out.println(program.pid());
      new CountDownLatch(1).await();
    }
  }
}
