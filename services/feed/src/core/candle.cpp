#include "services/feed/src/core/candle.hpp"

#include <algorithm>

namespace sauda::feed {
std::int64_t MinutesOf(Interval interval) {
  switch (interval) {
    case Interval::k1m:
      return 1;
    case Interval::k3m:
      return 3;
    case Interval::k5m:
      return 5;
    case Interval::k15m:
      return 15;
    case Interval::k30m:
      return 30;
    case Interval::k1h:
      return 60;
    case Interval::k1d:
      break;
  }
  return 0;
}

SessionHours SessionHoursOf(const calendar::TradingHours& trading, std::int64_t at_ms) {
  const auto date = calendar::IstDate::Of(at_ms);
  const auto hours = trading.On(date);
  if (!hours) return {date.StartMs(), date.StartMs()};
  return {date.AtMinute(hours->open), date.AtMinute(hours->close)};
}

Span SpanOf(Interval interval, std::int64_t at_ms, const SessionHours& hours) {
  const std::int64_t length_ms = MinutesOf(interval) * calendar::kMsPerMinute;
  if (length_ms == 0) return {hours.open_ms, hours.close_ms};
  const std::int64_t start_ms = at_ms - (at_ms - hours.open_ms) % length_ms;
  return {start_ms, std::min(start_ms + length_ms, hours.close_ms)};
}

}  // namespace sauda::feed
