#pragma once

#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// Whether a new order may go, by the account's rules and what is known now. Says the first that
/// refuses, in this order:
///
///  1. the order itself: kInvalidArgument / RISK_ORDER_INVALID for what the desk's own checks let
///     nobody send: an enum, quantity or price out of the contract
///  2. kKilled: RISK_DAILY_LOSS_KILL
///  3. session_rules.hpp: RISK_MARKET_CLOSED, RISK_MCX_NOT_AVAILABLE, ...
///  4. RISK_MAX_ORDER_QUANTITY, RISK_MAX_ORDER_VALUE, RISK_PRICE_BAND_PERCENT,
///     RISK_MAX_OPEN_ORDERS
///  5. unless the order reduces: RISK_DAILY_LOSS_REDUCE_ONLY, RISK_MAX_ORDERS_PER_DAY,
///     RISK_MAX_DAY_TURNOVER, RISK_MAX_POSITION_QUANTITY, RISK_MAX_POSITION_VALUE
///  6. RISK_DUPLICATE, last, so that nobody confirms in vain
///
/// All are kFailedPrecondition; kUnavailable / RISK_INPUT_MISSING when a rule that is set cannot
/// read what it needs. The message names order, rule, limit and value. A loss over a limit counts
/// here at once, whether or not JudgeDay has moved the mode yet.
///
/// An order reduces when it can only bring the position nearer to flat, also after the open orders
/// that do so already; nobody is kept in a position by a loss, a day's sum or a position that is
/// too large, nor by a profit that cannot be read. When the mode is kKilled it is refused like any
/// other.
///
/// A modify is checked as the order it would become, with its own quantity left out of the inputs.
Result<void> CheckRisk(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                       const Instrument& instrument);

}  // namespace sauda::orders
