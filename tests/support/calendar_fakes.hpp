#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::instruments {

/// Hours of an exchange from one minute of the day to another, as the broker tells them.
inline BrokerHours HoursOn(const char* exchange, calendar::IstDate date, int from, int to) {
  return {.exchange = exchange, .start_ms = date.AtMinute(from), .end_ms = date.AtMinute(to)};
}

/// A broker that says what a test tells it to.
class FakeCalendarSource final : public CalendarSource {
 public:
  Result<std::vector<BrokerHoliday>> Holidays() override {
    ++asked;
    if (down) return Error{Code::kUnavailable, "BROKER_DOWN", "no answer"};
    return holidays;
  }
  Result<std::vector<BrokerHours>> Timings(calendar::IstDate date) override {
    if (down) return Error{Code::kUnavailable, "BROKER_DOWN", "no answer"};
    return timings[date];
  }
  bool simulated() const override { return true; }

  bool down = false;
  int asked = 0;
  std::vector<BrokerHoliday> holidays;
  std::map<calendar::IstDate, std::vector<BrokerHours>> timings;
};

class FakeCalendarFile final : public CalendarFile {
 public:
  bool Changed() override { return std::exchange(changed, false); }
  Result<std::vector<calendar::SpecialDay>> Read() override {
    if (wrong) return Error{Code::kFailedPrecondition, "CALENDAR_FILE_INVALID", "it is wrong"};
    return days;
  }

  bool changed = true;
  bool wrong = false;
  std::vector<calendar::SpecialDay> days;
};

class FakeCalendarStore final : public CalendarStore {
 public:
  Result<std::vector<calendar::SpecialDay>> Load() override {
    if (down) return Error{Code::kUnavailable, "DATABASE_DOWN", "no answer"};
    return days;
  }
  Result<void> Save(const std::vector<calendar::SpecialDay>& given) override {
    if (down) return Error{Code::kUnavailable, "DATABASE_DOWN", "no answer"};
    days = given;
    return {};
  }

  bool down = false;
  std::vector<calendar::SpecialDay> days;
};

}  // namespace sauda::instruments
