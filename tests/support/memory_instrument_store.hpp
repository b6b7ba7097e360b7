#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

/// Instruments in memory; passes the contract suite. Thread-safe.
class MemoryInstrumentStore final : public InstrumentStore {
 public:
  Result<std::int64_t> StartRun(std::int64_t started_ms, const std::string& source) override {
    const std::lock_guard lock{mutex_};
    for (SyncRun& run : runs_) {
      if (run.state != SyncRun::State::kRunning) continue;
      run.state = SyncRun::State::kFailed;
      run.failure = "ABANDONED: it ended without a word, its process may have died";
    }
    runs_.push_back({.sync_id = ++newest_run_, .source = source, .started_ms = started_ms});
    return newest_run_;
  }

  Result<std::unique_ptr<SyncTransaction>> Begin(std::int64_t sync_id) override {
    const std::lock_guard lock{mutex_};
    return std::unique_ptr<SyncTransaction>{
        std::make_unique<Transaction>(*this, sync_id, rows_, next_id_)};
  }

  Result<void> AmendReport(const SyncReport& report) override {
    const std::lock_guard lock{mutex_};
    SyncRun& run = RunOf(report.sync_id);
    if (run.state != SyncRun::State::kCommitted) return {};
    run.report = report;
    if (last_sync_ && last_sync_->sync_id == report.sync_id) last_sync_ = report;
    return {};
  }

  Result<void> FailRun(std::int64_t sync_id, const Error& error) override {
    const std::lock_guard lock{mutex_};
    last_failure_ = error.reason + ": " + error.message;
    SyncRun& run = RunOf(sync_id);
    run.state = SyncRun::State::kFailed;
    run.failure = last_failure_;
    return {};
  }

  Result<std::optional<std::vector<StoredInstrument>>> FindAsOf(const std::string& name,
                                                                std::int64_t market_ms) override {
    const std::lock_guard lock{mutex_};
    const State* then = nullptr;
    for (const auto& [sync_id, state] : states_) {
      if (state.market_ms <= market_ms) then = &state;
    }
    if (then == nullptr) return std::optional<std::vector<StoredInstrument>>{};
    std::vector<StoredInstrument> found;
    const bool by_key = name.find('|') != std::string::npos;
    for (const auto& [id, row] : then->rows) {
      const Instrument& it = row.stored.instrument;
      if ((by_key ? it.key : it.symbol) == name) found.push_back(row.stored);
    }
    return std::optional{found};
  }

