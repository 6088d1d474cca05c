package io.layercast.image;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.blob.BlobDescriptor;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.global.JibSystemProperties;
import com.google.cloud.tools.jib.hash.Digests;
import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.image.json.V22ManifestListTemplate;
import com.google.cloud.tools.jib.image.json.V22ManifestTemplate;
import com.google.cloud.tools.jib.registry.RegistryClient;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Names images of several platforms, which are in the registry by their digests, under one tag.
 * Jib's own API makes such an index of images with the same layers only, so this uses what is below
 * that API; the pinned version makes it safe.
 */
final class PlatformIndex {
  private PlatformIndex() {}

  /** Pushes it; returns its digest. */
  static DescriptorDigest push(
      ImageReference name,
      Map<Platform, DescriptorDigest> images,
      Optional<Credential> credential,
      boolean insecure)
      throws IOException, RegistryException {
    FailoverHttpClient http =
        new FailoverHttpClient(insecure, JibSystemProperties.sendCredentialsOverHttp(), _ -> {});
    try {
      RegistryClient.Factory factory =
          RegistryClient.factory(
              EventHandlers.NONE, name.getRegistry(), name.getRepository(), http);
      credential.ifPresent(factory::setCredential);
      RegistryClient client = factory.newRegistryClient();
      if (!client.doPushBearerAuth() && credential.isPresent()) {
        client.configureBasicAuth();
      }
      V22ManifestListTemplate index = new V22ManifestListTemplate();
      for (Map.Entry<Platform, DescriptorDigest> image : images.entrySet()) {
        index.addManifest(entry(client, image.getKey(), image.getValue()));
      }
      return client.pushManifest(index, name.getQualifier());
    } finally {
      http.shutDown();
    }
  }

  private static V22ManifestListTemplate.ManifestDescriptorTemplate entry(
      RegistryClient client, Platform platform, DescriptorDigest digest)
      throws IOException, RegistryException {
    BlobDescriptor manifest =
        Digests.computeDigest(
            client.pullManifest(digest.toString(), V22ManifestTemplate.class).getManifest());
    if (!manifest.getDigest().equals(digest)) {
      throw new IOException("the registry has other bytes under " + digest);
    }
    V22ManifestListTemplate.ManifestDescriptorTemplate entry =
        new V22ManifestListTemplate.ManifestDescriptorTemplate();
    entry.setMediaType(V22ManifestTemplate.MANIFEST_MEDIA_TYPE);
    entry.setSize(manifest.getSize());
    entry.setDigest(digest.toString());
    entry.setPlatform(platform.getArchitecture(), platform.getOs());
    return entry;
  }
}
