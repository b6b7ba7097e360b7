#include "services/orders/src/core/risk/trip_wire.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sauda::orders {
namespace {

/// What cannot be read is kept as the strictest.
RiskMode KnownMode(RiskMode mode) {
  return mode == RiskMode::kNormal || mode == RiskMode::kReduceOnly ? mode : RiskMode::kKilled;
}

bool IsAccountSum(const std::optional<Amount>& sum) {
  return sum && *sum <= kMostRiskSum && *sum >= -kMostRiskSum;
}

}  // namespace

std::optional<Amount> LossOf(const DayProfit& profit) {
  if (!IsAccountSum(profit.realised) || !IsAccountSum(profit.unrealised)) return std::nullopt;
  return -(*profit.realised + *profit.unrealised);
}

LossVerdict JudgeLoss(const RiskRules& rules, const DayProfit& profit) {
  constexpr std::array kStrictestFirst{
      std::pair{RiskRule::kDailyLossKill, RiskMode::kKilled},
      std::pair{RiskRule::kDailyLossReduceOnly, RiskMode::kReduceOnly}};
  const auto loss = LossOf(profit);
  for (const auto& [rule, mode] : kStrictestFirst) {
    const auto limit = rules.Own("", rule);
    if (!limit) continue;
    if (!loss) return {.mode = std::nullopt, .why = ""};
    if (*loss <= *limit) continue;
    return {.mode = mode,
            .why = std::string{InfoOf(rule).name} + ": a loss of " + loss->ToString() +
                   " rupees today, at most " + limit->ToString() + " rupees"};
  }
  return {.mode = RiskMode::kNormal, .why = ""};
}

TripOutcome JudgeDay(const RiskRules& rules, const TripState& previous, const DayProfit& profit,
                     std::int64_t market_day) {
  const RiskMode before = KnownMode(previous.mode);
  LossVerdict verdict = JudgeLoss(rules, profit);
  if (!verdict.mode) {
    return {.state = {.mode = before, .market_day = previous.market_day},
            .changed = before != previous.mode};
  }
  const bool new_day = market_day > previous.market_day;
  const bool reset = new_day && before == RiskMode::kReduceOnly;
  const RiskMode kept = reset ? RiskMode::kNormal : before;
  const RiskMode mode = std::max(kept, *verdict.mode);
  if (mode == kept) verdict.why.clear();
  return {.state = {.mode = mode, .market_day = std::max(market_day, previous.market_day)},
          .changed = mode != previous.mode,
          .judged = true,
          .why = std::move(verdict.why)};
}

}  // namespace sauda::orders
