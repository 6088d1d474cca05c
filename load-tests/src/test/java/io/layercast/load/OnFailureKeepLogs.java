package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test class one {@link Workplace} and closes it after the last test; when one failed,
 * the logs of all its processes are left in {@code target/it-logs/<class>}. Fails the class when
 * one of our processes has told a secret to its log or its store ({@link Secrets}).
 */
final class OnFailureKeepLogs
    implements BeforeAllCallback,
        AfterAllCallback,
        AfterTestExecutionCallback,
        LifecycleMethodExecutionExceptionHandler,
        ParameterResolver {
  private @Nullable Workplace workplace;
  private boolean failed;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    workplace = Workplace.open(context.getRequiredTestClass().getSimpleName());
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    failed |= context.getExecutionException().isPresent();
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable error)
      throws Throwable {
    failed = true;
    throw error;
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    try (Workplace closing = workplace()) {
      closing.endPrograms();
      List<String> leaks = closing.secrets().leaks();
      if (failed || !leaks.isEmpty()) {
        closing.keepLogs(
            Path.of("target", "it-logs", context.getRequiredTestClass().getSimpleName()));
      }
      assertThat(leaks).as("secrets in the logs and store folders of this run").isEmpty();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Workplace.class;
  }

  @Override
  public Workplace resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return workplace();
  }

  private Workplace workplace() {
    if (workplace == null) {
      throw new IllegalStateException("before the first test");
    }
    return workplace;
  }
}
