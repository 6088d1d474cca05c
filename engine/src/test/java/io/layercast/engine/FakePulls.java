package io.layercast.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what it was told. */
final class FakePulls implements PullListener {
  final AtomicInteger running = new AtomicInteger();
  final List<PullReport> reports = new CopyOnWriteArrayList<>();
  final AtomicInteger refused = new AtomicInteger();
  final AtomicInteger unavailable = new AtomicInteger();

  @Override
  public void began() {
    running.incrementAndGet();
  }

  @Override
  public void reported(PullReport report) {
    reports.add(report);
  }

  @Override
  public void over() {
    running.decrementAndGet();
  }

  @Override
  public void refused() {
    refused.incrementAndGet();
  }

  @Override
  public void unavailable() {
    unavailable.incrementAndGet();
  }

  List<PullReport.Result> results() {
    return reports.stream().map(PullReport::result).toList();
  }
}
