#pragma once

#include <array>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "libs/base/result.hpp"
#include "services/instruments/src/core/instrument.hpp"

namespace sauda::instruments {

/// What the store knows of an instrument that a master may name: enough to tell whether it changed.
struct KnownInstrument {
  std::uint64_t identity = 0;  // IdentityHash
  std::uint64_t digest = 0;    // Digest of what is kept
  std::int64_t id = 0;
  std::int64_t expiry_ms = 0;  // 0: does not expire
  Segment segment = 0;
  bool listed = false;
};

/// What a record of the master means for the store.
struct Verdict {
  enum class Kind : std::uint8_t {
    kUnchanged,
    kChanged,      // the row `id` is rewritten
    kReactivated,  // as kChanged, and it had not been listed
    kNew,          // certainly not in the store
    kPast,         // expired already: expired rows are not loaded, so the store has to look
  };
  Kind kind = Kind::kNew;
  std::int64_t id = 0;
};

/// Compares a master, record by record, with what the store knows: listed rows and those that may
/// come back. Takes 40 bytes an instrument. Not thread-safe.
class MasterDiff {
 public:
  /// A contract whose expiry moves by no more than this stays the same contract: exchanges move
  /// expiries around holidays and from one weekday to another. Only for contracts alive both before
  /// and after; a token that comes back after expiry is a new instrument.
  static constexpr std::int64_t kMostExpiryMoveMs = std::int64_t{7} * 86'400'000;

  /// `market_now_ms` decides what has expired.
  explicit MasterDiff(std::int64_t market_now_ms) : now_ms_{market_now_ms} {}

  void Add(const KnownInstrument& known) { entries_.emplace_back(known, false); }

  /// Call once, after the last Add and before Classify. `store_is_empty`: there are no expired rows
  /// either, so whatever comes is new.
  void Seal(bool store_is_empty);

  /// Also remembers that the master has it. The same instrument must not be given twice.
  Verdict Classify(const Instrument& instrument, std::uint64_t digest);

  /// Counts rows as had by the master although it was not told: their records were unusable, which
  /// is no reason to take them off the list. Only living ones are; gives which.
  std::vector<std::int64_t> Excuse(const std::unordered_set<std::int64_t>& ids);

  /// Listed rows that the master did not have, in no order.
  std::vector<std::int64_t> Gone() const;

  /// Fails with kFailedPrecondition / TOO_MANY_DEACTIVATIONS when more than `most_percent` of a
  /// segment's listed and unexpired rows are gone; names the segments.
  Result<void> CheckGone(int most_percent) const;

 private:
  struct Entry : KnownInstrument {
    Entry(const KnownInstrument& known, bool was_seen) : KnownInstrument{known}, seen{was_seen} {}
    bool seen = false;
  };

  bool Alive(std::int64_t expiry_ms) const { return expiry_ms == 0 || expiry_ms > now_ms_; }
  Entry* Find(std::uint64_t identity, std::int64_t expiry_ms);

  std::int64_t now_ms_;
  bool store_is_empty_ = false;
  std::vector<Entry> entries_;  // by identity once sealed
};

}  // namespace sauda::instruments
