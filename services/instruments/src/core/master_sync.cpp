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
  Intake(const MasterSync::Parts& parts, std::int64_t sync_id, SyncProgressBoard& board)
      : parts_{parts}, sync_id_{sync_id}, board_{board}, diff_{0} {
    Show(SyncProgress::Phase::kConnecting, 0);
  }

  Result<void> Take(const MasterChunk& chunk) {
    simulated_ = simulated_ || chunk.simulated;
    if (!transaction_) {
      if (auto opened = Open(); !opened) return opened;
    } else if (chunk.begins_file) {
      if (auto begun = reader_.NextFile(); !begun) return begun;
    }
    auto fed = reader_.Feed(chunk.bytes);
    Show(SyncProgress::Phase::kReading, chunk.share_read);
    return fed;
  }

  void Show(SyncProgress::Phase phase, double share_read) {
    board_.Show({.phase = phase,
                 .sync_id = sync_id_,
                 .share_read = share_read,
                 .records = reader_.records(),
                 .bytes = reader_.bytes(),
                 .bad = reader_.bad_count()});
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
  SyncProgressBoard& board_;
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
  }
  return report;
}

Result<SyncReport> MasterSync::RunLocked(const Begun& begun) {
  Intake intake{parts_, begun.sync_id, board_};
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
  report.simulated = status->last_sync && status->last_sync->simulated;
  return Commit(begun, **transaction, std::move(report));
}

Result<SyncReport> MasterSync::Commit(const Begun& begun, SyncTransaction& transaction,
                                      SyncReport report) {
  report.sync_id = begun.sync_id;
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