  Result<std::vector<StoredInstrument>> Expired(const ExpiredQuery& query) override {
    const bool by_key = query.underlying.find('|') != std::string::npos;
    auto rows = *Where([&](const StoredInstrument& row) {
      const Instrument& it = row.instrument;
      return !row.listed && it.expiry_ms > 0 && it.expiry_ms >= query.from_ms &&
             it.expiry_ms < query.until_ms &&
             (by_key ? it.underlying_key : it.underlying_symbol) == query.underlying &&
             query.kind.value_or(it.kind) == it.kind &&
             query.segment.value_or(it.segment) == it.segment;
    });
    const auto rank = [](const StoredInstrument& row) {
      const Instrument& it = row.instrument;
      return std::tuple{-it.expiry_ms, it.strike, ContractOf(it.kind, it.type), row.id};
    };
    std::sort(rows.begin(), rows.end(),
              [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    const auto size = static_cast<std::int64_t>(rows.size());
    const auto from = std::min(query.offset, size);
    return std::vector<StoredInstrument>{rows.begin() + from,
                                         rows.begin() + std::min(from + query.limit, size)};
  }

  Result<std::vector<InstrumentChange>> Changes(const ChangeQuery& query) override {
    const std::lock_guard lock{mutex_};
    std::vector<InstrumentChange> found;
    for (InstrumentChange each : changes_) {
      const Instrument& it = rows_.at(each.instrument_id).stored.instrument;
      each.key = it.key;
      each.symbol = it.symbol;
      const bool wanted =
          each.sequence > query.after && (query.key.empty() || query.key == each.key);
      if (wanted && static_cast<std::int64_t>(found.size()) < query.limit) found.push_back(each);
    }
    return found;
  }

  Result<std::vector<SyncRun>> Runs(std::int64_t before, std::int64_t limit) override {
    const std::lock_guard lock{mutex_};
    std::vector<SyncRun> found;
    const std::vector<SyncRun> newest_first{runs_.rbegin(), runs_.rend()};
    for (const SyncRun& run : newest_first) {
      if (before != 0 && run.sync_id >= before) continue;
      if (static_cast<std::int64_t>(found.size()) < limit) found.push_back(run);
    }
    return found;
  }

  Result<std::vector<StoredInstrument>> FindByKeys(const std::vector<std::string>& keys) override {
    return Where([&](const StoredInstrument& row) {
      return std::find(keys.begin(), keys.end(), row.instrument.key) != keys.end();
    });
  }

  Result<void> ForEachListed(
      const std::function<Result<void>(const StoredInstrument&)>& tell) override {
    const auto rows = Where([](const StoredInstrument& each) { return each.listed; });
    for (const auto& row : *rows) {
      if (auto told = tell(row); !told) return told;
    }
    return {};
  }

  Result<std::int64_t> Revision() override {
    const std::lock_guard lock{mutex_};
    return revision_;
  }

  Result<std::string> KeptTag() override {
    const std::lock_guard lock{mutex_};
    return last_sync_ ? last_sync_->tag : "";
  }

  int status_reads() {
    const std::lock_guard lock{mutex_};
    return status_reads_;
  }

  Result<MasterStatus> Status() override {
    const std::lock_guard lock{mutex_};
    ++status_reads_;
    MasterStatus status;
    status.total = static_cast<std::int64_t>(rows_.size());
    status.segments = CountListed(rows_);
    for (const auto count : status.segments) status.active += count;
    for (const auto& [id, row] : rows_) {
      const Instrument& it = row.stored.instrument;
      if (row.stored.listed) ++CountOf(status.types, it.kind, ContractOf(it.kind, it.type));
    }
    status.last_sync = last_sync_;
    status.last_failure = last_failure_;
    return status;
  }

 private:
  struct Row {
    StoredInstrument stored;
    std::uint64_t digest = 0;
  };
  using Rows = std::map<std::int64_t, Row>;
  /// Everything as a sync left it.
  struct State {
    std::int64_t market_ms = 0;
    Rows rows;
  };

  class Transaction final : public SyncTransaction {
   public:
    Transaction(MemoryInstrumentStore& store, std::int64_t sync_id, Rows rows, std::int64_t next_id)
        : store_{store}, sync_id_{sync_id}, rows_{std::move(rows)}, next_id_{next_id} {}

    Result<void> ForEachKnown(std::int64_t now_ms,
                              const std::function<void(const KnownInstrument&)>& tell) override {
      for (const auto& [id, row] : rows_) {
        const Instrument& it = row.stored.instrument;
        if (!row.stored.listed && it.expiry_ms != 0 && it.expiry_ms <= now_ms) continue;
        tell({.identity = IdentityHash(it),
              .digest = row.digest,
              .id = id,
              .expiry_ms = it.expiry_ms,
              .segment = it.segment,
              .listed = row.stored.listed});
      }
      return {};
    }

    Result<bool> IsEmpty() override { return rows_.empty(); }

    Result<void> Insert(const Instrument& instrument, std::uint64_t digest) override {
      const std::int64_t id = next_id_++;
      rows_[id] = {{id, instrument, true, 1}, digest};
      ++report_.inserted;
      return {};
    }

    Result<void> Update(std::int64_t id, const Instrument& instrument,
                        std::uint64_t digest) override {
      Row& row = rows_.at(id);
      ++report_.updated;
      if (!row.stored.listed) ++report_.reactivated;
      row = {{id, instrument, true, row.stored.version + 1}, digest};
      return {};
    }

    Result<void> Upsert(const Instrument& instrument, std::uint64_t digest) override {
      for (const auto& [id, row] : rows_) {
        if (IdentityHash(row.stored.instrument) != IdentityHash(instrument)) continue;
        if (row.stored.instrument.expiry_ms != instrument.expiry_ms) continue;
        if (!row.stored.listed || row.digest != digest) return Update(id, instrument, digest);
        ++report_.unchanged;
        return {};
      }
      return Insert(instrument, digest);
    }

    Result<SyncReport> Apply(const std::vector<std::int64_t>& gone) override {
      for (const auto id : gone) {
        rows_.at(id).stored.listed = false;
        ++rows_.at(id).stored.version;
      }
      return report_;
    }

    Result<void> Commit(const SyncReport& report) override {
      const std::lock_guard lock{store_.mutex_};
      if (store_.newest_run_ != sync_id_) {
        return Error{Code::kFailedPrecondition, "LOCK_LOST", "a newer sync has begun"};
      }
      store_.TellChanges(sync_id_, report.market_ms, rows_);
      SyncRun& run = store_.RunOf(sync_id_);
      run.state = SyncRun::State::kCommitted;
      run.report = report;
      store_.states_[sync_id_] = {report.market_ms, rows_};
      store_.rows_ = rows_;
      store_.next_id_ = next_id_;
      store_.last_sync_ = report;
      if (report.inserted + report.updated + report.deactivated > 0) store_.revision_ = sync_id_;
      store_.last_failure_.clear();
      return {};
    }

   private:
    MemoryInstrumentStore& store_;
    const std::int64_t sync_id_;
    Rows rows_;
    std::int64_t next_id_;
    SyncReport report_;
  };

  static SegmentCounts CountListed(const Rows& rows) {
    SegmentCounts counts{};
    for (const auto& [id, row] : rows) {
      if (row.stored.listed) ++counts[row.stored.instrument.segment];
    }
    return counts;
  }

  SyncRun& RunOf(std::int64_t sync_id) {
    return *std::find_if(runs_.begin(), runs_.end(),
                         [&](const SyncRun& run) { return run.sync_id == sync_id; });
  }

  /// What differs between the rows that are kept and those to come.
  void TellChanges(std::int64_t sync_id, std::int64_t market_ms, const Rows& now) {
    const auto tell = [&](std::int64_t id, Change change, const std::string& before = "",
                          const std::string& after = "") {
      if (change != Change::kListed && before == after && !before.empty()) return;
      changes_.push_back({.sequence = static_cast<std::int64_t>(changes_.size()) + 1,
                          .sync_id = sync_id,
                          .market_ms = market_ms,
                          .instrument_id = id,
                          .change = change,
                          .before = before,
                          .after = after});
    };
    for (const auto& [id, row] : now) {
      const auto before = rows_.find(id);
      if (before == rows_.end()) {
        if (!rows_.empty()) tell(id, Change::kListed);
        continue;
      }
      const Instrument& was = before->second.stored.instrument;
      const Instrument& is = row.stored.instrument;
      const auto day = [](std::int64_t ms) { return calendar::IstDate::Of(ms).ToString(); };
      tell(id, Change::kLotSize, std::to_string(was.lot_size), std::to_string(is.lot_size));
      tell(id, Change::kFreezeQuantity, std::to_string(was.freeze_quantity),
           std::to_string(is.freeze_quantity));
      tell(id, Change::kTickSize, was.tick_size.ToString(), is.tick_size.ToString());
      tell(id, Change::kSymbol, was.symbol, is.symbol);
      tell(id, Change::kExpiry, day(was.expiry_ms), day(is.expiry_ms));
      if (before->second.stored.listed && !row.stored.listed) tell(id, Change::kDelisted);
      if (!before->second.stored.listed && row.stored.listed) tell(id, Change::kReactivated);
    }
  }

  template <typename Predicate>
  Result<std::vector<StoredInstrument>> Where(const Predicate& wanted) {
    const std::lock_guard lock{mutex_};
    std::vector<StoredInstrument> rows;
    for (const auto& [id, row] : rows_) {
      if (wanted(row.stored)) rows.push_back(row.stored);
    }
    return rows;
  }

  std::mutex mutex_;
  Rows rows_;  // all below guarded by mutex_
  std::int64_t next_id_ = 1;
  std::int64_t newest_run_ = 0;
  std::vector<SyncRun> runs_;
  std::vector<InstrumentChange> changes_;
  std::map<std::int64_t, State> states_;  // by sync
  std::int64_t revision_ = 0;
  std::optional<SyncReport> last_sync_;
  std::string last_failure_;
  int status_reads_ = 0;
};

}  // namespace sauda::instruments
