package io.layercast.load;

import java.io.IOException;

/** A client or tool ended with another exit code than 0; {@link #output} says what it printed. */
final class CommandFailed extends IOException {
  private static final long serialVersionUID = 1L;

  private final String output;

  CommandFailed(String name, int exit, String output) {
    super(name + " ended with " + exit + ":\n" + output);
    this.output = output;
  }

  String output() {
    return output;
  }
}
