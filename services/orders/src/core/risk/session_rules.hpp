#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// A kind of order that is refused for a time, in some phase or segment.
struct SessionRule {
  static constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kForNow = std::numeric_limits<std::int64_t>::max();

  std::string_view reason;           ///< of the refusal
  std::int64_t from_ms = kAlways;    ///< market clock, UTC; holds from then on,
  std::int64_t until_ms = kForNow;   ///< and not any more then
  std::optional<MarketPhase> phase;  ///< absent: in each
  std::string_view segment;          ///< empty: in each
  bool (*refuses)(const NewOrder&) = nullptr;
  std::string_view why;  ///< for people
};

/// What the market does not take, as dated cases; the first that holds is told:
///
/// | reason | from | what | source |
/// |---|---|---|---|
/// | RISK_MCX_NOT_AVAILABLE | always | any order on MCX_FO | broker's UDAPI1161 |
/// | RISK_STOP_IN_CLOSING_AUCTION | 2026-08-03 | stop orders in the closing auction | broker's
/// documents | | RISK_IOC_IN_CLOSING_AUCTION | 2026-08-03 | IOC in the closing auction | broker's
/// documents | | RISK_MARKET_ORDER_IN_PRE_OPEN | always | market orders in the pre-open: nothing
/// bounds their price | ours |
std::span<const SessionRule> SessionRules();

/// Whether an order of this kind may go now: the market is open, or allow_after_market is 1, and no
/// session rule refuses it. Fails with kFailedPrecondition: RISK_MARKET_CLOSED or a reason above;
/// kUnavailable / RISK_INPUT_MISSING: market clock or phase cannot be read.
Result<void> CheckSession(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                          const Instrument& instrument);

}  // namespace sauda::orders
