#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/master_diff.hpp"
#include "services/instruments/src/core/master_reader.hpp"

namespace sauda::instruments {

/// Listed instruments by segment, in the order of kSegments.
using SegmentCounts = std::array<std::int64_t, kSegments.size()>;

/// What a sync did, as the proto's SyncReport says it.
struct SyncReport {
  std::int64_t sync_id = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  BadTally bad;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;  // with those reactivated
  std::int64_t unchanged = 0;
  std::int64_t deactivated = 0;
  std::int64_t reactivated = 0;
  SegmentCounts segments{};
  std::int64_t started_ms = 0;  // wall clock
  std::int64_t duration_ms = 0;
  bool simulated = false;

  friend bool operator==(const SyncReport&, const SyncReport&) = default;
};

/// The master at a glance.
struct MasterStatus {
  std::int64_t active = 0;  // listed in the last master
  std::int64_t total = 0;
  SegmentCounts segments{};
  std::optional<SyncReport> last_sync;  // the last committed one
  std::string last_failure;             // of the newest run, when it failed: reason and message
};

/// One sync's writes, all or nothing: dropping it without Commit leaves everything as it was. Rows
/// may be sent in the background; a failure then shows at a later call, Apply at the latest. Used
/// by one thread. Every method fails with kUnavailable / DATABASE_DOWN or kInternal /
/// DATABASE_ERROR.
class SyncTransaction {
 public:
  virtual ~SyncTransaction() = default;

  /// Tells every row that is listed, or not yet expired at `market_now_ms`, or without expiry.
  virtual Result<void> ForEachKnown(std::int64_t market_now_ms,
                                    const std::function<void(const KnownInstrument&)>& tell) = 0;

  /// Adds an instrument that ForEachKnown did not tell and that has not expired.
  virtual Result<void> Insert(const Instrument& instrument, std::uint64_t digest) = 0;

  /// Rewrites the row `id`, which differs or is to be listed again.
  virtual Result<void> Update(std::int64_t id, const Instrument& instrument,
                              std::uint64_t digest) = 0;

  /// Adds, rewrites or leaves alone an expired contract, whichever is needed.
  virtual Result<void> Upsert(const Instrument& instrument, std::uint64_t digest) = 0;

  /// What the merge did: inserted, updated, reactivated, and in `unchanged` the upserts that were
  /// right already. The rest of the report is the caller's to fill.
  ///
  /// Merges everything and takes `gone` off the list. Nothing may be written after it.
  virtual Result<SyncReport> Apply(const std::vector<std::int64_t>& gone) = 0;

  /// Makes it last, with the report of the run. Also fails with kFailedPrecondition / LOCK_LOST
  /// when another sync has begun since, and kUnavailable / COMMIT_IN_DOUBT: done or not; sync
  /// again.
  virtual Result<void> Commit(const SyncReport& report) = 0;
};

/// What to search. Words are as SearchWords makes them, never empty.
struct SearchQuery {
  std::vector<std::string> words;  // every one must begin a word of symbol, name or key
  std::optional<Segment> segment;
  std::string type;  // empty: all
  std::int64_t offset = 0;
  std::int64_t limit = 50;
};

/// Which active instruments to list; what is left open is not looked at.
struct ListQuery {
  std::int64_t market_now_ms = 0;  // contracts that have expired by then are left out
  std::optional<Kind> kind;
  std::optional<Segment> segment;
  std::string underlying_key;     // what contracts are written on; empty: any
  std::string underlying_symbol;  // the same by its symbol
  /// Only the F&O universe: what contracts of NSE_FO are written on, but for what has a symbol or
  /// key of this list. Of futures and options the contracts themselves, else what they are written
  /// on.
  std::optional<std::vector<std::string>> universe_without;
  Decimal near;  // strikes nearest to it first; 0: the lowest first
  std::int64_t offset = 0;
  std::int64_t limit = 50;
};

/// A stretch of a list, and how long the whole is.
struct InstrumentList {
  std::vector<StoredInstrument> rows;
  std::int64_t total = 0;
};

/// Where instruments are kept. Thread-safe. Both implementations pass
/// tests/contract/instrument_store_contract.hpp. Every method fails with kUnavailable /
/// DATABASE_DOWN or kInternal / DATABASE_ERROR.
class InstrumentStore {
 public:
  virtual ~InstrumentStore() = default;

  /// Notes that a sync begins and gives its number, which rises. From here on no earlier sync can
  /// commit.
  virtual Result<std::int64_t> StartRun(std::int64_t started_ms, const std::string& source) = 0;

  /// Opens the writes of a run.
  virtual Result<std::unique_ptr<SyncTransaction>> Begin(std::int64_t sync_id) = 0;

  /// Notes that a run failed and changed nothing.
  virtual Result<void> FailRun(std::int64_t sync_id, const Error& error) = 0;

  /// Rows of these keys, listed or not, newest last.
  virtual Result<std::vector<StoredInstrument>> FindByKeys(
      const std::vector<std::string>& keys) = 0;

  /// Listed rows of these symbols.
  virtual Result<std::vector<StoredInstrument>> FindBySymbols(
      const std::vector<std::string>& symbols) = 0;

  /// Listed rows that match, best first: the symbol itself, then symbols that begin with the first
  /// word, then cash and indices before derivatives, near expiries first.
  virtual Result<std::vector<StoredInstrument>> Search(const SearchQuery& query) = 0;

  /// In this order: the segment's place in kSegments, nearest expiry, symbol of the underlying,
  /// strike, futures before calls before puts, series EQ before others, symbol, age of the row.
  virtual Result<InstrumentList> List(const ListQuery& query) = 0;

  virtual Result<MasterStatus> Status() = 0;
};

}  // namespace sauda::instruments
