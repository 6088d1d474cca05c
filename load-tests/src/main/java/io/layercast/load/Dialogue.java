package io.layercast.load;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;

/** A process that does what a line on its standard input says and answers by a line. */
record Dialogue(Program program, BufferedReader answers, BufferedWriter orders) {

  /**
   * Its answer to {@code order}, without the {@code ok} that begins it.
   *
   * @throws IOException when it answered anything else or ended
   */
  String ask(String order) throws IOException {
    orders.write(order);
    orders.newLine();
    orders.flush();
    String answer = answers.readLine();
    if (answer == null || !answer.startsWith("ok")) {
      throw new IOException(
          "tried to have %s do '%s', but it said '%s'%n%s"
              .formatted(program.name(), order, answer, program.tail()));
    }
    return answer.substring("ok".length()).strip();
  }
}
