#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "services/instruments/src/core/instrument_store.hpp"
#include "services/instruments/src/core/lookup.hpp"

namespace sauda::instruments {

/// Instruments in memory; passes the contract suite. Thread-safe.
class MemoryInstrumentStore final : public InstrumentStore {
 public:
  Result<std::int64_t> StartRun(std::int64_t, const std::string&) override {
    const std::lock_guard lock{mutex_};
    return ++newest_run_;
  }

  Result<std::unique_ptr<SyncTransaction>> Begin(std::int64_t sync_id) override {
    const std::lock_guard lock{mutex_};
    return std::unique_ptr<SyncTransaction>{
        std::make_unique<Transaction>(*this, sync_id, rows_, next_id_)};
  }

  Result<void> FailRun(std::int64_t, const Error& error) override {
    const std::lock_guard lock{mutex_};
    last_failure_ = error.reason + ": " + error.message;
    return {};
  }

  Result<std::vector<StoredInstrument>> FindByKeys(const std::vector<std::string>& keys) override {
    return Where([&](const StoredInstrument& row) {
      return std::find(keys.begin(), keys.end(), row.instrument.key) != keys.end();
    });
  }

  Result<std::vector<StoredInstrument>> FindBySymbols(
      const std::vector<std::string>& symbols) override {
    return Where([&](const StoredInstrument& row) {
      return row.listed &&
             std::find(symbols.begin(), symbols.end(), row.instrument.symbol) != symbols.end();
    });
  }

  Result<std::vector<StoredInstrument>> Search(const SearchQuery& query) override {
    auto rows = *Where([&](const StoredInstrument& row) { return Matches(row, query); });
    std::string whole;
    for (const auto& word : query.words) whole += (whole.empty() ? "" : " ") + word;
    const auto rank = [&](const StoredInstrument& row) {
      const Instrument& it = row.instrument;
      const std::string symbol = Lower(it.symbol);
      const int match = symbol == whole ? 0 : symbol.starts_with(query.words.front()) ? 1 : 2;
      const auto kind = kSegments[it.segment].kind;
      return std::tuple{match, kind == SegmentClass::kCash || kind == SegmentClass::kIndex ? 0 : 1,
                        it.expiry_ms, it.symbol, row.id};
    };
    std::sort(rows.begin(), rows.end(),
              [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return Cut(rows, query.offset, query.limit);
  }

  Result<InstrumentList> List(const ListQuery& query) override {
    const std::vector<std::string> universe = UniverseOf(query);
    auto rows = *Where([&](const StoredInstrument& row) { return IsListed(row, query, universe); });
    const auto rank = [&](const StoredInstrument& row) {
      const Instrument& it = row.instrument;
      const std::int64_t away =
          query.near == Decimal{} ? 0 : std::abs(it.strike.nanos() - query.near.nanos());
      return std::tuple{it.segment,
                        it.expiry_ms,
                        it.underlying_symbol,
                        away,
                        it.strike,
                        ContractOf(it.kind, it.type),
                        it.type != "EQ",
                        it.symbol,
                        row.id};
    };
    std::sort(rows.begin(), rows.end(),
              [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    const auto total = static_cast<std::int64_t>(rows.size());
    return InstrumentList{.rows = Cut(rows, query.offset, query.limit), .total = total};
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
      store_.rows_ = rows_;
      store_.next_id_ = next_id_;
      store_.last_sync_ = report;
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

  static std::vector<StoredInstrument> Cut(const std::vector<StoredInstrument>& rows,
                                           std::int64_t offset, std::int64_t limit) {
    const auto from = std::min(static_cast<std::size_t>(offset), rows.size());
    const auto to = std::min(from + static_cast<std::size_t>(limit), rows.size());
    return {rows.begin() + static_cast<std::ptrdiff_t>(from),
            rows.begin() + static_cast<std::ptrdiff_t>(to)};
  }

  static bool IsContract(const Instrument& it) {
    return it.kind == Kind::kFuture || it.kind == Kind::kOption;
  }
  static bool IsOfUniverse(const Instrument& it, const std::vector<std::string>& without) {
    return IsContract(it) && kSegments[it.segment].name == "NSE_FO" &&
           std::none_of(without.begin(), without.end(), [&](const std::string& each) {
             return each == it.underlying_key || each == it.underlying_symbol;
           });
  }
  /// Keys of what the universe's contracts are written on.
  std::vector<std::string> UniverseOf(const ListQuery& query) {
    std::vector<std::string> keys;
    if (!query.universe_without) return keys;
    const auto rows = Where([&](const StoredInstrument& row) {
      return row.ActiveAt(query.market_now_ms) &&
             IsOfUniverse(row.instrument, *query.universe_without);
    });
    for (const auto& row : *rows) keys.push_back(row.instrument.underlying_key);
    return keys;
  }
  static bool IsListed(const StoredInstrument& row, const ListQuery& query,
                       const std::vector<std::string>& universe) {
    const Instrument& it = row.instrument;
    const auto fits = [](const std::string& wanted, const std::string& has) {
      return wanted.empty() || wanted == has;
    };
    if (!row.ActiveAt(query.market_now_ms)) return false;
    if (query.kind.value_or(it.kind) != it.kind) return false;
    if (query.segment.value_or(it.segment) != it.segment) return false;
    if (!fits(query.underlying_key, it.underlying_key)) return false;
    if (!fits(query.underlying_symbol, it.underlying_symbol)) return false;
    if (!query.universe_without) return true;
    const bool contracts = query.kind == Kind::kFuture || query.kind == Kind::kOption;
    if (contracts) return IsOfUniverse(it, *query.universe_without);
    return std::find(universe.begin(), universe.end(), it.key) != universe.end();
  }

  static std::string Lower(std::string text) {
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
  }

  static bool Matches(const StoredInstrument& row, const SearchQuery& query) {
    const Instrument& it = row.instrument;
    if (!row.listed || (query.segment && *query.segment != it.segment)) return false;
    if (!query.type.empty() && query.type != it.type) return false;
    const auto words = SearchWords(it.symbol + " " + it.name + " " + it.key);
    return std::all_of(query.words.begin(), query.words.end(), [&](const std::string& wanted) {
      return std::any_of(words.begin(), words.end(),
                         [&](const std::string& word) { return word.starts_with(wanted); });
    });
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
  std::optional<SyncReport> last_sync_;
  std::string last_failure_;
  int status_reads_ = 0;
};

}  // namespace sauda::instruments
