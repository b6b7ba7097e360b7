#pragma once

#include <cstdint>
#include <string_view>

#include "libs/base/amount.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// Percent of protection that an order without a limit is taken to have when it names none: what
/// the paper engine gives; the broker does not tell its own.
inline constexpr std::int32_t kAssumedProtectionPercent = 5;

/// What the rules measure of one order, each in its rule's unit. Those that can miss an input name
/// the rule which asks: they fail with kUnavailable / RISK_INPUT_MISSING. The arguments outlive it;
/// the order is one that CheckRisk finds sound.
class RiskMeasures {
 public:
  RiskMeasures(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
               std::string_view segment)
      : rules_{rules}, inputs_{inputs}, order_{order}, segment_{segment} {}

  /// Units of the order.
  Result<Amount> OrderQuantity(RiskRule asks) const;

  /// Rupees. A buy with a limit cannot cost more than it; a sell with one may fetch the market's
  /// price where that is higher; without a limit it is the last price or the trigger, whichever is
  /// higher, plus the protection.
  Result<Amount> OrderValue(RiskRule asks) const;

  /// Units of the position on the order's side when it and the open orders of that side are filled;
  /// 0 when that does not go beyond flat.
  Result<Amount> PositionQuantity(RiskRule asks) const;

  /// Rupees of that position at the highest of last price, limit and trigger; without a limit plus
  /// the protection.
  Result<Amount> PositionValue(RiskRule asks) const;

  /// Percent between the last price and the limit or trigger, whichever is farther, rounded up to
  /// 10^-9; without a limit at least the protection.
  Result<Amount> PriceDistance(RiskRule asks) const;

  /// Whether the order can do nothing but bring the position nearer to flat, also when the open
  /// orders that do so are filled before it. False when that cannot be told.
  bool Reduces() const;

  /// Fails when position or open orders cannot be read.
  Result<void> CheckPositionReadable(RiskRule asks) const;

 private:
  std::string_view UnreadablePosition() const;  // names the input; empty: it can be read
  Result<Decimal> Last(RiskRule asks) const;
  Result<std::int64_t> UnitsBeyondFlat(RiskRule asks) const;
  Result<Amount> AtWorst(std::int64_t units, RiskRule asks) const;
  std::int32_t ProtectionPercent() const;

  const RiskRules& rules_;
  const RiskInputs& inputs_;
  const NewOrder& order_;
  std::string_view segment_;
};

}  // namespace sauda::orders
