#include "services/instruments/src/measured_syncs.hpp"

#include <algorithm>
#include <chrono>

#include <malloc.h>
#include <spdlog/spdlog.h>

#include "libs/telemetry/log.hpp"

namespace sauda::instruments {
namespace {

constexpr double kMsPerSecond = 1e3;
constexpr double kNsPerSecond = 1e9;

double Count(std::int64_t number) { return static_cast<double>(number); }

}  // namespace

Result<SyncReport> MeasuredSyncs::Run(const SyncOrder& order) {
  const Monotonic began = parts_.clock.Now();
  ++running_;
  parts_.metrics.running.Set(1);
  auto report = parts_.sync.Run(order);
  if (--running_ == 0) parts_.metrics.running.Set(0);
  if (!report && report.error().reason == "SYNC_RUNNING") {
    parts_.metrics.refused.Increment();
    return report;
  }
  parts_.metrics.duration.Observe(
      std::chrono::duration<double>(parts_.clock.Now() - began).count());
  parts_.metrics.last_failed.Set(report ? 0 : 1);
  parts_.metrics.last_bad_ratio.Set(parts_.sync.bad_ratio());
  if (report) {
    Show(*report);
    (void)malloc_trim(0);  // before as much is taken again for the catalogue
    if (const auto read = RefreshCatalog(); !read) {
      spdlog::warn("the synced master is not in memory yet reason={} message={}",
                   read.error().reason, telemetry::Quoted(read.error().message));
    }
  } else {
    parts_.metrics.failed.Increment();
  }
  return report;
}

void MeasuredSyncs::Show(const SegmentCounts& segments) {
  for (std::size_t i = 0; i < kSegments.size(); ++i)
    parts_.metrics.active[i]->Set(Count(segments[i]));
}

void MeasuredSyncs::Show(const std::vector<SyncWarning>& warnings) {
  for (std::size_t i = 0; i < kWarningCodes.size(); ++i) {
    const bool warned = std::any_of(warnings.begin(), warnings.end(), [&](const SyncWarning& each) {
      return each.code == kWarningCodes[i];
    });
    parts_.metrics.warning[i]->Set(warned ? 1 : 0);
  }
}

void MeasuredSyncs::Show(const SyncReport& report) {
  std::int64_t bad = 0;
  for (const auto& [reason, records] : report.bad) {
    bad += records.count;
    spdlog::warn("sync skipped records reason={} count={} first={}", reason, records.count,
                 telemetry::Quoted(records.first));
  }
  parts_.metrics.committed.Increment();
  parts_.metrics.inserted.Increment(Count(report.inserted));
  parts_.metrics.updated.Increment(Count(report.updated));
  parts_.metrics.unchanged.Increment(Count(report.unchanged));
  parts_.metrics.deactivated.Increment(Count(report.deactivated));
  parts_.metrics.bad.Increment(Count(bad));
  parts_.metrics.last_success.Set(static_cast<double>(parts_.clock.UtcNs()) / kNsPerSecond);
  parts_.metrics.last_duration.Set(Count(report.duration_ms) / kMsPerSecond);
  Show(report.segments);
  Show(report.warnings);
  for (const SyncWarning& each : report.warnings) {
    spdlog::warn("sync committed, but look at it code={} message={}", each.code,
                 telemetry::Quoted(each.message));
  }
  spdlog::info(
      "sync committed sync_id={} records={} inserted={} updated={} unchanged={} deactivated={} "
      "reactivated={} bad={} duration_ms={} simulated={}",
      report.sync_id, report.records, report.inserted, report.updated, report.unchanged,
      report.deactivated, report.reactivated, bad, report.duration_ms, report.simulated);
}

Result<void> MeasuredSyncs::RefreshLists() {
  if (auto read = parts_.lists.Refresh(); !read) return read;
  const auto lists = parts_.lists.Current();
  for (const ListKind list : kLists) {
    const auto& index = lists->index(list);
    parts_.metrics.list_rows[IndexOf(list)]->Set(index == nullptr ? 0 : Count(index->head().rows));
  }
  return {};
}

Result<void> MeasuredSyncs::RefreshCatalog() {
  if (auto read = RefreshLists(); !read) return read;
  const auto before = parts_.catalogs.Current();
  const Monotonic began = parts_.clock.Now();
  if (auto read = parts_.catalogs.Refresh(); !read) return read;
  const auto now = parts_.catalogs.Current();
  if (now == before) return {};
  (void)malloc_trim(0);
  const std::chrono::duration<double> took = parts_.clock.Now() - began;
  parts_.metrics.catalog_instruments.Set(static_cast<double>(now->catalog.size()));
  parts_.metrics.catalog_load.Observe(took.count());
  spdlog::info("instruments read into memory revision={} instruments={} seconds={:.3f}",
               now->revision, now->catalog.size(), took.count());
  return {};
}

Result<void> MeasuredSyncs::ShowStatus() {
  const auto status = parts_.store.Status();
  if (!status) return status.error();
  Show(status->segments);
  if (status->last_sync) {
    parts_.metrics.last_success.Set(
        Count(status->last_sync->started_ms + status->last_sync->duration_ms) / kMsPerSecond);
    parts_.metrics.last_duration.Set(Count(status->last_sync->duration_ms) / kMsPerSecond);
    Show(status->last_sync->warnings);
  }
  parts_.metrics.last_failed.Set(status->last_failure.empty() ? 0 : 1);
  return {};
}

}  // namespace sauda::instruments
