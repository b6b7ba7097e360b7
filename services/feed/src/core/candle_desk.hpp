#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/feed/src/core/candle_source.hpp"
#include "services/feed/src/core/candle_store.hpp"

namespace sauda::feed {

/// Which bars of one instrument.
struct CandleRange {
  std::string key;
  Interval interval = Interval::k1m;
  std::int64_t from_ms = 0;  ///< from the bar that contains it
  std::int64_t to_ms = 0;    ///< bars that start before it
  std::size_t limit = 0;     ///< most bars
};

/// Some of them, oldest first.
struct CandlePage {
  std::vector<Candle> candles;
  std::optional<std::int64_t> next_ms;  ///< the rest begins with the bar that contains it
};

/// Where stored candles and those in memory meet. Thread-safe; Read may block.
class CandleDesk {
 public:
  /// Minutes read at once: more than a month of sessions.
  static constexpr std::size_t kMostMinutes = 20'000;

  /// All outlive it. Without a calendar: the shipped one.
  CandleDesk(CandleHistory& history, const CandleSource& source,
             const calendar::CalendarKeeper* calendars = nullptr)
      : history_{history}, source_{source}, calendars_{calendars} {}

  /// Fails as CandleHistory.
  Result<CandlePage> Read(const CandleRange& range) const;

  const CandleSource& source() const { return source_; }

 private:
  CandleHistory& history_;
  const CandleSource& source_;
  const calendar::CalendarKeeper* const calendars_;
};

}  // namespace sauda::feed
