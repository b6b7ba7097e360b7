#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/master_diff.hpp"
#include "services/instruments/src/core/sync_report.hpp"

namespace sauda::instruments {

class ListBook;

/// The master at a glance.
struct MasterStatus {
  std::int64_t active = 0;  // listed in the last master
  std::int64_t total = 0;
  SegmentCounts segments{};
  TypeCounts types{};
  std::optional<SyncReport> last_sync;  // the last committed one
  std::string last_failure;             // of the newest run, when it failed: reason and message
};

/// What became of an instrument that an order or a screen depends on.
enum class Change : std::uint8_t {
  kListed,       // new; not told of the first sync of all
  kDelisted,     // the master does not have it any more
  kReactivated,  // it has it again
  kLotSize,
  kFreezeQuantity,
  kTickSize,
  kSymbol,
  kExpiry,
};

struct InstrumentChange {
  std::int64_t sequence = 0;  // rises
  std::int64_t sync_id = 0;
  std::int64_t market_ms = 0;  // of the sync
  std::int64_t instrument_id = 0;
  std::string key;
  std::string symbol;  // today's
  Change change = Change::kListed;
  std::string before;  // of the field: a decimal in rupees, a number, a symbol, yyyy-MM-dd; else ""
  std::string after;

  friend bool operator==(const InstrumentChange&, const InstrumentChange&) = default;
};

/// Which changes: those after a sequence, oldest first.
struct ChangeQuery {
  std::int64_t after = 0;
  std::string key;  // empty: of every instrument
  std::int64_t limit = 100;
};

/// One attempt to sync.
struct SyncRun {
  enum class State : std::uint8_t { kRunning, kCommitted, kFailed };
  std::int64_t sync_id = 0;
  std::string source;  // "broker", "file:NAME", "sample"
  State state = State::kRunning;
  std::int64_t started_ms = 0;       // wall clock
  std::optional<SyncReport> report;  // of a committed one
  std::string failure;               // of a failed one: reason and message
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

  /// Whether there is no row at all, expired ones included.
  virtual Result<bool> IsEmpty() = 0;

  /// Adds an instrument that is certainly not there: ForEachKnown did not tell it, and it has not
  /// expired or IsEmpty.
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
  /// Only those on the list of that name; `book` is the one that is looked at.
  bool mtf = false;
  bool mis = false;
  std::shared_ptr<const ListBook> book;
  Decimal near;  // strikes nearest to it first; 0: the lowest first
  std::int64_t offset = 0;
  std::int64_t limit = 50;
};

/// Which expired contracts that are not listed any more.
struct ExpiredQuery {
  std::string underlying;          // its symbol, or with a bar its key
  std::int64_t from_ms = 1;        // expiry, the first that counts
  std::int64_t until_ms = 0;       // expiry, the first that does not
  std::optional<Kind> kind;        // absent: futures and options
  std::optional<Segment> segment;  // absent: any
  std::int64_t offset = 0;
  std::int64_t limit = 500;
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

  /// Puts a report in place of that of the committed run `report.sync_id`.
  virtual Result<void> AmendReport(const SyncReport& report) = 0;

  /// Notes that a run failed and changed nothing.
  virtual Result<void> FailRun(std::int64_t sync_id, const Error& error) = 0;

  /// Rows of these keys, listed or not, in the order of their ids.
  virtual Result<std::vector<StoredInstrument>> FindByKeys(
      const std::vector<std::string>& keys) = 0;

  /// Tells every listed row, in no order; a failure of `tell` ends it.
  virtual Result<void> ForEachListed(
      const std::function<Result<void>(const StoredInstrument&)>& tell) = 0;

  /// The newest committed sync that wrote anything; 0 before the first. Rises.
  virtual Result<std::int64_t> Revision() = 0;

  /// What rows of this key, or of this symbol when there is no bar in it, were by the last sync
  /// that was committed up to then, by the market clock; in the order of their ids. Rows that were
  /// not there yet are left out. Absent: no sync was committed up to then.
  virtual Result<std::optional<std::vector<StoredInstrument>>> FindAsOf(const std::string& name,
                                                                        std::int64_t market_ms) = 0;

  /// The newest expiry first, then by strike, futures before calls before puts, and id.
  virtual Result<std::vector<StoredInstrument>> Expired(const ExpiredQuery& query) = 0;

  virtual Result<std::vector<InstrumentChange>> Changes(const ChangeQuery& query) = 0;

  /// Attempts before this sync_id, newest first; 0: all.
  virtual Result<std::vector<SyncRun>> Runs(std::int64_t before, std::int64_t limit) = 0;

  /// What the source called the master of the last committed sync; empty: nothing.
  virtual Result<std::string> KeptTag() = 0;

  virtual Result<MasterStatus> Status() = 0;
};

}  // namespace sauda::instruments
