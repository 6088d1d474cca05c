package io.layercast.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code layercast own-folder}: what the manifests' init containers do. Ours, because a base image
 * need not have a shell or chown.
 */
@Command(
    name = "own-folder",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Give one folder, not what is in it, to a user and a group.")
final class OwnFolderCommand implements Callable<Integer> {
  @Option(names = "--uid", required = true, paramLabel = "N", description = "The user.")
  private int uid;

  @Option(names = "--gid", required = true, paramLabel = "N", description = "The group.")
  private int gid;

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("%s is not a folder".formatted(folder));
    }
    Files.setAttribute(folder, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(folder, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    return 0;
  }
}
