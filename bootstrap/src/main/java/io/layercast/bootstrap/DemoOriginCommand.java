package io.layercast.bootstrap;

import io.layercast.bootstrap.demo.DemoOrigin;
import io.layercast.bootstrap.node.DataSize;
import io.layercast.bootstrap.node.HostPort;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The demo's origin as a process of its own. */
@Command(name = "demo-origin", hidden = true, description = "The origin registry of the demo.")
final class DemoOriginCommand implements Callable<Integer> {
  @Option(names = "--listen", defaultValue = "127.0.0.1:5000", paramLabel = "HOST:PORT")
  private String listen = "";

  @Option(names = "--size", defaultValue = "512MiB")
  private DataSize size = new DataSize(0);

  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Lifetime.endWithInput(run);
    HostPort address = HostPort.parse(listen);
    try (DemoOrigin origin = DemoOrigin.start(address.toSocketAddress(), size.bytes())) {
      Map<String, Object> ready = new LinkedHashMap<>();
      ready.put("address", HostPort.of(origin.address()).toString());
      ready.put("imageBytes", origin.imageBytes());
      Lifetime.sayReady("origin", ready, run.json);
      new CountDownLatch(1).await();
    }
    return 0;
  }
}
