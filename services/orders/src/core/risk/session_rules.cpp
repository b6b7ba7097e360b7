#include "services/orders/src/core/risk/session_rules.hpp"

#include <array>
#include <string>

#include "services/orders/src/core/risk/risk_refusal.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kClosingAuctionsFromMs = 1'785'695'400'000;  // 2026-08-03 00:00 IST
constexpr std::int64_t kMsPerMinute = 60'000;

constexpr std::array<SessionRule, 4> kSessionRules{{
    {.reason = "RISK_MCX_NOT_AVAILABLE",
     .segment = "MCX_FO",
     .refuses = [](const NewOrder&) { return true; },
     .why = "the broker takes no MCX orders through its API (UDAPI1161)"},
    {.reason = "RISK_STOP_IN_CLOSING_AUCTION",
     .from_ms = kClosingAuctionsFromMs,
     .phase = MarketPhase::kClosingAuction,
     .refuses = [](const NewOrder& order) { return HasTrigger(order.type); },
     .why = "the closing auction takes no stop orders; place a limit order"},
    {.reason = "RISK_IOC_IN_CLOSING_AUCTION",
     .from_ms = kClosingAuctionsFromMs,
     .phase = MarketPhase::kClosingAuction,
     .refuses = [](const NewOrder& order) { return order.validity == Validity::kIoc; },
     .why = "the closing auction takes no IOC orders; place it for the day"},
    {.reason = "RISK_MARKET_ORDER_IN_PRE_OPEN",
     .phase = MarketPhase::kPreOpen,
     .refuses = [](const NewOrder& order) { return order.type == OrderType::kMarket; },
     .why = "before the opening nothing bounds the price of a market order; give it a limit"},
}};

bool Holds(const SessionRule& rule, const NewOrder& order, std::string_view segment,
           MarketPhase phase, std::int64_t market_ms) {
  return market_ms >= rule.from_ms && market_ms < rule.until_ms &&
         (!rule.phase || *rule.phase == phase) &&
         (rule.segment.empty() || rule.segment == segment) && rule.refuses(order);
}

bool IsPhase(MarketPhase phase) {
  switch (phase) {
    case MarketPhase::kClosed:
    case MarketPhase::kPreOpen:
    case MarketPhase::kOpen:
    case MarketPhase::kClosingAuction:
      return true;
    case MarketPhase::kUnknown:
      break;
  }
  return false;
}

std::string WhenOpen(const MarketState& market, std::int64_t market_ms) {
  if (!market.opens_ms || *market.opens_ms <= market_ms) return "";
  const std::int64_t minutes = (*market.opens_ms - market_ms + kMsPerMinute - 1) / kMsPerMinute;
  return "; it opens in " + std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) +
         " min";
}

Result<void> CheckMarketHours(const RiskRules& rules, const MarketState& market,
                              std::int64_t market_ms, std::string_view segment,
                              const std::string& order) {
  if (market.phase != MarketPhase::kClosed) return {};
  const auto allowed = rules.For(segment, RiskRule::kAllowAfterMarket);
  if (allowed && allowed->value == Decimal::FromUnits(1)) return {};
  const RiskRuleInfo& rule = InfoOf(RiskRule::kAllowAfterMarket);
  return Error{Code::kFailedPrecondition, std::string{rule.reason},
               order + ": " + std::string{segment} + " is closed and " + std::string{rule.name} +
                   " is not 1" + WhenOpen(market, market_ms)};
}

}  // namespace

std::span<const SessionRule> SessionRules() { return kSessionRules; }

Result<void> CheckSession(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                          const Instrument& instrument) {
  if (!inputs.market_ms || *inputs.market_ms <= 0) {
    return RiskInputMissing("market_hours", "the market clock");
  }
  if (!inputs.market || !IsPhase(inputs.market->phase)) {
    return RiskInputMissing("market_hours", "the phase of the market");
  }
  const std::string_view segment = SegmentOfKey(instrument.key);
  const std::string name = Describe(order, instrument);
  for (const SessionRule& rule : kSessionRules) {
    if (!Holds(rule, order, segment, inputs.market->phase, *inputs.market_ms)) continue;
    return Error{Code::kFailedPrecondition, std::string{rule.reason},
                 name + ": " + std::string{rule.why}};
  }
  return CheckMarketHours(rules, *inputs.market, *inputs.market_ms, segment, name);
}

}  // namespace sauda::orders
