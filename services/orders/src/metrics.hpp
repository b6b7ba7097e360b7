#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace sauda::orders {

/// Every metric of the service but those of libs, made once at start and handed down by reference.
/// Listed in docs/metrics.md.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  // Placed orders by what became of them at once.
  prometheus::Counter& sent_pending;
  prometheus::Counter& sent_rejected;
  prometheus::Counter& sent_not_sent;
  prometheus::Counter& sent_unknown;
  prometheus::Counter& unrecorded;
  prometheus::Counter& adopted;
  prometheus::Counter& turned_up;
  prometheus::Counter& settled;
  prometheus::Counter& not_understood;
  prometheus::Counter& missing_from_book;
  prometheus::Counter& slow_watchers;
  prometheus::Gauge& watchers;
  prometheus::Gauge& unknown_orders;
  prometheus::Gauge& open_orders;
  prometheus::Gauge& accepting;
  prometheus::Counter& reconciled;
  prometheus::Counter& reconcile_failed;
  prometheus::Counter& stream_breaks;
  prometheus::Gauge& paper_steps_waiting;
  prometheus::Counter& paper_steps_dropped;
  prometheus::Gauge& halted;
  prometheus::Gauge& halted_open_orders;
  prometheus::Counter& kill_cancels;
  prometheus::Counter& kill_cancels_failed;
  prometheus::Gauge& unconfirmed_orders;
  prometheus::Counter& trades_unbookable;
};

}  // namespace sauda::orders
