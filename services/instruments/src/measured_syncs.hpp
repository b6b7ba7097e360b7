#pragma once

#include <atomic>

#include "services/instruments/src/core/sync_runner.hpp"
#include "services/instruments/src/metrics.hpp"

namespace sauda::instruments {

/// Runs syncs and tells the metrics how they went, and the log how those ended that changed the
/// master. Thread-safe.
class MeasuredSyncs final : public SyncRunner {
 public:
  MeasuredSyncs(MasterSync& sync, InstrumentStore& store, Metrics& metrics, const Clock& clock)
      : sync_{sync}, store_{store}, metrics_{metrics}, clock_{clock} {}

  Result<SyncReport> Run(const SyncOrder& order) override;
  bool running() const override { return running_ > 0; }

  /// Sets the gauges of what is listed from the store, as after a start. Fails as the store does.
  Result<void> ShowStatus();

 private:
  void Show(const SegmentCounts& segments);
  void Show(const SyncReport& report);

  MasterSync& sync_;
  InstrumentStore& store_;
  Metrics& metrics_;
  const Clock& clock_;
  std::atomic<int> running_ = 0;
};

}  // namespace sauda::instruments
