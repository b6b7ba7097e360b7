#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/candle.hpp"

namespace sauda::feed {

/// A finished bar of one minute, to be stored in the place of an earlier one of the same minute.
struct StoredCandle {
  std::string key;
  Candle candle;
};

/// How far the making of candles got, and all that goes on from there.
struct CandleCheckpoint {
  std::string instance;       ///< the run of the feed that was read
  std::uint64_t seq = 0;      ///< of the last tick that is in it
  std::uint64_t segment = 0;  ///< of the journal, where the rest begins at the earliest
  std::string state;

  friend bool operator==(const CandleCheckpoint&, const CandleCheckpoint&) = default;
};

/// Keeps candles of an account. One thread writes; calls may block, with deadlines.
class CandleStore {
 public:
  virtual ~CandleStore() = default;
  /// Writes all of it in one transaction; no two bars of one minute and key. Repeating it changes
  /// nothing. `checkpoint` null: the last one stays. Fails as TickStore::Append.
  virtual Result<void> Append(std::span<const StoredCandle> bars,
                              const CandleCheckpoint* checkpoint) = 0;
  /// Absent: there is none yet. Fails as TickStore::Progress.
  virtual Result<std::optional<CandleCheckpoint>> Load() = 0;
};

/// Which stored minutes of one instrument: those that start in [from_ms, to_ms), oldest first.
struct MinuteRange {
  std::string key;
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::size_t limit = 0;
};

/// Reads what a CandleStore keeps. Thread-safe; fails as History.
class CandleHistory {
 public:
  virtual ~CandleHistory() = default;
  virtual Result<std::vector<Candle>> Minutes(const MinuteRange& range) = 0;
};

}  // namespace sauda::feed
