#include "services/instruments/src/core/master_sync.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

namespace sauda::instruments {
namespace {

/// The part of a sync between the first byte and the commit: opens the transaction when the master
/// begins to arrive, so that nothing waits on the database while the broker is silent.
class Intake {
 public:
  Intake(const MasterSync::Parts& parts, std::int64_t sync_id)
      : parts_{parts}, sync_id_{sync_id}, diff_{0} {}

  Result<void> Take(const MasterChunk& chunk) {
    simulated_ = simulated_ || chunk.simulated;
    if (!transaction_) {
      if (auto opened = Open(); !opened) return opened;
    }
    return reader_.Feed(chunk.bytes);
  }

  /// Leaves alone what the master has, but in records that cannot be used.
  Result<void> ExcuseBad() {
    constexpr std::size_t kAtOnce = 1'000;
    const auto& keys = reader_.bad_keys();
    std::unordered_set<std::int64_t> ids;
    for (std::size_t i = 0; i < keys.size(); i += kAtOnce) {
      const auto from = keys.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = std::min(kAtOnce, keys.size() - i);
      const auto rows = parts_.store.FindByKeys({from, from + static_cast<std::ptrdiff_t>(count)});
      if (!rows) return rows.error();
      for (const auto& row : *rows) ids.insert(row.id);
    }
    const auto excused = diff_.Excuse(ids);
    for (std::size_t i = 0; i < segments_.size(); ++i) segments_[i] += excused[i];
    return {};
  }

  MasterReader& reader() { return reader_; }
  MasterDiff& diff() { return diff_; }
  SyncTransaction* transaction() { return transaction_.get(); }
  bool simulated() const { return simulated_; }
  std::int64_t unchanged() const { return unchanged_; }
  const SegmentCounts& segments() const { return segments_; }

 private:
  Result<void> Open() {
    auto begun = parts_.store.Begin(sync_id_);
    if (!begun) return begun.error();
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    diff_ = MasterDiff{now_ms};
    auto told =
        (*begun)->ForEachKnown(now_ms, [this](const KnownInstrument& known) { diff_.Add(known); });
    if (!told) return told;
    diff_.Seal();
    transaction_ = std::move(*begun);
    return {};
  }

  Result<void> Place(Instrument& instrument) {
    instrument.simulated = simulated_;
    ++segments_[instrument.segment];  // what the master has is what will be listed
    const std::uint64_t digest = Digest(instrument);
    const Verdict verdict = diff_.Classify(instrument, digest);
    switch (verdict.kind) {
      case Verdict::Kind::kUnchanged:
        ++unchanged_;
        return {};
      case Verdict::Kind::kChanged:
      case Verdict::Kind::kReactivated:
        return transaction_->Update(verdict.id, instrument, digest);
      case Verdict::Kind::kNew:
        return transaction_->Insert(instrument, digest);
      case Verdict::Kind::kPast:
        return transaction_->Upsert(instrument, digest);
    }
    return {};
  }

  const MasterSync::Parts& parts_;
  const std::int64_t sync_id_;
  const std::unique_ptr<RecordParser> parser_ = parts_.make_parser();
  MasterDiff diff_;
  std::unique_ptr<SyncTransaction> transaction_;
  MasterReader reader_{*parser_, [this](Instrument& instrument) { return Place(instrument); }};
  bool simulated_ = false;
  std::int64_t unchanged_ = 0;
  SegmentCounts segments_{};
};

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

}  // namespace

Result<SyncReport> MasterSync::Run(const SyncOrder& order) {
  const Monotonic began = parts_.clock.Now();
  const std::int64_t started_ms = parts_.clock.UtcNs() / 1'000'000;
  const auto lock = parts_.lock.Acquire();
  if (!lock) return lock.error();
  const auto sync_id =
      parts_.store.StartRun(started_ms, order.file.empty() ? "broker" : "file:" + order.file);
  if (!sync_id) return sync_id.error();
  auto report = RunLocked(order, *sync_id, **lock, began, started_ms);
  if (!report) {
    // The failure itself is what the caller must know; that it could not be noted is the lesser one
    // and shows as a run that a later one calls abandoned.
    (void)parts_.store.FailRun(*sync_id, report.error());
  }
  return report;
}

Result<SyncReport> MasterSync::RunLocked(const SyncOrder& order, std::int64_t sync_id,
                                         const HeldLock& lock, Monotonic began,
                                         std::int64_t started_ms) {
  Intake intake{parts_, sync_id};
  const auto read = parts_.source.Read(order.file, [&](const MasterChunk& chunk) -> Result<void> {
    if (cancelled_) {
      return Error{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
    }
    return intake.Take(chunk);
  });
  if (!read) return read.error();
  MasterReader& reader = intake.reader();
  if (auto finished = reader.Finish(); !finished) return finished.error();
  bad_ratio_ = static_cast<double>(reader.bad_count()) / static_cast<double>(reader.records());
  if (auto checked = CheckBad(reader, limits_.most_bad_percent); !checked) return checked.error();
  if (auto excused = intake.ExcuseBad(); !excused) return excused.error();
  if (!order.allow_mass_deactivation) {
    const auto checked = intake.diff().CheckGone(limits_.most_gone_percent);
    if (!checked) return checked.error();
  }
  const auto gone = intake.diff().Gone();
  auto report = intake.transaction()->Apply(gone);
  if (!report) return report;
  report->sync_id = sync_id;
  report->records = reader.records();
  report->bytes = reader.bytes();
  report->bad = reader.bad();
  report->unchanged += intake.unchanged();
  report->deactivated = static_cast<std::int64_t>(gone.size());
  report->started_ms = started_ms;
  report->segments = intake.segments();
  report->simulated = intake.simulated();
  report->duration_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.Now() - began).count();
  if (!lock.Held()) {
    return Error{Code::kFailedPrecondition, "LOCK_LOST",
                 "the sync lock was lost before the commit; another sync may be running"};
  }
  if (auto committed = intake.transaction()->Commit(*report); !committed) return committed.error();
  return report;
}

}  // namespace sauda::instruments
