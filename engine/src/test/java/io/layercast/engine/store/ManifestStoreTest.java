package io.layercast.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestStoreTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.sha256Of(MANIFEST);

  @TempDir Path root;
  @TempDir Path outside;
  private ManifestStore manifests;

  @BeforeEach
  void open() throws IOException {
    manifests = ManifestStore.open(root);
  }

  private Path file() {
    return root.resolve("manifests/sha256")
        .resolve(DIGEST.hex().substring(0, 2))
        .resolve(DIGEST.hex());
  }

  @Test
  void find_yieldsWhatWasPut() throws IOException {
    assertThat(manifests.find(DIGEST)).isEmpty();
    manifests.put(DIGEST, TYPE, MANIFEST);

    assertThat(manifests.find(DIGEST)).contains(new StoredManifest(TYPE, MANIFEST));
    assertThat(ManifestStore.open(root).find(DIGEST)).contains(new StoredManifest(TYPE, MANIFEST));
  }

  @Test
  void put_ofSha512IsKeptToo() throws IOException {
    Digest digest =
        Digest.ofHash(Digest.Algorithm.SHA512, Digest.Algorithm.SHA512.hasher().digest(MANIFEST));
    manifests.put(digest, "", MANIFEST);

    assertThat(manifests.find(digest)).contains(new StoredManifest("", MANIFEST));
  }

  @Test
  void put_refusesOtherBytesAndTooMany() {
    assertThatThrownBy(() -> manifests.put(DIGEST, TYPE, new byte[3]))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] tooMany = new byte[ManifestStore.MAX_MANIFEST_BYTES + 1];
    assertThatThrownBy(() -> manifests.put(Digest.sha256Of(tooMany), TYPE, tooMany))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> manifests.put(DIGEST, "x".repeat(256), MANIFEST))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file()).doesNotExist();
  }

  @Test
  void everyFlippedBit_isFoundAndTheFileDropped() throws IOException {
    manifests.put(DIGEST, TYPE, MANIFEST);
    byte[] good = Files.readAllBytes(file());
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file(), bad);

      assertThat(manifests.find(DIGEST)).isEmpty();
      assertThat(file()).doesNotExist();
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(file(), java.util.Arrays.copyOf(good, length));
      assertThat(manifests.find(DIGEST)).isEmpty();
    }
  }

  @Test
  void linksAndFolders_areNotFollowedAndReplaced() throws IOException {
    manifests.put(DIGEST, TYPE, MANIFEST);
    Path moved = outside.resolve("moved");
    Files.move(file(), moved);
    Files.createSymbolicLink(file(), moved);
    assertThat(manifests.find(DIGEST)).isEmpty();
    assertThat(moved).exists();

    Files.createDirectories(file().resolve("deep"));
    manifests.put(DIGEST, TYPE, MANIFEST);
    assertThat(manifests.find(DIGEST)).isPresent();
  }

  @Test
  void manyAtOnce_doNotDisturbEachOther() throws Exception {
    Callable<Boolean> putAndFind =
        () -> {
          manifests.put(DIGEST, TYPE, MANIFEST);
          return manifests.find(DIGEST).isPresent();
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Boolean> found : threads.invokeAll(Collections.nCopies(64, putAndFind))) {
        assertThat(found.get()).isTrue();
      }
    }
  }

  @Test
  void manyAtOnceInAFreshStore_doNotDeleteEachOthersFolders() throws Exception {
    int threadCount = 4;
    try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
      for (int store = 0; store < 200; store++) {
        ManifestStore fresh = ManifestStore.open(root.resolve("fresh" + store));
        CyclicBarrier start = new CyclicBarrier(threadCount);
        Callable<Boolean> putAndFind =
            () -> {
              start.await();
              fresh.put(DIGEST, TYPE, MANIFEST);
              return fresh.find(DIGEST).isPresent();
            };
        for (Future<Boolean> found :
            threads.invokeAll(Collections.nCopies(threadCount, putAndFind))) {
          assertThat(found.get()).isTrue();
        }
      }
    }
  }

  @Test
  void put_beyondTheLimit_dropsTheLongestUnused() throws IOException {
    Instant[] now = {Instant.now()};
    ManifestStore bounded =
        ManifestStore.open(
            root, EvictionPolicyTest.settings("manifests-limit = 10000"), () -> now[0]);
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] manifest = Blobs.randomBytes(3_000, i);
      digests.add(Digest.sha256Of(manifest));
      bounded.put(digests.get(i), TYPE, manifest);
    }
    now[0] = now[0].plusSeconds(3600);
    assertThat(bounded.find(digests.get(0))).isPresent();
    now[0] = now[0].plusSeconds(3600);
    byte[] fourth = Blobs.randomBytes(3_000, 4);
    bounded.put(Digest.sha256Of(fourth), TYPE, fourth);
    assertThat(bounded.bytes()).isLessThanOrEqualTo(9_000 - 1);
    assertThat(bounded.find(digests.get(0))).isPresent();
  }
}
