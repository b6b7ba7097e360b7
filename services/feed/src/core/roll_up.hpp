#pragma once

#include <span>
#include <vector>

#include "services/feed/src/core/candle.hpp"

namespace sauda::feed {

/// Bars of `interval` as sums of minutes, anchored at the session's open as Candles' are. `minutes`
/// are of one instrument and rise in time; those outside the session of their day are left out. A
/// bar is complete when it ended by `now_ms`; partial when a minute of it is. With minutes of one
/// minute's interval it gives them as they are.
std::vector<Candle> RollUp(std::span<const Candle> minutes, Interval interval,
                           const calendar::TradingHours& trading, std::int64_t now_ms);

/// The start of the bar of `interval` that contains `at_ms`, or that is next when none does; for
/// reading minutes from there on.
std::int64_t StartOfBar(Interval interval, const calendar::TradingHours& trading,
                        std::int64_t at_ms);

/// The end (exclusive) of the bar of `interval` that contains the instant before `at_ms`; `at_ms`
/// when none does.
std::int64_t EndOfBar(Interval interval, const calendar::TradingHours& trading, std::int64_t at_ms);

}  // namespace sauda::feed
