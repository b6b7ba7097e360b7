#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/risk/risk_rule.hpp"

namespace sauda::orders {

/// One value as it is set and stored.
struct RiskSetting {
  std::string segment;  ///< `NSE_FO`; empty: the account's own
  RiskRule rule{};
  std::optional<Decimal> value;  ///< absent: the rule is taken away

  friend bool operator==(const RiskSetting&, const RiskSetting&) = default;
};

/// What a setting has changed; for the audit.
struct RiskChange {
  std::string segment;
  RiskRule rule{};
  std::optional<Decimal> before;  ///< absent: was not set
  std::optional<Decimal> after;   ///< absent: is not set any more

  friend bool operator==(const RiskChange&, const RiskChange&) = default;
};

/// A limit in force, and where it is from.
struct RiskLimit {
  Decimal value;
  std::string_view segment;  ///< empty: the account's own; lives as long as the asked-for text
};

/// The limits of one account: values by segment and rule. A value; it is changed by replacing it.
///
/// A fresh account has those of Defaults; the owner raises what is too tight (one lot of an index
/// future is above the order value):
///
/// | rule | account | NSE_FO, BSE_FO |
/// |---|---|---|
/// | max_order_value | 500 000 rupees | |
/// | max_order_quantity | 5 000 units | |
/// | max_position_quantity | 10 000 units | |
/// | max_position_value | 1 000 000 rupees | |
/// | max_open_orders | 20 | |
/// | price_band_percent | 5 | 20, since premiums move far |
/// | daily_loss_reduce_only | 10 000 rupees | |
/// | daily_loss_kill | 20 000 rupees | |
/// | duplicate_seconds | 5 | |
/// | max_day_turnover | 5 000 000 rupees | |
/// | max_orders_per_day | 200 | |
/// | allow_after_market | 0 | |
/// | max_price_age_seconds | 60 | |
class RiskRules {
 public:
  /// Without a rule: nothing is limited. What is stored is applied to this one.
  RiskRules() = default;
  static RiskRules Defaults();

  /// Sets all of these, the later of two alike counting, or none; tells what is different now. Two
  /// values that bound each other are judged together. Fails with kInvalidArgument:
  /// RISK_RULE_UNKNOWN; RISK_SCOPE_INVALID: no segment that trades, or a rule of the account as a
  /// whole; RISK_VALUE_INVALID: out of range, not in whole steps, or a daily_loss_kill below
  /// daily_loss_reduce_only.
  Result<std::vector<RiskChange>> Apply(std::span<const RiskSetting> settings);

  /// The limit of an order or instrument of this segment: the segment's value, else the account's;
  /// absent: there is none.
  std::optional<RiskLimit> For(std::string_view segment, RiskRule rule) const;

  /// The value of this scope itself; absent: it is not set there.
  std::optional<Decimal> Own(std::string_view segment, RiskRule rule) const;

  /// Every value, the account's first, then by segment and rule; applied to no rules they make
  /// these again.
  std::vector<RiskSetting> All() const;

  friend bool operator==(const RiskRules&, const RiskRules&) = default;

 private:
  using Values = std::map<RiskRule, Decimal>;

  std::map<std::string, Values, std::less<>> scopes_;  // no scope is empty
};

/// Reads a setting as the API has it. Fails with kInvalidArgument / RISK_RULE_UNKNOWN, or
/// RISK_VALUE_INVALID when the text is no number; the rest is Apply's.
Result<RiskSetting> ReadRiskSetting(std::string_view segment, std::string_view rule,
                                    std::string_view value);

/// The part of an instrument key before the `|`; empty: there is none.
std::string_view SegmentOfKey(std::string_view key);

}  // namespace sauda::orders
