#include "services/orders/src/core/risk/risk_rules.hpp"

#include <algorithm>
#include <array>

#include "libs/base/check.hpp"

namespace sauda::orders {
namespace {

/// The segments that take orders (upstox-api.md 6.6). A misspelt one would be a limit that never
/// counts.
constexpr std::array<std::string_view, 8> kTradingSegments{"NSE_EQ", "BSE_EQ", "NSE_FO", "BSE_FO",
                                                           "NCD_FO", "BCD_FO", "MCX_FO", "NSE_COM"};

RiskSetting Default(std::string segment, RiskRule rule, std::int64_t value) {
  return {.segment = std::move(segment), .rule = rule, .value = Decimal::FromUnits(value)};
}

Result<void> CheckScope(const RiskSetting& setting) {
  if (setting.segment.empty()) return {};
  const auto refuse = [&](const std::string& why) {
    return Error{Code::kInvalidArgument, "RISK_SCOPE_INVALID",
                 std::string{InfoOf(setting.rule).name} + " of '" + setting.segment.substr(0, 40) +
                     "': " + why};
  };
  if (std::find(kTradingSegments.begin(), kTradingSegments.end(), setting.segment) ==
      kTradingSegments.end()) {
    return refuse("not a segment that takes orders");
  }
  if (InfoOf(setting.rule).span == RiskSpan::kAccount) {
    return refuse("the rule is of the account as a whole; set it without a segment");
  }
  return {};
}

/// A rule that is taken away must be one, too.
Result<void> CheckSetting(const RiskSetting& setting) {
  const std::int64_t least = 1;  // in the range of every rule
  if (auto value = CheckRiskValue(setting.rule, setting.value.value_or(Decimal::FromUnits(least)));
      !value) {
    return value;
  }
  return CheckScope(setting);
}

Result<void> CheckTogether(const RiskRules& rules) {
  const auto reduce_only = rules.Own("", RiskRule::kDailyLossReduceOnly);
  const auto kill = rules.Own("", RiskRule::kDailyLossKill);
  if (!reduce_only || !kill || *kill >= *reduce_only) return {};
  return Error{Code::kInvalidArgument, "RISK_VALUE_INVALID",
               "daily_loss_kill: " + kill->ToString() +
                   " rupees is below daily_loss_reduce_only, " + reduce_only->ToString() +
                   " rupees; set both at once"};
}

}  // namespace

RiskRules RiskRules::Defaults() {
  using enum RiskRule;
  static const std::array defaults{
      Default("", kMaxOrderValue, 500'000),      Default("", kMaxOrderQuantity, 5'000),
      Default("", kMaxPositionQuantity, 10'000), Default("", kMaxPositionValue, 1'000'000),
      Default("", kMaxOpenOrders, 20),           Default("", kPriceBandPercent, 5),
      Default("", kDailyLossReduceOnly, 10'000), Default("", kDailyLossKill, 20'000),
      Default("", kDuplicateSeconds, 5),         Default("", kMaxDayTurnover, 5'000'000),
      Default("", kMaxOrdersPerDay, 200),        Default("", kAllowAfterMarket, 0),
      Default("", kMaxPriceAgeSeconds, 60),      Default("NSE_FO", kPriceBandPercent, 20),
      Default("BSE_FO", kPriceBandPercent, 20),
  };
  RiskRules rules;
  Check(rules.Apply(defaults).has_value(), "the defaults may be set");
  return rules;
}

Result<std::vector<RiskChange>> RiskRules::Apply(std::span<const RiskSetting> settings) {
  RiskRules next = *this;
  for (const RiskSetting& setting : settings) {
    if (const auto checked = CheckSetting(setting); !checked) return checked.error();
    Values& values = next.scopes_[setting.segment];
    values.erase(setting.rule);
    if (setting.value) values.emplace(setting.rule, *setting.value);
  }
  if (const auto together = CheckTogether(next); !together) return together.error();
  std::erase_if(next.scopes_, [](const auto& scope) { return scope.second.empty(); });
  std::map<std::pair<std::string, RiskRule>, RiskChange> changes;
  for (const auto& [segment, rule, value] : settings) {
    const auto before = Own(segment, rule);
    const auto after = next.Own(segment, rule);
    if (before == after) continue;
    changes[{segment, rule}] = {.segment = segment, .rule = rule, .before = before, .after = after};
  }
  *this = std::move(next);
  std::vector<RiskChange> told;
  told.reserve(changes.size());
  for (auto& [key, change] : changes) told.push_back(std::move(change));
  return told;
}

std::optional<RiskLimit> RiskRules::For(std::string_view segment, RiskRule rule) const {
  if (const auto own = Own(segment, rule)) return RiskLimit{.value = *own, .segment = segment};
  if (const auto own = Own("", rule)) return RiskLimit{.value = *own, .segment = ""};
  return std::nullopt;
}

std::optional<Decimal> RiskRules::Own(std::string_view segment, RiskRule rule) const {
  const auto scope = scopes_.find(segment);
  if (scope == scopes_.end()) return std::nullopt;
  const auto value = scope->second.find(rule);
  if (value == scope->second.end()) return std::nullopt;
  return value->second;
}

std::vector<RiskSetting> RiskRules::All() const {
  std::vector<RiskSetting> all;
  for (const auto& [segment, values] : scopes_) {
    for (const auto& [rule, value] : values) {
      all.push_back({.segment = segment, .rule = rule, .value = value});
    }
  }
  return all;
}

Result<RiskSetting> ReadRiskSetting(std::string_view segment, std::string_view rule,
                                    std::string_view value) {
  const auto named = RiskRuleNamed(rule);
  if (!named) return named.error();
  const auto number = Decimal::Parse(value);
  if (!number) {
    return Error{Code::kInvalidArgument, "RISK_VALUE_INVALID",
                 std::string{rule} + ": " + number.error().message};
  }
  return RiskSetting{.segment = std::string{segment}, .rule = *named, .value = *number};
}

std::string_view SegmentOfKey(std::string_view key) {
  const std::size_t bar = key.find('|');
  return bar == std::string_view::npos ? std::string_view{} : key.substr(0, bar);
}

}  // namespace sauda::orders
