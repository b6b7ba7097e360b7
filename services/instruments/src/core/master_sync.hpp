#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/instrument_store.hpp"
#include "services/instruments/src/core/lists/list_sync.hpp"
#include "services/instruments/src/core/master_source.hpp"
#include "services/instruments/src/core/sync_lock.hpp"
#include "services/instruments/src/core/sync_progress.hpp"

namespace sauda::instruments {

/// What to sync from, and how much may go.
struct SyncOrder {
  std::string file;     // empty: the broker's
  bool sample = false;  // the built-in master instead of either
  bool allow_mass_deactivation = false;
};

/// One sync from lock to commit (design 6): reads the master as a stream, writes what differs,
/// takes what is gone off the list, and checks before it commits that the file can be believed. A
/// failure at any point changes nothing. Run is thread-safe as far as its parts are; the lock lets
/// one through.
class MasterSync {
 public:
  struct Limits {
    int most_bad_percent = 5;
    int most_gone_percent = 20;  // of a segment, expiries apart
  };
  struct Parts {
    MasterSource& source;
    SyncLock& lock;
    InstrumentStore& store;
    const Clock& clock;
    const MarketClock& market_clock;
    std::function<std::unique_ptr<RecordParser>()> make_parser;
    const ListSync* lists = nullptr;  // read after the broker's master; null: none are
  };

  MasterSync(Parts parts, Limits limits) : parts_{std::move(parts)}, limits_{limits} {}

  /// Fails as SyncLock::Acquire, MasterSource::Read, MasterReader and SyncTransaction do, and with
  /// kFailedPrecondition / TOO_MANY_BAD_RECORDS, MASTER_EMPTY, TOO_MANY_DEACTIVATIONS, LOCK_LOST,
  /// and kUnavailable / SHUTTING_DOWN.
  Result<SyncReport> Run(const SyncOrder& order);

  /// Ends what runs, and all that would run later, with kUnavailable / SHUTTING_DOWN.
  void Cancel() { cancelled_ = true; }

  /// Share of unusable records, 0 to 1, of the newest master that was read to its end, taken over
  /// or refused. 0 before the first. Thread-safe.
  double bad_ratio() const { return bad_ratio_; }

  /// How far the sync is that runs. Thread-safe.
  SyncProgress progress() const { return board_.Look(); }

 private:
  /// A run that has the lock and a number.
  struct Begun {
    const SyncOrder& order;
    std::int64_t sync_id;
    const HeldLock& lock;
    Monotonic began;
    std::int64_t started_ms;
  };
  Result<SyncReport> RunLocked(const Begun& begun);
  /// Commits that nothing changed.
  Result<SyncReport> CommitUnchanged(const Begun& begun, const MasterOrigin& origin);
  /// Reads the broker's lists after the commit, and says in the report how that went.
  void ReadLists(const HeldLock& lock, SyncReport& report);
  Result<SyncReport> Commit(const Begun& begun, SyncTransaction& transaction, SyncReport report);

  const Parts parts_;
  const Limits limits_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<double> bad_ratio_ = 0;
  SyncProgressBoard board_;
};

}  // namespace sauda::instruments
