#pragma once

#include <array>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "services/instruments/src/core/segment.hpp"
#include "services/instruments/src/core/sync_report.hpp"

namespace sauda::instruments {

/// Every metric of the service but those of libs, made once at start and handed down by reference.
/// Listed in docs/metrics.md.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  prometheus::Counter& committed;
  prometheus::Counter& failed;
  prometheus::Counter& refused;  // another one was running
  prometheus::Histogram& duration;
  prometheus::Counter& inserted;
  prometheus::Counter& updated;
  prometheus::Counter& unchanged;
  prometheus::Counter& deactivated;
  prometheus::Counter& bad;
  prometheus::Gauge& last_success;
  prometheus::Gauge& last_failed;
  prometheus::Gauge& last_duration;
  prometheus::Gauge& last_bad_ratio;
  prometheus::Gauge& running;
  prometheus::Gauge& catalog_instruments;
  prometheus::Histogram& catalog_load;
  std::array<prometheus::Gauge*, kSegments.size()> active{};       // by segment
  std::array<prometheus::Gauge*, kWarningCodes.size()> warning{};  // by code
  std::array<prometheus::Gauge*, kLists.size()> list_rows{};       // by list
};

}  // namespace sauda::instruments
