package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The skopeo command: pushes and pulls over plain HTTP. */
final class Skopeo {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Workplace workplace;

  Skopeo(Workplace workplace) {
    this.workplace = workplace;
  }

  /** {@code docker://<registry>/<repository>:<tag of the image>}, by anyone. */
  void push(TestImage image, String registry, String repository) throws IOException {
    push(image, registry, repository, List.of());
  }

  void push(TestImage image, String registry, String repository, String user, String password)
      throws IOException {
    push(image, registry, repository, List.of("--dest-creds", user + ":" + password));
  }

  private void push(TestImage image, String registry, String repository, List<String> options)
      throws IOException {
    push(options, image.layout(), image.tag(), registry, repository);
  }

  /** As above, of every platform in an OCI layout. */
  void pushAll(Path layout, String tag, String registry, String repository) throws IOException {
    push(List.of("--all"), layout, tag, registry, repository);
  }

  private void push(
      List<String> options, Path layout, String tag, String registry, String repository)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--quiet",
                "--preserve-digests",
                "--dest-tls-verify=false"));
    command.addAll(options);
    command.add("oci:" + layout + ":" + tag);
    command.add("docker://" + registry + "/" + repository + ":" + tag);
    workplace.run("skopeo-push", LIMIT, command);
  }

  /**
   * Pulls into a folder that has each blob in a file of its hex name. Skopeo itself has checked
   * every digest; {@link #verify} does so again.
   *
   * @throws CommandFailed with what skopeo said when it was refused
   */
  Path pull(String registry, String repository, String tag, String... options) throws IOException {
    Path target = Files.createTempDirectory(workplace.folder("skopeo"), "pull-");
    List<String> command =
        new ArrayList<>(
            List.of("skopeo", "--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"));
    command.addAll(List.of(options));
    command.add("docker://" + registry + "/" + repository + ":" + tag);
    command.add("dir:" + target);
    workplace.run("skopeo-pull", LIMIT, command);
    return target;
  }

  /** Every blob of {@code image} is in {@code folder} and hashes to its digest. */
  static void verify(TestImage image, Path folder) throws IOException {
    List<Blob> blobs = new ArrayList<>(image.layers());
    blobs.add(image.config());
    for (Blob blob : blobs) {
      String found = Sha256.of(folder.resolve(Sha256.hexOf(blob.digest())));
      if (!found.equals(blob.digest())) {
        throw new IOException("pulled " + found + " for " + blob.digest());
      }
    }
  }
}
