#pragma once

#include <string>
#include <vector>

#include "libs/calendar/calendar.hpp"

namespace sauda::instruments {

/// One date on which some exchange does not keep its regular hours.
struct Holiday {
  calendar::IstDate date;
  std::string description;  // of the most certain origin
  std::vector<calendar::Segment> closed;
  /// Those that trade on it all the same, at whatever hours.
  std::vector<std::pair<calendar::Segment, calendar::Day>> open;
  calendar::DayOrigin origin = calendar::DayOrigin::kRules;
};

/// The special days of a year, by date. Weekends on which nothing trades are none.
std::vector<Holiday> HolidaysOf(const calendar::Calendar& calendar, int year);

}  // namespace sauda::instruments
