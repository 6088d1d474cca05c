package io.layercast.bootstrap;

/** Where every process of Layercast begins. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    NameCache.keepShortly();
    System.exit(LayercastCommand.commandLine(arguments).execute(arguments));
  }
}
