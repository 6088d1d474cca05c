package io.layercast.engine.net;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;

/** Gives a dispatcher its {@link SocketLoop}; Akka makes it by reflection. */
public final class SocketLoopExecutor extends ExecutorServiceConfigurator {
  /** As Akka calls it. */
  public SocketLoopExecutor(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return () -> new SocketLoop(threads);
  }
}
