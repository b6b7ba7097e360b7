#include "services/instruments/src/core/master_sync.hpp"

#include <chrono>

#include "services/instruments/src/core/master_intake.hpp"

namespace sauda::instruments {
namespace {

Result<void> CheckBad(const MasterReader& reader, int most_percent) {
  if (reader.bad_count() * 100 <= reader.records() * most_percent) return {};
  std::string kinds;
  for (const auto& [reason, bad] : reader.bad()) {
    kinds += "; " + reason + " " + std::to_string(bad.count) + " (" + bad.first + ")";
  }
  return Error{Code::kFailedPrecondition, "TOO_MANY_BAD_RECORDS",
               std::to_string(reader.bad_count()) + " of " + std::to_string(reader.records()) +
                   " records are unusable, more than " + std::to_string(most_percent) + " %" +
                   kinds};
}

std::string SourceName(const SyncOrder& order) {
  if (order.sample) return "sample";
  return order.file.empty() ? "broker" : "file:" + order.file;
}

/// What a master's reading came to, as the beginning of the report.
SyncReport ReportOf(const MasterReader& reader, const MasterOrigin& origin) {
  return {.records = reader.records(),
          .bytes = reader.bytes(),
          .bad = reader.bad(),
          .source = origin.source,
          .tag = origin.tag};
}

}  // namespace

Result<SyncReport> MasterSync::Run(const SyncOrder& order) {
  const Monotonic began = parts_.clock.Now();
  const std::int64_t started_ms = parts_.clock.UtcNs() / 1'000'000;
  const auto lock = parts_.lock.Acquire();
  if (!lock) return lock.error();
  const auto sync_id = parts_.store.StartRun(started_ms, SourceName(order));
  if (!sync_id) return sync_id.error();
  auto report = RunLocked({order, *sync_id, **lock, began, started_ms});
  board_.Show({});
  // Rows of a sync that took over get into the way before the commit is refused.
  if (!report && report.error().code == Code::kInternal && !(*lock)->Held()) {
    report = Error{
        Code::kFailedPrecondition, "LOCK_LOST",
        "the sync lock was lost; another sync may be running (" + report.error().message + ")"};
  }
  if (!report) {
    // The failure itself is what the caller must know; that it could not be noted is the lesser one
    // and shows as a run that a later one calls abandoned.
    (void)parts_.store.FailRun(*sync_id, report.error());
  } else if (parts_.lists != nullptr && order.file.empty() && !order.sample) {
    ReadLists(**lock, *report);
  }
  return report;
}

void MasterSync::ReadLists(const HeldLock& lock, SyncReport& report) {
  const auto may_go_on = [&]() -> Result<void> {
    if (cancelled_) return Error{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
    if (lock.Held()) return {};
    return Error{Code::kFailedPrecondition, "LOCK_LOST", "another sync may be running"};
  };
  report.lists = parts_.lists->Run({.sync_id = report.sync_id,
                                    .market_ms = report.market_ms,
                                    .most_bad_percent = limits_.most_bad_percent,
                                    .may_go_on = may_go_on});
  if (report.lists.empty()) return;
  for (SyncWarning& each : ListWarnings(report.lists)) report.warnings.push_back(std::move(each));
  // The master and the lists are as they are whether or not this can be noted; the caller knows.
  (void)parts_.store.AmendReport(report);
}

Result<SyncReport> MasterSync::RunLocked(const Begun& begun) {
  MasterIntake intake{parts_, begun.sync_id, board_};
  MasterRequest request{.file = begun.order.file, .sample = begun.order.sample};
  if (request.file.empty() && !request.sample) {
    auto tag = parts_.store.KeptTag();
    if (!tag) return tag.error();
    request.kept_tag = std::move(*tag);
  }
  const auto origin = parts_.source.Read(request, [&](const MasterChunk& chunk) -> Result<void> {
    if (cancelled_) {
      return Error{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
    }
    return intake.Take(chunk);
  });
  if (!origin) return origin.error();
  if (origin->not_modified) return CommitUnchanged(begun, *origin);
  MasterReader& reader = intake.reader();
  if (auto finished = reader.Finish(); !finished) return finished.error();
  bad_ratio_ = static_cast<double>(reader.bad_count()) / static_cast<double>(reader.records());
  if (auto checked = CheckBad(reader, limits_.most_bad_percent); !checked) return checked.error();
  if (auto excused = intake.ExcuseBad(); !excused) return excused.error();
  if (!begun.order.allow_mass_deactivation) {
    const auto checked = intake.diff().CheckGone(limits_.most_gone_percent);
    if (!checked) return checked.error();
  }
  intake.Show(SyncProgress::Phase::kMerging, 1);
  const auto gone = intake.diff().Gone();
  const auto applied = intake.transaction()->Apply(gone);
  if (!applied) return applied.error();
  SyncReport report = ReportOf(reader, *origin);
  report.inserted = applied->inserted;
  report.updated = applied->updated;
  report.reactivated = applied->reactivated;
  report.unchanged = applied->unchanged + intake.unchanged();
  report.deactivated = static_cast<std::int64_t>(gone.size());
  report.segments = intake.segments();
  report.types = intake.types();
  report.simulated = intake.simulated();
  return Commit(begun, *intake.transaction(), std::move(report));
}

Result<SyncReport> MasterSync::CommitUnchanged(const Begun& begun, const MasterOrigin& origin) {
  const auto status = parts_.store.Status();
  if (!status) return status.error();
  auto transaction = parts_.store.Begin(begun.sync_id);
  if (!transaction) return transaction.error();
  if (const auto applied = (*transaction)->Apply({}); !applied) return applied.error();
  SyncReport report{.source = origin.source, .tag = origin.tag, .not_modified = true};
  report.unchanged = status->active;
  report.segments = status->segments;
  report.types = status->types;
  report.simulated = status->last_sync && status->last_sync->simulated;
  return Commit(begun, **transaction, std::move(report));
}

Result<SyncReport> MasterSync::Commit(const Begun& begun, SyncTransaction& transaction,
                                      SyncReport report) {
  report.sync_id = begun.sync_id;
  report.warnings = MasterWarnings(report.segments);
  report.started_ms = begun.started_ms;
  report.market_ms = parts_.market_clock.NowMs();
  report.duration_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.Now() - begun.began)
          .count();
  if (!begun.lock.Held()) {
    return Error{Code::kFailedPrecondition, "LOCK_LOST",
                 "the sync lock was lost before the commit; another sync may be running"};
  }
  if (auto committed = transaction.Commit(report); !committed) return committed.error();
  return report;
}

}  // namespace sauda::instruments
