// What Candles gives: bars that end, are told again, marked and read.
#include <algorithm>
#include <array>
#include <utility>

#include "services/feed/src/core/candles.hpp"

namespace sauda::feed {
namespace {

constexpr std::array kCoarse{Interval::k3m,  Interval::k5m, Interval::k15m,
                             Interval::k30m, Interval::k1h, Interval::k1d};

}  // namespace

void Candles::Close(std::int64_t now_ms) {
  if (now_ms <= closed_to_ms_) return;
  closed_to_ms_ = now_ms;
  for (const auto& line : lines_) {
    if (line) Complete(*line);
  }
}

void Candles::Complete(Line& line) {
  const std::int64_t now_ms = NowOf(line);
  if (now_ms < line.due_ms) return;
  const std::size_t last = line.history.size() - 1;
  Minute& minute = line.history.back();
  line.due_ms = kNever;
  if (!minute.complete) {
    minute.complete = true;  // it ends before the coarser ones, so it is what was due
    Queue(MinuteBar(line, last));
  }
  if (!options_.coarse) return;
  const SessionHours hours = line.history.HoursAt(minute.start_ms);
  for (const Interval interval : kCoarse) {
    std::int64_t& finished = line.finished[static_cast<std::size_t>(interval)];
    const Span span = SpanOf(interval, minute.start_ms, hours);
    if (span.start_ms <= finished) continue;
    if (span.end_ms <= now_ms) {
      finished = span.start_ms;
      Queue(CoarseBar(line, interval, last));
    } else {
      line.due_ms = std::min(line.due_ms, span.end_ms);
    }
  }
}

void Candles::TellAgain(Line& line, std::size_t i) {
  line.history[i].complete = true;
  ++line.history[i].revised;
  Queue(MinuteBar(line, i));
  if (!options_.coarse) return;
  for (const Interval interval : kCoarse) {
    const Candle bar = CoarseBar(line, interval, i);
    if (!bar.complete) continue;
    std::int64_t& finished = line.finished[static_cast<std::size_t>(interval)];
    finished = std::max(finished, bar.start_ms);
    Queue(bar);
  }
}

Candle Candles::MinuteBar(const Line& line, std::size_t i) const {
  Candle bar = ToCandle(line.history[i]);
  bar.instrument = line.id;
  bar.partial = bar.partial || bar.start_ms <= line.first_seen_ms;
  return bar;
}

Candle Candles::CoarseBar(Line& line, Interval interval, std::size_t i) const {
  Candle bar = line.history.Sum(interval, i);
  bar.instrument = line.id;
  const SessionHours hours = line.history.HoursAt(bar.start_ms);
  bar.complete = SpanOf(interval, bar.start_ms, hours).end_ms <= NowOf(line);
  bar.partial = bar.partial || bar.start_ms <= line.first_seen_ms;
  return bar;
}

void Candles::Queue(const Candle& candle) {
  if (queue_.size() >= options_.queue) {
    ++counts_.unqueued;
    return;
  }
  queue_.push_back(candle);
}

void Candles::MarkGap(std::int64_t from_ms, std::int64_t to_ms) {
  gaps_[next_gap_] = {from_ms, to_ms};
  next_gap_ = (next_gap_ + 1) % kGaps;
  for (const auto& line : lines_) {
    if (!line) continue;
    MinuteHistory& history = line->history;
    for (std::size_t i = history.Find(from_ms - from_ms % calendar::kMsPerMinute);
         i < history.size(); ++i) {
      if (history[i].start_ms > to_ms) break;
      if (std::exchange(history[i].gap, true) || !history[i].complete) continue;
      TellAgain(*line, i);
    }
  }
}

std::vector<Candle> Candles::Take() { return std::exchange(queue_, {}); }

std::vector<Candle> Candles::Read(InstrumentId id, Interval interval, std::size_t limit) {
  std::vector<Candle> bars;
  if (id >= lines_.size() || !lines_[id]) return bars;
  Line& line = *lines_[id];
  for (std::size_t i = line.history.size(); i > 0 && bars.size() < limit;) {
    bars.push_back(interval == Interval::k1m ? MinuteBar(line, i - 1)
                                             : CoarseBar(line, interval, i - 1));
    while (i > 0 && line.history[i - 1].start_ms >= bars.back().start_ms) --i;
  }
  std::reverse(bars.begin(), bars.end());
  return bars;
}

}  // namespace sauda::feed
