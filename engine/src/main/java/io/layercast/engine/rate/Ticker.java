package io.layercast.engine.rate;

import akka.actor.AbstractExtensionId;
import akka.actor.ActorSystem;
import akka.actor.ClassicActorSystemProvider;
import akka.actor.ExtendedActorSystem;
import akka.actor.Extension;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread that wakes the rate limiters of an actor system.
 *
 * <p>Not Akka's scheduler: that ticks every 10 ms, so a timer of 5 ms comes after 10 to 20, as long
 * as the burst, and the limit would fall short of its rate; to make it tick every 5 ms would double
 * what an idle system burns. This thread exists only while somebody waits and a second beyond.
 */
final class Ticker implements Extension, RateLimiter.Alarm {
  private static final Id ID = new Id();

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().daemon().name("layercast-rate-limit").unstarted(task));

  private Ticker(ActorSystem system) {
    executor.setKeepAliveTime(1, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setRemoveOnCancelPolicy(true);
    system.registerOnTermination(executor::shutdownNow);
  }

  static Ticker of(ClassicActorSystemProvider system) {
    return ID.get(system);
  }

  @Override
  public Cancellable after(long nanos, Runnable task) {
    var future = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static final class Id extends AbstractExtensionId<Ticker> {
    @Override
    public Ticker createExtension(ExtendedActorSystem system) {
      return new Ticker(system);
    }
  }
}
