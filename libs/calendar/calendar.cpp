#include "libs/calendar/calendar.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/check.hpp"
#include "libs/calendar/rules.hpp"

namespace sauda::calendar {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

}  // namespace

bool AreSessions(const std::vector<Hours>& sessions) {
  int from = 0;
  for (const Hours& each : sessions) {
    const bool whole = each.pre_open >= from && each.open >= each.pre_open &&
                       each.close > each.open && each.close <= kMinutesPerDay;
    if (!whole) return false;
    from = each.close + 1;  // a minute apart at least: else they are one
  }
  return true;
}

Calendar::Calendar(const std::vector<SpecialDay>& days) {
  for (const SpecialDay& each : days) {
    Check(AreSessions(each.day.sessions), "sessions of a day are in order");
    const auto [place, fresh] = days_.try_emplace(Key{each.date, each.segment}, each.day);
    if (!fresh && each.day.origin >= place->second.origin) place->second = each.day;
  }
}

std::span<const Hours> Calendar::SessionsOn(Segment segment, IstDate date, Hours& regular) const {
  if (const auto special = days_.find(Key{date, segment}); special != days_.end()) {
    return special->second.sessions;
  }
  const auto hours = RuleHours(segment, date);
  if (!hours) return {};
  regular = *hours;
  return {&regular, 1};
}

Day Calendar::On(Segment segment, IstDate date) const {
  const auto special = days_.find(Key{date, segment});
  return special != days_.end() ? special->second : RuleFor(segment, date);
}

Session Calendar::SessionAt(Segment segment, std::int64_t epoch_ms) const {
  // Ends: the special days are finite, and no rule closes a segment for good.
  Hours regular;
  for (IstDate date = IstDate::Of(epoch_ms);; date = date.Plus(1)) {
    for (const Hours& each : SessionsOn(segment, date, regular)) {
      if (epoch_ms < date.AtMinute(each.pre_open)) {
        return {Phase::kClosed, date.AtMinute(each.pre_open)};
      }
      if (epoch_ms < date.AtMinute(each.open)) return {Phase::kPreOpen, date.AtMinute(each.open)};
      if (epoch_ms < date.AtMinute(each.close)) return {Phase::kOpen, date.AtMinute(each.close)};
    }
  }
}

bool Calendar::IsTradingDay(Segment segment, IstDate date) const {
  Hours regular;
  return !SessionsOn(segment, date, regular).empty();
}

std::optional<std::int64_t> Calendar::OpenMs(Segment segment, IstDate date) const {
  Hours regular;
  const auto sessions = SessionsOn(segment, date, regular);
  if (sessions.empty()) return std::nullopt;
  return date.AtMinute(sessions.front().open);
}

std::vector<SpecialDay> Calendar::SpecialDays(IstDate first, IstDate last) const {
  std::set<Key> keys;
  for (const IstDate& date : ShippedDates()) {
    for (const Segment segment : kAllSegments) keys.insert({date, segment});
  }
  for (const auto& [key, day] : days_) keys.insert(key);
  std::vector<SpecialDay> found;
  for (const auto& [date, segment] : keys) {
    if (date < first || date > last) continue;
    found.push_back({.date = date, .segment = segment, .day = On(segment, date)});
  }
  return found;
}

bool Calendar::Knows(int year) const {
  const auto shipped = ShippedDates();
  return std::any_of(shipped.begin(), shipped.end(),
                     [year](const IstDate& date) { return date.year == year; }) ||
         // Other hours alone, such as a summer's, say nothing of holidays.
         std::any_of(days_.begin(), days_.end(), [year](const auto& each) {
           return each.first.first.year == year && !each.second.why.empty();
         });
}

const Calendar& ShippedCalendar() {
  static const Calendar shipped;
  return shipped;
}

std::shared_ptr<const Calendar> CalendarKeeper::Current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

void CalendarKeeper::Replace(Calendar calendar) {
  auto next = std::make_shared<const Calendar>(std::move(calendar));
  const std::lock_guard lock{mutex_};
  current_.swap(next);
  ++version_;
}

std::optional<Hours> TradingHours::On(IstDate date) const {
  if (!segment_) return Hours{.pre_open = 0, .open = 0, .close = kMinutesPerDay};
  const Day day =
      (keeper_ == nullptr ? ShippedCalendar() : *keeper_->Current()).On(*segment_, date);
  if (day.sessions.empty()) return std::nullopt;
  const Hours& first = day.sessions.front();
  return Hours{first.pre_open, first.open, day.sessions.back().close};
}

}  // namespace sauda::calendar
