#pragma once

#include <vector>

#include "libs/calendar/calendar.hpp"
#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::instruments {

/// What the broker's holidays make of the exchanges' days. Exchanges that are not known, dates that
/// are none and hours that are not of that day are left out: what is left counts.
std::vector<calendar::SpecialDay> DaysOf(const std::vector<BrokerHoliday>& holidays);

/// The exchanges whose hours on `date` are other than `known` says. An empty list says nothing: a
/// holiday is in the list of holidays.
std::vector<calendar::SpecialDay> DaysOf(calendar::IstDate date,
                                         const std::vector<BrokerHours>& timings,
                                         const calendar::Calendar& known);

}  // namespace sauda::instruments
