#pragma once

#include <optional>
#include <vector>

#include "libs/calendar/calendar.hpp"

namespace sauda::calendar {

/// What the rules make of a day: regular hours, weekends, the shipped holidays and special
/// sessions. No hours: closed all day.
std::optional<Hours> RuleHours(Segment segment, IstDate date);
/// The same, with why.
Day RuleFor(Segment segment, IstDate date);

/// The dates that are shipped as holidays or special sessions, in order.
std::vector<IstDate> ShippedDates();

}  // namespace sauda::calendar
