#pragma once

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "services/instruments/src/core/master_diff.hpp"
#include "services/instruments/src/core/master_reader.hpp"
#include "services/instruments/src/core/master_sync.hpp"

namespace sauda::instruments {

/// The part of a sync between the first byte and the commit: opens the transaction when the master
/// begins to arrive, so that nothing waits on the database while the broker is silent.
class MasterIntake {
 public:
  MasterIntake(const MasterSync::Parts& parts, std::int64_t sync_id, SyncProgressBoard& board)
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
    std::unordered_map<std::int64_t, Counted> kept;
    std::unordered_set<std::int64_t> ids;
    for (std::size_t i = 0; i < keys.size(); i += kAtOnce) {
      const auto from = keys.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = std::min(kAtOnce, keys.size() - i);
      const auto rows = parts_.store.FindByKeys({from, from + static_cast<std::ptrdiff_t>(count)});
      if (!rows) return rows.error();
      for (const auto& row : *rows) {
        ids.insert(row.id);
        kept[row.id] = Counted::Of(row.instrument);
      }
    }
    for (const std::int64_t id : diff_.Excuse(ids)) Count(kept.at(id));
    return {};
  }

  MasterReader& reader() { return reader_; }
  MasterDiff& diff() { return diff_; }
  SyncTransaction* transaction() { return transaction_.get(); }
  bool simulated() const { return simulated_; }
  std::int64_t unchanged() const { return unchanged_; }
  const SegmentCounts& segments() const { return segments_; }
  const TypeCounts& types() const { return types_; }

 private:
  /// What an instrument is counted by.
  struct Counted {
    Segment segment = 0;
    Kind kind = Kind::kIndex;
    Contract contract = Contract::kNone;

    static Counted Of(const Instrument& it) {
      return {it.segment, it.kind, ContractOf(it.kind, it.type)};
    }
  };
  void Count(const Counted& counted) {
    ++segments_[counted.segment];
    ++CountOf(types_, counted.kind, counted.contract);
  }

  Result<void> Open() {
    auto begun = parts_.store.Begin(sync_id_);
    if (!begun) return begun.error();
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    diff_ = MasterDiff{now_ms};
    auto told =
        (*begun)->ForEachKnown(now_ms, [this](const KnownInstrument& known) { diff_.Add(known); });
    if (!told) return told;
    const auto empty = (*begun)->IsEmpty();
    if (!empty) return empty.error();
    diff_.Seal(*empty);
    transaction_ = std::move(*begun);
    return {};
  }

  Result<void> Place(Instrument& instrument) {
    instrument.simulated = simulated_;
    Count(Counted::Of(instrument));  // what the master has is what will be listed
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
  TypeCounts types_{};
};

}  // namespace sauda::instruments
