package io.layercast.swarm;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;

/** Gives the peer dispatcher its {@link PeerLoop}; Akka makes it by reflection. */
public final class PeerLoopExecutor extends ExecutorServiceConfigurator {
  /** As Akka calls it. */
  public PeerLoopExecutor(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return () -> new PeerLoop(threads);
  }
}
