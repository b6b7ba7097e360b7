#include "services/feed/src/core/roll_up.hpp"

#include <algorithm>
#include <limits>

namespace sauda::feed {
namespace {

void Add(Candle& sum, const Candle& minute) {
  sum.high = std::max(sum.high, minute.high);
  sum.low = std::min(sum.low, minute.low);
  sum.close = minute.close;
  sum.volume += minute.volume;
  sum.open_interest = minute.open_interest;
  sum.trades += minute.trades;
  sum.revised += minute.revised;
  sum.partial = sum.partial || minute.partial;
  sum.estimated = sum.estimated || minute.estimated;
  sum.gap = sum.gap || minute.gap;
  sum.simulated = sum.simulated || minute.simulated;
}

/// Hours of the day asked about last: days come in order.
class HoursByDay {
 public:
  explicit HoursByDay(const calendar::TradingHours& trading) : trading_{trading} {}
  const SessionHours& At(std::int64_t at_ms) {
    if (const std::int64_t day = DayOf(at_ms); day != day_) {
      day_ = day;
      hours_ = SessionHoursOf(trading_, at_ms);
    }
    return hours_;
  }

 private:
  const calendar::TradingHours& trading_;
  std::int64_t day_ = std::numeric_limits<std::int64_t>::min();
  SessionHours hours_;
};

}  // namespace

std::vector<Candle> RollUp(std::span<const Candle> minutes, Interval interval,
                           const calendar::TradingHours& trading, std::int64_t now_ms) {
  if (interval == Interval::k1m) return {minutes.begin(), minutes.end()};
  std::vector<Candle> bars;
  HoursByDay days{trading};
  for (const Candle& minute : minutes) {
    const SessionHours& hours = days.At(minute.start_ms);
    if (minute.start_ms < hours.open_ms || minute.start_ms >= hours.close_ms) continue;
    const Span span = SpanOf(interval, minute.start_ms, hours);
    if (!bars.empty() && bars.back().start_ms == span.start_ms) {
      Add(bars.back(), minute);
      continue;
    }
    Candle& bar = bars.emplace_back(minute);
    bar.interval = interval;
    bar.start_ms = span.start_ms;
    bar.complete = span.end_ms <= now_ms;
  }
  return bars;
}

std::int64_t StartOfBar(Interval interval, const calendar::TradingHours& trading,
                        std::int64_t at_ms) {
  const SessionHours hours = SessionHoursOf(trading, at_ms);
  if (at_ms < hours.open_ms || at_ms >= hours.close_ms) return at_ms;
  return SpanOf(interval, at_ms, hours).start_ms;
}

std::int64_t EndOfBar(Interval interval, const calendar::TradingHours& trading,
                      std::int64_t at_ms) {
  const SessionHours hours = SessionHoursOf(trading, at_ms - 1);
  if (at_ms - 1 < hours.open_ms || at_ms - 1 >= hours.close_ms) return at_ms;
  return SpanOf(interval, at_ms - 1, hours).end_ms;
}

}  // namespace sauda::feed
