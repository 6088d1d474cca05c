package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the subcommands of {@code bench} have in common: how they tell what they do and found. */
abstract class Measurement implements Callable<Integer> {
  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Tells what is done now, unless a program reads the result. */
  final void say(String what) {
    if (!json) {
      spec.commandLine().getErr().println(what);
    }
  }

  /** Prints a result. */
  final void report(Object asJson, Consumer<PrintWriter> asTable) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Bench.json(asJson));
    } else {
      asTable.accept(out);
    }
    out.flush();
  }

  /** For an option that asks for what can not be. */
  final ParameterException refused(String cause) {
    return new ParameterException(spec.commandLine(), cause);
  }

  static String number(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }
}
