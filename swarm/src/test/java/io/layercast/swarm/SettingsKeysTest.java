package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SettingsKeysTest {
  private final Config config = ConfigFactory.load();

  @Test
  void everyKey_isRead() {
    for (String key : config.getConfig("layercast.swarm").root().keySet()) {
      if (key.equals("peer-dispatcher")) {
        continue; // Akka reads it
      }
      Config without = config.withoutPath("layercast.swarm." + key);
      assertThatThrownBy(() -> SwarmSettings.from(without))
          .as(key)
          .isInstanceOf(ConfigException.Missing.class);
    }
  }

  @Test
  void defaults_areAsDocumented() {
    SwarmSettings settings = SwarmSettings.from(config);
    assertThat(settings.transfer().blockBytes()).isEqualTo(128 * 1024);
    assertThat(settings.transfer().piecesPerPeer()).isEqualTo(4);
    assertThat(settings.deadlines().handshake()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.connections().maxPerBlob()).isEqualTo(50);
  }

  @Test
  void anIdleSlot_goesOnNoSoonerThanAnUplinkTakesForABlock_andAfterATurnAtMost() {
    SwarmSettings.Transfer transfer = SwarmSettings.from(config).transfer();
    assertThat(transfer.uploadIdle(0)).isEqualTo(Duration.ofMillis(50));
    assertThat(transfer.uploadIdle(100_000_000)).isEqualTo(Duration.ofMillis(50));
    assertThat(transfer.uploadIdle(1024 * 1024)).isEqualTo(Duration.ofMillis(125));
    assertThat(transfer.uploadIdle(1)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void akkasTcp_isTuned() {
    assertThat(config.getInt("akka.stream.materializer.io.tcp.coalesce-writes")).isZero();
    assertThat(config.getBytes("akka.stream.materializer.io.tcp.write-buffer-size"))
        .isEqualTo(1024 * 1024);
    assertThat(config.getBytes("akka.io.tcp.direct-buffer-size")).isEqualTo(256 * 1024);
    assertThat(config.getInt("akka.io.tcp.direct-buffer-pool-limit")).isEqualTo(64);
  }
}
