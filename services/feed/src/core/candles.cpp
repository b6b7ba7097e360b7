#include "services/feed/src/core/candles.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sauda::feed {
namespace {

std::int64_t StartOfMinute(std::int64_t time_ms) {
  return time_ms - time_ms % calendar::kMsPerMinute;  // IST is whole minutes from UTC
}

bool IsOutside(const SessionHours& hours, std::int64_t time_ms) {
  return time_ms < hours.open_ms || time_ms >= hours.close_ms;
}

}  // namespace

bool Candles::Shown::IsSame(const Shown& other) const {
  return time_ms == other.time_ms && price == other.price && quantity == other.quantity &&
         (vtt == other.vtt || vtt == 0 || other.vtt == 0);
}

bool Candles::Shown::IsBefore(const Shown& other) const {
  if (time_ms != other.time_ms) return time_ms < other.time_ms;
  return vtt > 0 && vtt < other.vtt;
}

void Candles::OnTick(InstrumentId id, const Tick& tick) {
  if (!tick.last || tick.last->time_ms <= 0 || tick.last->price == 0 ||
      !std::isfinite(tick.last->price)) {
    ++counts_.tradeless;
    return;
  }
  const Shown trade{.time_ms = tick.last->time_ms,
                    .price = tick.last->price,
                    .quantity = std::max<std::int64_t>(tick.last->quantity, 0),
                    .vtt = tick.mode == Mode::kLtpc ? 0 : tick.totals.volume};
  if (tick.broker_ms > 0 && trade.time_ms > tick.broker_ms + options_.ahead.count()) {
    ++counts_.ahead;
    return;
  }
  Line& line = LineOf(id, tick);
  const bool unseen = WasUnseen(line, tick);
  const double open_interest = tick.totals.open_interest;
  if (IsRepeat(line, trade)) {
    ++counts_.repeats;
    if (line.history.size() > 0 && !line.history.back().complete && open_interest > 0) {
      line.history.back().open_interest = open_interest;
    }
    return;
  }
  line.shown[line.next_shown] = trade;
  line.next_shown = (line.next_shown + 1) % kRemembered;
  const std::int64_t now_ms = std::max({line.newest.time_ms, closed_to_ms_, tick.broker_ms});
  if (trade.IsBefore(line.newest)) {
    OnOlder(line, trade, tick, now_ms);
  } else {
    OnNewer(line, trade, tick, now_ms, unseen || line.newest.time_ms == 0);
  }
}

std::unique_ptr<Candles::Line> Candles::MakeLine(InstrumentId id, std::string_view key) const {
  const auto segment = calendar::SegmentOf(key.substr(0, key.find('|')));
  return std::make_unique<Line>(id, options_.kept_minutes,
                                calendar::TradingHours{segment, options_.calendars});
}

Candles::Line& Candles::LineOf(InstrumentId id, const Tick& tick) {
  if (id >= lines_.size()) lines_.resize(id + 1U);
  if (!lines_[id]) {
    lines_[id] = MakeLine(id, tick.listing->key);
  }
  return *lines_[id];
}

bool Candles::WasUnseen(Line& line, const Tick& tick) const {
  if (tick.broker_ms <= 0) return false;
  const std::int64_t before_ms = std::exchange(line.ticked_ms, tick.broker_ms);
  return tick.broker_snapshot && before_ms > 0 &&
         tick.broker_ms - before_ms > options_.unseen.count();
}

bool Candles::IsRepeat(Line& line, const Shown& trade) {
  if (trade.IsSame(line.newest)) {
    if (line.newest.vtt == 0 && trade.vtt > 0) {  // the same in another mode: now it is known
      line.newest.vtt = line.counted_vtt = trade.vtt;
      line.vtt_known = true;
    }
    return true;
  }
  if (!trade.IsBefore(line.newest)) return false;
  return std::any_of(line.shown.begin(), line.shown.end(),
                     [&](const Shown& each) { return trade.IsSame(each); });
}

bool Candles::IsTooLate(const Minute& minute, std::int64_t now_ms) const {
  return minute.end_ms() + options_.grace.count() < now_ms;
}

