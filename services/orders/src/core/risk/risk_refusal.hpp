#pragma once

#include <string>
#include <string_view>

#include "libs/base/amount.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// The words of a refusal: "buy 75 NSE_FO|53001".
std::string Describe(const NewOrder& order, const Instrument& instrument);

/// kFailedPrecondition and the rule's reason; names order, rule, value and limit. `value` is in the
/// rule's unit.
Error OverRiskLimit(RiskRule rule, const RiskLimit& limit, Amount value, std::string_view order);

/// kUnavailable / RISK_INPUT_MISSING: `rule` needs `input`, which cannot be read. Fails closed.
Error RiskInputMissing(std::string_view rule, std::string_view input);
inline Error RiskInputMissing(RiskRule rule, std::string_view input) {
  return RiskInputMissing(InfoOf(rule).name, input);
}

}  // namespace sauda::orders
