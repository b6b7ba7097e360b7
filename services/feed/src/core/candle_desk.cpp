#include "services/feed/src/core/candle_desk.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "services/feed/src/core/roll_up.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMostInMemory = 1'000;  // minutes; fewer are kept
constexpr std::size_t kMinutesOfDay = 1'440;  // no session has more

std::optional<calendar::Segment> SegmentOfInstrument(std::string_view key) {
  return calendar::SegmentOf(key.substr(0, key.find('|')));
}

/// Those of the bars asked for and of one more, which tells whether there are more.
std::size_t MinutesToRead(const CandleRange& range) {
  const std::size_t bars = std::min(range.limit, CandleDesk::kMostMinutes) + 1;
  const auto minutes = static_cast<std::size_t>(MinutesOf(range.interval));
  return std::min(CandleDesk::kMostMinutes, bars * (minutes == 0 ? kMinutesOfDay : minutes));
}

/// Both rise in time; where both have a minute, that in memory is newer.
std::vector<Candle> Merged(std::span<const Candle> stored, std::span<const Candle> memory) {
  std::vector<Candle> all;
  all.reserve(stored.size() + memory.size());
  for (const Candle& minute : stored) {
    while (!memory.empty() && memory.front().start_ms < minute.start_ms) {
      all.push_back(memory.front());
      memory = memory.subspan(1);
    }
    if (memory.empty() || memory.front().start_ms != minute.start_ms) all.push_back(minute);
  }
  all.insert(all.end(), memory.begin(), memory.end());
  return all;
}

}  // namespace

Result<CandlePage> CandleDesk::Read(const CandleRange& range) const {
  const calendar::TradingHours trading{SegmentOfInstrument(range.key), calendars_};
  const std::int64_t from_ms = StartOfBar(range.interval, trading, range.from_ms);
  const std::int64_t to_ms = EndOfBar(range.interval, trading, range.to_ms);
  // Memory first: what leaves it between the two reads is stored by then.
  std::vector<Candle> memory = source_.Read(range.key, Interval::k1m, kMostInMemory);
  const std::size_t most = MinutesToRead(range);
  auto stored =
      history_.Minutes({.key = range.key, .from_ms = from_ms, .to_ms = to_ms, .limit = most});
  if (!stored) return stored.error();
  const bool cut = stored->size() == most;
  std::erase_if(memory, [&](const Candle& minute) {
    return minute.start_ms < from_ms || minute.start_ms >= to_ms ||
           (cut && minute.start_ms > stored->back().start_ms);
  });
  const std::vector<Candle> minutes = Merged(*stored, memory);
  std::int64_t now_ms = source_.closed_to_ms();
  if (!minutes.empty()) {  // that it is over shows in a minute that ended
    now_ms = std::max(
        now_ms, minutes.back().start_ms + (minutes.back().complete ? calendar::kMsPerMinute : 0));
  }
  CandlePage page{.candles = RollUp(minutes, range.interval, trading, now_ms)};
  if (cut && !page.candles.empty() && page.candles.back().start_ms > from_ms) {
    page.next_ms = page.candles.back().start_ms;  // it may go on
    page.candles.pop_back();
  } else if (cut) {  // more than a bar was read, so this one is whole; the rest is in no session
    page.next_ms = stored->back().start_ms + calendar::kMsPerMinute;
  }
  if (page.candles.size() > range.limit) {
    page.next_ms = page.candles[range.limit].start_ms;
    page.candles.resize(range.limit);
  }
  return page;
}

}  // namespace sauda::feed
