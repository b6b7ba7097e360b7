#include "services/instruments/src/core/calendar/holiday_list.hpp"

#include <utility>

namespace sauda::instruments {

std::vector<Holiday> HolidaysOf(const calendar::Calendar& calendar, int year) {
  std::vector<Holiday> holidays;
  for (auto& special : calendar.SpecialDays({year, 1, 1}, {year, 12, 31})) {
    if (holidays.empty() || holidays.back().date != special.date) {
      holidays.push_back({.date = special.date});
      // Exchanges of which nothing is said are as always.
      for (const calendar::Segment segment : calendar::kAllSegments) {
        auto day = calendar.On(segment, special.date);
        if (day.origin == calendar::DayOrigin::kRules && !day.sessions.empty()) {
          holidays.back().open.emplace_back(segment, std::move(day));
        }
      }
    }
    Holiday& holiday = holidays.back();
    if (special.day.origin >= holiday.origin && !special.day.why.empty()) {
      holiday.description = special.day.why;
      holiday.origin = special.day.origin;
    }
    if (special.day.sessions.empty()) {
      holiday.closed.push_back(special.segment);
    } else if (special.day.origin != calendar::DayOrigin::kRules) {
      holiday.open.emplace_back(special.segment, std::move(special.day));
    }
  }
  // Other hours alone, such as a summer's, are no holiday.
  std::erase_if(holidays, [](const Holiday& each) { return each.description.empty(); });
  return holidays;
}

}  // namespace sauda::instruments
