#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"

namespace sauda::orders {

/// What can be limited. Rules are stored by name; the numbers are for this process. 0 is none.
enum class RiskRule : std::uint8_t {
  kMaxOrderValue = 1,
  kMaxOrderQuantity,
  kMaxPositionQuantity,
  kMaxPositionValue,
  kMaxOpenOrders,
  kPriceBandPercent,
  kDailyLossReduceOnly,
  kDailyLossKill,
  kDuplicateSeconds,
  kMaxDayTurnover,
  kMaxOrdersPerDay,
  kAllowAfterMarket,
  kMaxPriceAgeSeconds,
};

/// What a rule's value counts. Rupees and percent have up to two decimals, the others none.
enum class RiskUnit : std::uint8_t {
  kRupees,
  kUnits,  ///< shares, or a contract's units: quantity times RiskInputs::units_per_quantity
  kCount,
  kPercent,
  kSeconds,
  kFlag,  ///< 0 or 1
};

/// What the value of a segment means beside the account's own.
enum class RiskSpan : std::uint8_t {
  kOrder,    ///< measures one order or instrument: the segment's value stands in for the account's
  kTotal,    ///< measures a sum: the segment's value limits its own sum, the account's still counts
  kAccount,  ///< of the account as a whole: a segment cannot have one
};

/// One line of the table of rules. A limit is the most that is allowed: what is equal to it passes,
/// what is above is refused; 0 allows none. A rule that is not set does not limit.
struct RiskRuleInfo {
  RiskRule rule;
  std::string_view name;    ///< for people and the API: `max_order_value`
  std::string_view reason;  ///< of a refusal: `RISK_MAX_ORDER_VALUE`
  RiskUnit unit;
  RiskSpan span;
  std::int64_t least;  ///< smallest value that may be set
  std::int64_t most;   ///< largest
  std::string_view meaning;
  std::string_view when_over;  ///< what happens then
};

/// All rules, in the order of the enumerators.
std::span<const RiskRuleInfo> AllRiskRules();

/// The rule's line of the table. The rule is one of the enumerators.
const RiskRuleInfo& InfoOf(RiskRule rule);

/// Fails with kInvalidArgument / RISK_RULE_UNKNOWN.
Result<RiskRule> RiskRuleNamed(std::string_view name);

/// "rupees", "units", ...; empty for counts and flags.
std::string_view NameOf(RiskUnit unit);

/// Whether the rule may have this value: in its range and in whole steps of its unit. Fails with
/// kInvalidArgument / RISK_VALUE_INVALID, or RISK_RULE_UNKNOWN for a rule that is no enumerator.
Result<void> CheckRiskValue(RiskRule rule, Decimal value);

}  // namespace sauda::orders
