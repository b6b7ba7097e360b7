#pragma once

#include <string>

#include "libs/calendar/ist.hpp"

namespace sauda::instruments {

/// A small master for working without the broker: four indices, twelve shares, and on two of the
/// indices and three of the shares futures and options of the next three months, by the broker's
/// JSON. Keys of indices and shares, lots and steps are real (master of August 2026); tokens and
/// prices of contracts are made up. Expiries are the last Tuesdays of the months.
std::string SampleMaster(const calendar::IstDate& today);

}  // namespace sauda::instruments
