#include "services/instruments/src/core/calendar/broker_days.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "libs/calendar/rules.hpp"

namespace sauda::instruments {
namespace {

using calendar::Day;
using calendar::DayOrigin;
using calendar::Hours;
using calendar::IstDate;
using calendar::SpecialDay;

/// Hours that are the regular ones, with or without their pre-open, have their pre-open.
Hours WithPreOpen(calendar::Segment segment, IstDate date, Hours hours) {
  // Of the weekday before a holiday: the rules of the day itself may be none.
  for (IstDate day = date;; day = day.Plus(-1)) {
    const auto regular = calendar::RuleHours(segment, day);
    if (!regular || calendar::RuleFor(segment, day).origin != DayOrigin::kRules) continue;
    const bool begins = hours.open == regular->open || hours.open == regular->pre_open;
    return begins && hours.close == regular->close ? *regular : hours;
  }
}

std::optional<Hours> HoursOf(calendar::Segment segment, IstDate date, const BrokerHours& from) {
  const std::int64_t midnight_ms = date.StartMs();
  const std::int64_t open_ms = from.start_ms - midnight_ms;
  const std::int64_t close_ms = from.end_ms - midnight_ms;
  if (open_ms < 0 || close_ms > calendar::kMsPerDay || open_ms >= close_ms) return std::nullopt;
  const int open = static_cast<int>(open_ms / calendar::kMsPerMinute);
  const int close = static_cast<int>(close_ms / calendar::kMsPerMinute);
  if (open == close) return std::nullopt;
  return WithPreOpen(segment, date, {.pre_open = open, .open = open, .close = close});
}

/// The sessions of each exchange on a day, in order.
std::map<calendar::Segment, std::vector<Hours>> SessionsOf(IstDate date,
                                                           const std::vector<BrokerHours>& all) {
  std::map<calendar::Segment, std::vector<Hours>> sessions;
  for (const BrokerHours& each : all) {
    const auto segment = calendar::SegmentOfExchange(each.exchange);
    const auto hours = segment ? HoursOf(*segment, date, each) : std::nullopt;
    if (hours) sessions[*segment].push_back(*hours);
  }
  for (auto& [segment, list] : sessions) {
    std::sort(list.begin(), list.end(),
              [](const Hours& a, const Hours& b) { return a.pre_open < b.pre_open; });
  }
  std::erase_if(sessions, [](const auto& each) { return !calendar::AreSessions(each.second); });
  return sessions;
}

}  // namespace

std::vector<SpecialDay> DaysOf(const std::vector<BrokerHoliday>& holidays) {
  std::vector<SpecialDay> days;
  for (const BrokerHoliday& each : holidays) {
    const auto date = IstDate::Parse(each.date);
    if (!date) continue;
    const Day closed{.sessions = {}, .why = each.description, .origin = DayOrigin::kBroker};
    std::map<calendar::Segment, Day> of;
    for (const std::string& exchange : each.closed) {
      if (const auto segment = calendar::SegmentOfExchange(exchange)) of[*segment] = closed;
    }
    for (auto& [segment, sessions] : SessionsOf(*date, each.open)) {
      of[segment] = closed;
      of[segment].sessions = std::move(sessions);
    }
    for (auto& [segment, day] : of) days.push_back({*date, segment, std::move(day)});
  }
  return days;
}

std::vector<SpecialDay> DaysOf(IstDate date, const std::vector<BrokerHours>& timings,
                               const calendar::Calendar& known) {
  std::vector<SpecialDay> days;
  for (auto& [segment, sessions] : SessionsOf(date, timings)) {
    Day day = known.On(segment, date);
    if (day.sessions == sessions) continue;
    day.sessions = std::move(sessions);
    day.origin = DayOrigin::kBroker;
    days.push_back({date, segment, std::move(day)});
  }
  return days;
}

}  // namespace sauda::instruments
