package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
  private static final byte[] ID = "a swarm's id in full".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  private final Secrets secrets = new Secrets();

  private void logged(String line) throws IOException {
    Path log = Files.writeString(folder.resolve("agent.log"), "12:00:00 INFO begins\n" + line);
    secrets.add("a password", "ada:lovelace");
    secrets.add("a swarm's id", ID);
    secrets.watch(log, Files.createDirectories(folder.resolve("data-folder")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user ada:lovelace came",
        "header YWRhOmxvdmVsYWNl",
        "Authorization: Basic bm9ib2R5OmtuZXc=",
        "authorization: bearer abcdefghij",
        "token eyJhbGciOiJSUzI1NiIsInR5cCI6",
        "joined 6120737761726d277320696420696e2066756c6c",
        "GET /layercast/v1/alias/00112233445566778899aabbccddeeff00112233",
        "GET /announce?info_hash=%12%34%56%78&port=1",
        "proxy http://user:pw@proxy.example:3128",
      })
  void leaks_findsASecretHoweverItIsWritten(String line) throws IOException {
    logged(line);

    assertThat(secrets.leaks()).isNotEmpty();
  }

  @Test
  void leaks_leavesDigestsAndRedactedOnesAlone() throws IOException {
    logged(
        "pulled sha256:"
            + "0123456789abcdef".repeat(4)
            + " for Credential[***] in swarm 6120…"
            + " of http://127.0.0.1:5000");

    assertThat(secrets.leaks()).isEmpty();
  }

  @Test
  void leaks_searchesStoresButForTheLayers() throws IOException {
    logged("nothing");
    Path store = folder.resolve("data-folder");
    Files.write(store.resolve("data"), ID);
    assertThat(secrets.leaks()).isEmpty();

    Files.write(store.resolve("head"), ID);
    assertThat(secrets.leaks()).singleElement().asString().contains("head");
  }
}
