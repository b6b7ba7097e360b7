#pragma once

#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// Asks for a confirmation when an order of equal side, instrument and quantity, at whatever price,
/// went within duplicate_seconds. One that seems to be of the future, by a clock that was put back,
/// counts as just sent. Fails with kFailedPrecondition / RISK_DUPLICATE, or kUnavailable /
/// RISK_INPUT_MISSING.
Result<void> CheckDuplicate(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                            const Instrument& instrument);

}  // namespace sauda::orders