void Candles::OnNewer(Line& line, const Shown& trade, const Tick& tick, std::int64_t now_ms,
                      bool anew) {
  if (line.newest.time_ms == 0) line.first_seen_ms = trade.time_ms;
  if (anew) {
    line.vtt_known = false;
  } else if (DayOf(trade.time_ms) != DayOf(line.newest.time_ms)) {
    line.counted_vtt = 0;
    line.vtt_known = true;
  }
  line.newest = trade;
  Complete(line);
  const bool outside = IsOutside(line.history.HoursAt(trade.time_ms), trade.time_ms);
  const std::int64_t start_ms = StartOfMinute(trade.time_ms);
  if (outside || IsTooLate({.start_ms = start_ms}, now_ms)) {
    ++(outside ? counts_.outside : counts_.late);
    if (outside || anew) {  // else its volume waits for the next trade that is in time
      line.counted_vtt = trade.vtt;
      line.vtt_known = trade.vtt > 0;
    }
    return;
  }
  MinuteHistory& history = line.history;
  bool estimated = false;
  const bool knows_edge = line.vtt_known && trade.vtt > 0;
  const std::int64_t volume = VolumeOf(line, trade, anew, estimated);
  std::size_t i = history.Find(start_ms);
  if (i == history.size()) {
    i = history.Insert(i, start_ms);
    Begin(history[i], tick);
    line.due_ms = history[i].end_ms();
    if (knows_edge) {
      history[i].edge_volume = std::max<std::int64_t>(volume - trade.quantity, 0);
    }
  }
  Minute& minute = history[i];
  minute.Show(trade.price, trade.time_ms, true);
  minute.volume += volume;
  minute.end_vtt = trade.vtt;
  minute.partial = minute.partial || anew;
  minute.estimated = minute.estimated || estimated;
  if (tick.totals.open_interest > 0) minute.open_interest = tick.totals.open_interest;
  ++counts_.trades;
  if (minute.end_ms() <= closed_to_ms_) {
    TellAgain(line, i);
    Complete(line);
  }
}

std::int64_t Candles::VolumeOf(Line& line, const Shown& trade, bool anew, bool& estimated) {
  const bool known = line.vtt_known;
  const std::int64_t before = line.counted_vtt;
  line.vtt_known = trade.vtt > 0;
  line.counted_vtt = trade.vtt;
  if (trade.vtt > 0 && known && trade.vtt >= before) return trade.vtt - before;
  if (trade.vtt > 0 && known) ++counts_.corrections;
  const bool first_seen = !known && trade.vtt > 0 && (anew || trade.time_ms == line.first_seen_ms);
  estimated = trade.quantity > 0 && !first_seen;
  return trade.quantity;
}

void Candles::OnOlder(Line& line, const Shown& trade, const Tick& tick, std::int64_t now_ms) {
  if (IsOutside(line.history.HoursAt(trade.time_ms), trade.time_ms)) {
    ++counts_.outside;
    return;
  }
  MinuteHistory& history = line.history;
  const std::int64_t start_ms = StartOfMinute(trade.time_ms);
  std::size_t i = history.Find(start_ms);
  const bool made = i == history.size() || history[i].start_ms != start_ms;
  if (IsTooLate({.start_ms = start_ms}, now_ms) || (made && i == 0 && history.full())) {
    ++counts_.late;
    return;
  }
  if (made) {
    i = history.Insert(i, start_ms);
    Begin(history[i], tick);
    history[i].complete = true;
    if (i + 1 == history.size()) line.due_ms = history[i].end_ms();
  }
  const bool is_last = made || trade.time_ms > history[i].last_trade_ms();
  std::int64_t moved = 0;
  if (trade.vtt == 0) {
    history[i].volume += trade.quantity;
    history[i].estimated = history[i].estimated || trade.quantity > 0;
  } else if (is_last) {
    moved = TakeFromEdge(line, i, trade);
    history[i].volume += moved;
    if (made) history[i].edge_volume = std::max<std::int64_t>(moved - trade.quantity, 0);
    history[i].end_vtt = trade.vtt;
  } else if (trade.time_ms < history[i].first_trade_ms() && history.VttBefore(i) > 0) {
    history[i].edge_volume = std::clamp<std::int64_t>(
        trade.vtt - trade.quantity - history.VttBefore(i), 0, history[i].edge_volume);
  }
  history[i].Show(trade.price, trade.time_ms, is_last);
  ++counts_.trades;
  if (!history[i].complete) return;
  TellAgain(line, i);
  if (moved > 0 && history[i + 1].complete) TellAgain(line, i + 1);
  Complete(line);
}

std::int64_t Candles::TakeFromEdge(Line& line, std::size_t i, const Shown& trade) {
  MinuteHistory& history = line.history;
  if (i + 1 >= history.size() || DayOf(history[i + 1].start_ms) != DayOf(trade.time_ms)) return 0;
  const std::int64_t before = history[i].end_vtt > 0 ? history[i].end_vtt : history.VttBefore(i);
  Minute& next = history[i + 1];
  // what went before is not known at the beginning; then only the trade itself is sure
  const std::int64_t grown = before > 0 ? trade.vtt - before : trade.quantity;
  const std::int64_t moved = std::clamp<std::int64_t>(grown, 0, next.edge_volume);
  next.volume -= moved;
  next.edge_volume -= moved;
  return moved;
}

void Candles::Begin(Minute& minute, const Tick& tick) const {
  minute.simulated = tick.simulated;
  minute.gap = std::any_of(gaps_.begin(), gaps_.end(), [&](const Span& gap) {
    return gap.end_ms >= minute.start_ms && gap.start_ms < minute.end_ms();
  });
}

}  // namespace sauda::feed
