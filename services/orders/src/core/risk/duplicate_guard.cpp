#include "services/orders/src/core/risk/duplicate_guard.hpp"

#include <algorithm>
#include <string>

#include "services/orders/src/core/risk/risk_refusal.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kNanosPerMs = 1'000'000;

}  // namespace

Result<void> CheckDuplicate(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                            const Instrument& instrument) {
  constexpr auto kRule = RiskRule::kDuplicateSeconds;
  const auto limit = rules.For(SegmentOfKey(instrument.key), kRule);
  if (!limit || inputs.duplicate_confirmed) return {};
  if (!inputs.recent) return RiskInputMissing(kRule, "the recent orders");
  if (!inputs.wall_ms || *inputs.wall_ms <= 0) return RiskInputMissing(kRule, "the wall clock");
  const std::int64_t since_ms = *inputs.wall_ms - limit->value.nanos() / kNanosPerMs;
  const auto equal = [&](const RecentOrder& other) {
    return other.placed_ms >= since_ms && other.side == order.side &&
           other.quantity == order.quantity && other.instrument_key == instrument.key;
  };
  const auto found = std::find_if(inputs.recent->begin(), inputs.recent->end(), equal);
  if (found == inputs.recent->end()) return {};
  const std::int64_t ago_ms = *inputs.wall_ms - std::min(found->placed_ms, *inputs.wall_ms);
  const RiskRuleInfo& rule = InfoOf(kRule);
  return Error{Code::kFailedPrecondition, std::string{rule.reason},
               Describe(order, instrument) + ": the same went " +
                   Decimal::FromNanos(ago_ms * kNanosPerMs).ToString() + " seconds ago, " +
                   std::string{rule.name} + " is " + limit->value.ToString() +
                   "; when both are meant, ask again with confirm_duplicate"};
}

}  // namespace sauda::orders
