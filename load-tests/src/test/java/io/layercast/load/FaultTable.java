package io.layercast.load;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Prints one line for each fault, "fault · stall · refetched · result", and keeps it as a row of
 * {@code target/faults.md}. Fault and result are the two halves of the test's name; the numbers are
 * what it told the {@link Fault} it was given, if it took one.
 */
final class FaultTable implements AfterTestExecutionCallback, ParameterResolver {
  private static final Path TABLE = Path.of("target", "faults.md");
  private static final String HEAD =
      """
      | fault | stall | refetched | result |
      |---|---|---|---|
      """;
  private static final ExtensionContext.Namespace OURS =
      ExtensionContext.Namespace.create(FaultTable.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Fault.class;
  }

  @Override
  public Fault resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return fault(context);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    String[] halves = context.getRequiredTestMethod().getName().split("_", 2);
    Fault fault = fault(context);
    String result =
        context.getExecutionException().isPresent()
            ? "FAILED"
            : words(halves.length == 2 ? halves[1] : "as it should") + fault.remarkText();
    String name = words(halves[0]);
    System.out.printf(
        "%s · %s · %s · %s%n", name, fault.stallText(), fault.refetchedText(), result);
    write(
        "| %s | %s | %s | %s |%n"
            .formatted(name, fault.stallText(), fault.refetchedText(), result));
  }

  private static Fault fault(ExtensionContext context) {
    return context
        .getStore(OURS)
        .getOrComputeIfAbsent(context.getUniqueId(), _ -> new Fault(), Fault.class);
  }

  /** Other JVMs may write rows at the same time. */
  private static void write(String row) throws IOException {
    Files.createDirectories(TABLE.getParent());
    try {
      Files.writeString(TABLE, HEAD, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
    } catch (FileAlreadyExistsException _) { // begun by another
    }
    Files.writeString(TABLE, row, StandardOpenOption.APPEND);
  }

  /** {@code agentKilled} is {@code agent killed}. */
  private static String words(String camelCase) {
    return camelCase
        .replace("_", ", ")
        .replaceAll("(?<=[A-Za-z0-9])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
