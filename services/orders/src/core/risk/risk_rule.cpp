#include "services/orders/src/core/risk/risk_rule.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "libs/base/check.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kMostRupees = 9'000'000'000;  // what a Decimal holds
constexpr std::int64_t kMostRuleUnits = 9'000'000'000;
constexpr std::int64_t kMostCount = 100'000;
constexpr std::string_view kRefused = "the order is refused";
constexpr std::string_view kRefusedUnlessReducing =
    "an order that does not only reduce a position is refused";

using enum RiskUnit;
using Span = RiskSpan;

constexpr std::array<RiskRuleInfo, 13> kRiskRules{{
    {RiskRule::kMaxOrderValue, "max_order_value", "RISK_MAX_ORDER_VALUE", kRupees, Span::kOrder, 0,
     kMostRupees,
     "value of one order: a buy at its limit, a sell at its limit or the last price, whichever is "
     "higher, without a limit at the last price or trigger plus its protection",
     kRefused},
    {RiskRule::kMaxOrderQuantity, "max_order_quantity", "RISK_MAX_ORDER_QUANTITY", kUnits,
     Span::kOrder, 0, kMostRuleUnits, "quantity of one order", kRefused},
    {RiskRule::kMaxPositionQuantity, "max_position_quantity", "RISK_MAX_POSITION_QUANTITY", kUnits,
     Span::kOrder, 0, kMostRuleUnits,
     "position in one instrument and product, long or short, once the order and the open ones on "
     "its side are filled",
     kRefusedUnlessReducing},
    {RiskRule::kMaxPositionValue, "max_position_value", "RISK_MAX_POSITION_VALUE", kRupees,
     Span::kOrder, 0, kMostRupees,
     "the same position at the last price or the order's, whichever is higher",
     kRefusedUnlessReducing},
    {RiskRule::kMaxOpenOrders, "max_open_orders", "RISK_MAX_OPEN_ORDERS", kCount, Span::kTotal, 0,
     kMostCount, "open orders, this one included", kRefused},
    {RiskRule::kPriceBandPercent, "price_band_percent", "RISK_PRICE_BAND_PERCENT", kPercent,
     Span::kOrder, 0, 100,
     "distance of a limit or trigger from the last price, either way, and protection of an order "
     "without a limit",
     kRefused},
    {RiskRule::kDailyLossReduceOnly, "daily_loss_reduce_only", "RISK_DAILY_LOSS_REDUCE_ONLY",
     kRupees, Span::kAccount, 0, kMostRupees, "loss of the day, realised and unrealised",
     "for the rest of the day only orders that reduce a position pass"},
    {RiskRule::kDailyLossKill, "daily_loss_kill", "RISK_DAILY_LOSS_KILL", kRupees, Span::kAccount,
     0, kMostRupees,
     "loss of the day, realised and unrealised; at least that of daily_loss_reduce_only",
     "no order passes until a person re-arms the account"},
    {RiskRule::kDuplicateSeconds, "duplicate_seconds", "RISK_DUPLICATE", kSeconds, Span::kOrder, 1,
     3'600, "time in which a second order of equal side, instrument and quantity is doubted",
     "the order is refused unless it is confirmed"},
    {RiskRule::kMaxDayTurnover, "max_day_turnover", "RISK_MAX_DAY_TURNOVER", kRupees, Span::kTotal,
     0, kMostRupees, "value traded today and still open, this order included",
     kRefusedUnlessReducing},
    {RiskRule::kMaxOrdersPerDay, "max_orders_per_day", "RISK_MAX_ORDERS_PER_DAY", kCount,
     Span::kTotal, 0, kMostCount, "orders placed today, this one included", kRefusedUnlessReducing},
    {RiskRule::kAllowAfterMarket, "allow_after_market", "RISK_MARKET_CLOSED", kFlag, Span::kOrder,
     0, 1, "1: orders are taken while the market is closed; not set: as 0", kRefused},
    {RiskRule::kMaxPriceAgeSeconds, "max_price_age_seconds", "RISK_INPUT_MISSING", kSeconds,
     Span::kOrder, 1, 86'400, "time since the feed last stood by the last price",
     "the price counts as not known, and what needs it is refused"},
}};

/// Its place in the table; beyond it for what is no rule.
constexpr std::size_t IndexOf(RiskRule rule) { return static_cast<std::size_t>(rule) - 1; }

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kRiskRules.size(); ++i) {
    if (IndexOf(kRiskRules[i].rule) != i) return false;
  }
  return true;
}
static_assert(InOrder(), "a rule is found by its number");

bool IsRiskRule(RiskRule rule) { return IndexOf(rule) < kRiskRules.size(); }

Decimal StepOf(RiskUnit unit) {
  constexpr std::int64_t kHundredth = Decimal::kNanosPerUnit / 100;
  const bool fine = unit == kRupees || unit == kPercent;
  return fine ? Decimal::FromNanos(kHundredth) : Decimal::FromUnits(1);
}

}  // namespace

std::span<const RiskRuleInfo> AllRiskRules() { return kRiskRules; }

const RiskRuleInfo& InfoOf(RiskRule rule) {
  Check(IsRiskRule(rule), "a rule is one of the table");
  return kRiskRules.at(IndexOf(rule));
}

Result<RiskRule> RiskRuleNamed(std::string_view name) {
  const auto* const found = std::find_if(kRiskRules.begin(), kRiskRules.end(),
                                         [name](const auto& info) { return info.name == name; });
  if (found != kRiskRules.end()) return found->rule;
  return Error{Code::kInvalidArgument, "RISK_RULE_UNKNOWN",
               "no risk rule '" + std::string{name.substr(0, 40)} + "'"};
}

std::string_view NameOf(RiskUnit unit) {
  switch (unit) {
    case kRupees:
      return "rupees";
    case kUnits:
      return "units";
    case kPercent:
      return "percent";
    case kSeconds:
      return "seconds";
    case kCount:
    case kFlag:
      break;
  }
  return "";
}

Result<void> CheckRiskValue(RiskRule rule, Decimal value) {
  if (!IsRiskRule(rule)) {
    return Error{Code::kInvalidArgument, "RISK_RULE_UNKNOWN", "no risk rule of this number"};
  }
  const RiskRuleInfo& info = InfoOf(rule);
  const Decimal step = StepOf(info.unit);
  if (value >= Decimal::FromUnits(info.least) && value <= Decimal::FromUnits(info.most) &&
      value.IsMultipleOf(step)) {
    return {};
  }
  const std::string unit = info.unit == kFlag ? "" : " " + std::string{NameOf(info.unit)};
  return Error{Code::kInvalidArgument, "RISK_VALUE_INVALID",
               std::string{info.name} + ": " + value.ToString() + " is not one of " +
                   std::to_string(info.least) + " to " + std::to_string(info.most) + unit +
                   " in steps of " + step.ToString()};
}

}  // namespace sauda::orders
