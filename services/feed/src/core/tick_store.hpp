#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// How far one run of a feed is stored.
struct StoreProgress {
  std::uint64_t last_seq = 0;
  /// Of the journal, where the rest begins at the earliest; 0: its first.
  std::uint64_t segment = 0;
  bool complete = false;  ///< the run is over and all of it that the journal had is stored

  friend bool operator==(const StoreProgress&, const StoreProgress&) = default;
};

/// What is stored in one go.
struct StoreBatch {
  std::string instance;         ///< the run of the feed that the ticks are of
  std::uint64_t segment = 0;    ///< of the journal, that the first of them is in
  bool complete = false;        ///< nothing of this run follows
  std::span<const Tick> ticks;  ///< in the order of seq
  std::span<const Gap> gaps;
};

/// Keeps ticks and gaps. One thread writes; calls may block, with deadlines.
class TickStore {
 public:
  virtual ~TickStore() = default;

  /// Writes all of it in one transaction, with how far it got. May be called again with the same
  /// ticks after a failure of unknown outcome: those with a seq up to what is stored are left out,
  /// as are gaps by number. Fails with kUnavailable / DATABASE_DOWN (call again), or with another
  /// code when the content cannot be stored (calling again is of no use).
  virtual Result<void> Append(const StoreBatch& batch) = 0;

  /// How far each run of this account got, by instance.
  virtual Result<std::map<std::string, StoreProgress>> Progress() = 0;
};

}  // namespace sauda::feed
