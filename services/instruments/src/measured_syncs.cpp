#include "services/instruments/src/measured_syncs.hpp"

#include <chrono>

#include <spdlog/spdlog.h>

#include "libs/telemetry/log.hpp"

namespace sauda::instruments {
namespace {

constexpr double kMsPerSecond = 1e3;
constexpr double kNsPerSecond = 1e9;

double Count(std::int64_t number) { return static_cast<double>(number); }

}  // namespace

Result<SyncReport> MeasuredSyncs::Run(const SyncOrder& order) {
  const Monotonic began = clock_.Now();
  ++running_;
  metrics_.running.Set(1);
  auto report = sync_.Run(order);
  if (--running_ == 0) metrics_.running.Set(0);
  if (!report && report.error().reason == "SYNC_RUNNING") {
    metrics_.refused.Increment();
    return report;
  }
  metrics_.duration.Observe(std::chrono::duration<double>(clock_.Now() - began).count());
  metrics_.last_failed.Set(report ? 0 : 1);
  metrics_.last_bad_ratio.Set(sync_.bad_ratio());
  if (report) {
    Show(*report);
  } else {
    metrics_.failed.Increment();
  }
  return report;
}

void MeasuredSyncs::Show(const SegmentCounts& segments) {
  for (std::size_t i = 0; i < kSegments.size(); ++i) metrics_.active[i]->Set(Count(segments[i]));
}

void MeasuredSyncs::Show(const SyncReport& report) {
  std::int64_t bad = 0;
  for (const auto& [reason, records] : report.bad) {
    bad += records.count;
    spdlog::warn("sync skipped records reason={} count={} first={}", reason, records.count,
                 telemetry::Quoted(records.first));
  }
  metrics_.committed.Increment();
  metrics_.inserted.Increment(Count(report.inserted));
  metrics_.updated.Increment(Count(report.updated));
  metrics_.unchanged.Increment(Count(report.unchanged));
  metrics_.deactivated.Increment(Count(report.deactivated));
  metrics_.bad.Increment(Count(bad));
  metrics_.last_success.Set(static_cast<double>(clock_.UtcNs()) / kNsPerSecond);
  metrics_.last_duration.Set(Count(report.duration_ms) / kMsPerSecond);
  Show(report.segments);
  spdlog::info(
      "sync committed sync_id={} records={} inserted={} updated={} unchanged={} deactivated={} "
      "reactivated={} bad={} duration_ms={} simulated={}",
      report.sync_id, report.records, report.inserted, report.updated, report.unchanged,
      report.deactivated, report.reactivated, bad, report.duration_ms, report.simulated);
}

Result<void> MeasuredSyncs::ShowStatus() {
  const auto status = store_.Status();
  if (!status) return status.error();
  Show(status->segments);
  if (status->last_sync) {
    metrics_.last_success.Set(
        Count(status->last_sync->started_ms + status->last_sync->duration_ms) / kMsPerSecond);
    metrics_.last_duration.Set(Count(status->last_sync->duration_ms) / kMsPerSecond);
  }
  metrics_.last_failed.Set(status->last_failure.empty() ? 0 : 1);
  return {};
}

}  // namespace sauda::instruments
