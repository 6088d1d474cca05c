package io.layercast.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.CredentialRetriever;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.registry.credentials.CredentialRetrievalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/**
 * The image on one base, made by Jib for one platform or several.
 *
 * @param kept where layers stay from one image to the next
 * @param scratch a folder for what is made on the way, the caller's to delete
 * @param insecure also talk to registries without TLS or with a certificate nobody signed
 */
record ImageBuild(
    ImageReference base, Distribution distribution, Path kept, Path scratch, boolean insecure) {

  /** Writes it to a file as {@code docker save} would; returns the digest of its manifest. */
  DescriptorDigest write(
      Path file, ImageReference name, Platform platform, List<FileEntriesLayer> more)
      throws IOException, InterruptedException {
    return make(Containerizer.to(TarImage.at(file).named(name)), Set.of(platform), more);
  }

  /** Pushes it with the same layers for all platforms; returns its manifest's or index's digest. */
  DescriptorDigest push(ImageReference name, Set<Platform> platforms, List<FileEntriesLayer> more)
      throws IOException, InterruptedException {
    return make(Containerizer.to(readable(name)), platforms, more);
  }

  /** Pushes it with a layer on top for those platforms that it fits; returns the index's digest. */
  DescriptorDigest pushWithCache(
      ImageReference name, Set<Platform> platforms, FileEntriesLayer cache)
      throws IOException, InterruptedException {
    Map<Platform, DescriptorDigest> images = new LinkedHashMap<>();
    for (Platform platform : platforms) {
      List<FileEntriesLayer> more = StartUpCache.fits(platform) ? List.of(cache) : List.of();
      if (platforms.size() == 1) {
        return push(name, platforms, more);
      }
      // Its digest is its name in the registry, so that there is no other tag than the index's.
      Path file = scratch.resolve(platform.getArchitecture() + ".tar");
      DescriptorDigest digest = write(file, name, platform, more);
      Files.delete(file);
      images.put(platform, push(name.withQualifier(digest.toString()), Set.of(platform), more));
    }
    try {
      return PlatformIndex.push(name, images, credential(name), insecure);
    } catch (RegistryException | CredentialRetrievalException e) {
      throw failed(e);
    }
  }

  private DescriptorDigest make(
      Containerizer to, Set<Platform> platforms, List<FileEntriesLayer> more)
      throws IOException, InterruptedException {
    try {
      return ImagePlan.on(Jib.from(readable(base)), distribution, platforms, scratch, more)
          .containerize(
              to.setAllowInsecureRegistries(insecure)
                  .setBaseImageLayersCache(kept.resolve("base"))
                  .setApplicationLayersCache(kept.resolve("own"))
                  .setToolName("layercast")
                  .setToolVersion(distribution.version()))
          .getDigest();
    } catch (RegistryException | ExecutionException | CacheDirectoryCreationException e) {
      throw failed(e);
    }
  }

  private IOException failed(Exception cause) {
    return new IOException(
        "tried to make the image on %s, but failed because %s".formatted(base, reason(cause)),
        cause);
  }

  private static RegistryImage readable(ImageReference name) {
    RegistryImage image = RegistryImage.named(name);
    retrievers(name).forEach(image::addCredentialRetriever);
    return image;
  }

  private static Optional<Credential> credential(ImageReference name)
      throws CredentialRetrievalException {
    for (CredentialRetriever retriever : retrievers(name)) {
      Optional<Credential> credential = retriever.retrieve();
      if (credential.isPresent()) {
        return credential;
      }
    }
    return Optional.empty();
  }

  private static List<CredentialRetriever> retrievers(ImageReference name) {
    CredentialRetrieverFactory credentials = CredentialRetrieverFactory.forImage(name, _ -> {});
    return List.of(credentials.dockerConfig(), credentials.wellKnownCredentialHelpers());
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
