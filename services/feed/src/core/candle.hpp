#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "libs/calendar/calendar.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// How long a bar is. Longer ones are sums of minutes.
enum class Interval : std::uint8_t { k1m, k3m, k5m, k15m, k30m, k1h, k1d };

inline constexpr std::array kIntervals{Interval::k1m,  Interval::k3m, Interval::k5m, Interval::k15m,
                                       Interval::k30m, Interval::k1h, Interval::k1d};

/// One bar. Prices in rupees; times in milliseconds since the Unix epoch, UTC.
struct Candle {
  InstrumentId instrument = 0;
  Interval interval = Interval::k1m;
  std::int64_t start_ms = 0;  ///< first instant that it covers; of a day's bar, the session's open
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  std::int64_t volume = 0;
  /// At most so much of `volume` was traded between the last trade seen before the bar and the
  /// bar's first trade, without that trade itself. The broker showed none of these trades, so an
  /// earlier minute may own some. 0: all of `volume` is this bar's for certain. Hence the volume
  /// that the exchange counts here lies between `volume - edge_volume` and `volume` + the next
  /// bar's `edge_volume`.
  std::int64_t edge_volume = 0;
  double open_interest = 0;   ///< as last seen before the bar ended; 0: none
  std::uint32_t trades = 0;   ///< trades seen; the broker shows one or two a second, not all
  std::uint32_t revised = 0;  ///< changes after the end of the bar, or of minutes of it
  bool complete = false;      ///< false: still running
  /// Began, or a minute of it did, before the first trade seen, or before the first after a time
  /// unseen (Candles says which): what was traded before that is not in it.
  bool partial = false;
  bool estimated = false;  ///< some of `volume` is last quantities added up: a lower bound
  bool gap = false;        ///< a gap touches it: trades are missing or may be
  bool simulated = false;  ///< some of its trades are the simulator's

  friend bool operator==(const Candle&, const Candle&) = default;
};

/// Counts days (IST) from 1970-01-01.
inline std::int64_t DayOf(std::int64_t at_ms) {
  return (at_ms + calendar::kIstOffsetMs) / calendar::kMsPerDay;
}

/// A day's session, from its open (inclusive) to its close (exclusive).
struct SessionHours {
  std::int64_t open_ms = 0;
  std::int64_t close_ms = 0;  ///< equal to `open_ms`: closed all day
};

/// The session of the day (IST) that contains `at_ms`.
SessionHours SessionHoursOf(const calendar::TradingHours& trading, std::int64_t at_ms);

/// What one bar covers.
struct Span {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;  ///< exclusive

  friend bool operator==(const Span&, const Span&) = default;
};

/// Minutes of a bar; 0: the whole session.
std::int64_t MinutesOf(Interval interval);

/// The bar that contains `at_ms`, which lies in `hours`. Bars follow one another from the open; the
/// last one ends with the session, so it may be shorter.
Span SpanOf(Interval interval, std::int64_t at_ms, const SessionHours& hours);

}  // namespace sauda::feed
