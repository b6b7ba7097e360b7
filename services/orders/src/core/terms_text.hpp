#pragma once

#include <optional>
#include <string>

#include "services/orders/src/core/order.hpp"

namespace sauda::orders {

/// Terms as the event of a modify keeps them: `quantity 8 type 2 price 382.05 trigger - validity
/// 1`, with the numbers of the ledger's columns.
std::string ToText(const Terms& terms);

/// Reads them back; absent for any other text.
std::optional<Terms> TermsOf(const std::string& text);

}  // namespace sauda::orders
