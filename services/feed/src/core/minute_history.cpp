#include "services/feed/src/core/minute_history.hpp"

#include <algorithm>

#include "libs/base/check.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kFew = 8;  // room for so many from the start on, and never for more than fit

/// Adds the next minute to a bar.
void Append(Candle& sum, const Minute& minute) {
  if (sum.trades == 0) {
    sum.open = minute.open;
    sum.high = minute.high;
    sum.low = minute.low;
    sum.edge_volume = minute.edge_volume;
  } else {
    sum.high = std::max(sum.high, minute.high);
    sum.low = std::min(sum.low, minute.low);
  }
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

}  // namespace

void Minute::Show(double price, std::int64_t time_ms, bool is_last) {
  const auto at = static_cast<std::uint16_t>(time_ms - start_ms);
  if (trades == 0) {
    open = high = low = close = price;
    first_ms = last_ms = at;
  } else {
    high = std::max(high, price);
    low = std::min(low, price);
    if (at < first_ms) {
      open = price;
      first_ms = at;
    }
    if (is_last) {
      close = price;
      last_ms = at;
    }
  }
  ++trades;
}

Candle ToCandle(const Minute& minute) {
  Candle candle{.interval = Interval::k1m, .start_ms = minute.start_ms};
  Append(candle, minute);
  candle.complete = minute.complete;
  return candle;
}

MinuteHistory::MinuteHistory(std::size_t capacity, const calendar::TradingHours& trading)
    : capacity_{std::max(capacity, kLeastCapacity)}, trading_{trading} {}

std::size_t MinuteHistory::Find(std::int64_t start_ms) const {
  std::size_t i = size();
  while (i > 0 && (*this)[i - 1].start_ms >= start_ms) --i;
  return i;
}

std::size_t MinuteHistory::Insert(std::size_t i, std::int64_t start_ms) {
  if (full()) {
    Check(i > 0, "no minute goes before the oldest of a full history");
    LetGo((*this)[0]);
    oldest_ = (oldest_ + 1) % size();  // the slot of the oldest is now the last
    --i;
  } else {
    if (size() == slots_.capacity())
      slots_.reserve(std::min(capacity_, std::max(2 * size(), kFew)));
    slots_.emplace_back();  // nothing has gone yet, so the ring begins at slot 0
  }
  for (std::size_t at = size() - 1; at > i; --at) (*this)[at] = (*this)[at - 1];
  (*this)[i] = Minute{.start_ms = start_ms};
  return i;
}

std::int64_t MinuteHistory::VttBefore(std::size_t i) const {
  if (i == 0 || DayOf((*this)[i - 1].start_ms) != DayOf((*this)[i].start_ms)) return 0;
  return (*this)[i - 1].end_vtt;
}

SessionHours MinuteHistory::HoursAt(std::int64_t at_ms) {
  const std::uint64_t version = trading_.version();
  if (at_ms < hours_from_ms_ || at_ms >= hours_to_ms_ || version != hours_version_) {
    hours_version_ = version;
    hours_from_ms_ = calendar::IstDate::Of(at_ms).StartMs();
    hours_to_ms_ = hours_from_ms_ + calendar::kMsPerDay;
    hours_ = SessionHoursOf(trading_, at_ms);
  }
  return hours_;
}

Candle MinuteHistory::Sum(Interval interval, std::size_t i) {
  const std::int64_t at_ms = (*this)[i].start_ms;
  const Span span = SpanOf(interval, at_ms, HoursAt(at_ms));
  const Candle& gone = gone_[static_cast<std::size_t>(interval)];
  Candle sum{.interval = interval, .start_ms = span.start_ms};
  if (gone.trades > 0 && gone.start_ms == span.start_ms) sum = gone;
  while (i > 0 && (*this)[i - 1].start_ms >= span.start_ms) --i;
  for (; i < size() && (*this)[i].start_ms < span.end_ms; ++i) Append(sum, (*this)[i]);
  return sum;
}

void MinuteHistory::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(size()));
  for (std::size_t i = 0; i < size(); ++i) out.Put((*this)[i]);
  for (const Candle& gone : gone_) out.Put(gone);
}

bool MinuteHistory::Load(StateReader& in) {
  const auto count = in.Take<std::uint32_t>();
  if (count > capacity_) return false;
  slots_.clear();
  oldest_ = 0;
  for (std::uint32_t i = 0; i < count; ++i) slots_.push_back(in.Take<Minute>());
  for (Candle& gone : gone_) gone = in.Take<Candle>();
  return in.good();
}

void MinuteHistory::LetGo(const Minute& minute) {
  const SessionHours hours = HoursAt(minute.start_ms);
  for (const Interval interval : kIntervals) {
    Candle& gone = gone_[static_cast<std::size_t>(interval)];
    const Span span = SpanOf(interval, minute.start_ms, hours);
    if (gone.start_ms != span.start_ms) {
      gone = Candle{.interval = interval, .start_ms = span.start_ms};
    }
    Append(gone, minute);
  }
}

}  // namespace sauda::feed
