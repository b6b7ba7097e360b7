#pragma once

#include <atomic>
#include <vector>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "services/instruments/src/core/lists/list_book.hpp"
#include "services/instruments/src/core/sync_runner.hpp"
#include "services/instruments/src/metrics.hpp"

namespace sauda::instruments {

/// Runs syncs, shows what they changed to whoever asks afterwards, and tells the metrics how they
/// went, and the log how those ended that changed the master. Thread-safe.
class MeasuredSyncs final : public SyncRunner {
 public:
  struct Parts {
    MasterSync& sync;
    InstrumentStore& store;
    CatalogKeeper& catalogs;
    Metrics& metrics;
    const Clock& clock;
    ListKeeper& lists;
  };
  explicit MeasuredSyncs(Parts parts) : parts_{parts} {}

  Result<SyncReport> Run(const SyncOrder& order) override;
  bool running() const override { return running_ > 0; }
  SyncProgress progress() const override { return parts_.sync.progress(); }

  /// Sets the gauges of what is listed from the store, as after a start. Fails as the store does.
  Result<void> ShowStatus();

  /// Reads the master and the lists into memory if a sync, of whatever instance, has changed them.
  /// Fails as CatalogKeeper::Refresh and ListKeeper::Refresh.
  Result<void> RefreshCatalog();

 private:
  void Show(const SegmentCounts& segments);
  void Show(const SyncReport& report);
  void Show(const std::vector<SyncWarning>& warnings);
  Result<void> RefreshLists();

  const Parts parts_;
  std::atomic<int> running_ = 0;
};

}  // namespace sauda::instruments
