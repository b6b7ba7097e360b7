#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/scenarios/side.hpp"

namespace sauda::scenarios {

/// Why an order was refused, rejected or cancelled, in one word for all who say it: a reason of
/// ours, a code of the broker, a text of the exchange. Empty for no reason; `unmapped: ...` for one
/// that the table does not know, which no scenario expects.
std::string ClassOf(std::string_view reason, std::string_view message);

/// Runs a scenario on one side and gives what became of each order, as the files write it: states
/// and answers in their order, then fills. `PENDING OPEN +modify FILLED | 65@100.05`.
std::map<std::string, std::string> Play(const Scenario& scenario, Side& side);

}  // namespace sauda::scenarios
