#include "services/orders/src/core/risk/risk_check.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "services/orders/src/core/risk/duplicate_guard.hpp"
#include "services/orders/src/core/risk/risk_measures.hpp"
#include "services/orders/src/core/risk/risk_refusal.hpp"
#include "services/orders/src/core/risk/session_rules.hpp"
#include "services/orders/src/core/risk/trip_wire.hpp"

namespace sauda::orders {
namespace {

constexpr std::int32_t kMostProtectionPercent = 25;

bool HasKnownEnums(const NewOrder& order) {
  const bool side = order.side == Side::kBuy || order.side == Side::kSell;
  const bool type = order.type >= OrderType::kMarket && order.type <= OrderType::kStopMarket;
  const bool product = order.product >= Product::kIntraday && order.product <= Product::kMtf;
  return side && type && product &&
         (order.validity == Validity::kDay || order.validity == Validity::kIoc);
}

bool HasSoundPrices(const NewOrder& order) {
  const auto sound = [](const std::optional<Decimal>& price, bool wanted) {
    return price ? wanted && *price > Decimal{} : !wanted;
  };
  return sound(order.price, HasLimit(order.type)) && sound(order.trigger, HasTrigger(order.type)) &&
         order.protection_percent >= 0 && order.protection_percent <= kMostProtectionPercent;
}

/// The desk refuses these with reasons of their own; what is measured below rests on them.
Result<void> CheckSound(const RiskInputs& inputs, const NewOrder& order,
                        const Instrument& instrument) {
  if (inputs.units_per_quantity <= 0 || inputs.units_per_quantity > kMostRiskUnits) {
    return RiskInputMissing("every limit", "the instrument's multiplier");
  }
  const char* wrong = nullptr;
  if (SegmentOfKey(instrument.key).empty()) wrong = "the instrument's key names no segment";
  if (!HasKnownEnums(order)) wrong = "side, type, product or validity is not one we know";
  if (!HasSoundPrices(order)) wrong = "price, trigger or protection does not fit the type";
  const std::int64_t most = kMostRiskUnits / inputs.units_per_quantity;
  if (order.quantity <= 0 || order.quantity > most) wrong = "the quantity is no order's";
  if (wrong == nullptr) return {};
  return Error{Code::kInvalidArgument, "RISK_ORDER_INVALID",
               Describe(order, instrument) + ": " + wrong};
}

std::optional<Amount> CountOf(std::optional<std::int64_t> count) {
  if (!count || *count < 0) return std::nullopt;
  return Amount::Of(Decimal::FromUnits(1), *count);
}

std::optional<Amount> OpenOrdersOf(const DayTotals& totals) { return CountOf(totals.open_orders); }
std::optional<Amount> OrdersOf(const DayTotals& totals) { return CountOf(totals.orders); }
std::optional<Amount> TurnoverOf(const DayTotals& totals) {
  if (!totals.turnover || *totals.turnover < Amount{} || *totals.turnover > kMostRiskSum) {
    return std::nullopt;
  }
  return totals.turnover;
}

/// One order before the rules. Lives for one call of CheckRisk.
class RiskJudge {
 public:
  RiskJudge(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
            const Instrument& instrument)
      : rules_{rules},
        inputs_{inputs},
        segment_{SegmentOfKey(instrument.key)},
        name_{Describe(order, instrument)},
        measures_{rules, inputs, order, segment_},
        loss_{JudgeLoss(rules, {.realised = inputs.realised, .unrealised = inputs.unrealised})} {}

  Result<void> CheckNotKilled() const {
    constexpr auto kRule = RiskRule::kDailyLossKill;
    if (!inputs_.mode) return RiskInputMissing(kRule, "whether the account is killed");
    if (loss_.mode == RiskMode::kKilled) return Stopped(kRule, loss_.why);
    if (inputs_.mode == RiskMode::kNormal || inputs_.mode == RiskMode::kReduceOnly) return {};
    return Stopped(kRule, "trading is stopped until a person re-arms the account");
  }

  Result<void> CheckOrderItself() const {
    using enum RiskRule;
    if (auto passed = AtMost(kMaxOrderQuantity, &RiskMeasures::OrderQuantity); !passed) {
      return passed;
    }
    if (auto passed = AtMost(kMaxOrderValue, &RiskMeasures::OrderValue); !passed) return passed;
    if (auto passed = AtMost(kPriceBandPercent, &RiskMeasures::PriceDistance); !passed) {
      return passed;
    }
    return TotalAtMost(kMaxOpenOrders, "the number of open orders", OpenOrdersOf, One());
  }

  Result<void> CheckUnlessReducing() const {
    using enum RiskRule;
    if (measures_.Reduces()) return {};
    if (auto passed = CheckLoss(); !passed) return passed;
    if (auto passed =
            TotalAtMost(kMaxOrdersPerDay, "the number of today's orders", OrdersOf, One());
        !passed) {
      return passed;
    }
    if (auto passed = CheckTurnover(); !passed) return passed;
    if (auto passed = AtMost(kMaxPositionQuantity, &RiskMeasures::PositionQuantity); !passed) {
      return passed;
    }
    return AtMost(kMaxPositionValue, &RiskMeasures::PositionValue);
  }

 private:
  using Measure = Result<Amount> (RiskMeasures::*)(RiskRule) const;
  using Total = std::optional<Amount> (*)(const DayTotals&);

  static Amount One() { return Amount{Decimal::FromUnits(1)}; }

  Error Stopped(RiskRule rule, const std::string& why) const {
    return Error{Code::kFailedPrecondition, std::string{InfoOf(rule).reason}, name_ + ": " + why};
  }

  Result<void> AtMost(RiskRule rule, Measure measure) const {
    const auto limit = rules_.For(segment_, rule);
    if (!limit) return {};
    const auto value = (measures_.*measure)(rule);
    if (!value) return value.error();
    if (*value <= limit->value) return {};
    return OverRiskLimit(rule, *limit, *value, name_);
  }

  /// The account's sum by the account's limit, and the segment's by its own.
  Result<void> TotalAtMost(RiskRule rule, std::string_view input, Total total, Amount added) const {
    for (const auto& [scope, totals] :
         {std::pair{std::string_view{}, &inputs_.account}, std::pair{segment_, &inputs_.segment}}) {
      const auto limit = rules_.Own(scope, rule);
      if (!limit) continue;
      const auto before = total(*totals);
      if (!before) return RiskInputMissing(rule, input);
      if (*before + added <= *limit) continue;
      return OverRiskLimit(rule, {.value = *limit, .segment = scope}, *before + added, name_);
    }
    return {};
  }

  Result<void> CheckTurnover() const {
    constexpr auto kRule = RiskRule::kMaxDayTurnover;
    if (!rules_.Own("", kRule) && !rules_.Own(segment_, kRule)) return {};
    const auto value = measures_.OrderValue(kRule);
    if (!value) return value.error();
    return TotalAtMost(kRule, "the day's turnover", TurnoverOf, *value);
  }

  Result<void> CheckLoss() const {
    const RiskRule rule = rules_.Own("", RiskRule::kDailyLossReduceOnly)
                              ? RiskRule::kDailyLossReduceOnly
                              : RiskRule::kDailyLossKill;
    const bool tripped = inputs_.mode == RiskMode::kReduceOnly;
    if (!tripped && !loss_.mode) return RiskInputMissing(rule, "the day's profit");
    if (!tripped && loss_.mode == RiskMode::kNormal) return {};
    // An order that may well reduce is not told that it does not.
    constexpr auto kStopped = RiskRule::kDailyLossReduceOnly;
    if (auto known = measures_.CheckPositionReadable(kStopped); !known) return known;
    const std::string why =
        loss_.why.empty() ? "the day's loss was over daily_loss_reduce_only" : loss_.why;
    return Stopped(kStopped, why + "; only orders that reduce a position pass");
  }

  const RiskRules& rules_;
  const RiskInputs& inputs_;
  const std::string_view segment_;
  const std::string name_;
  const RiskMeasures measures_;
  const LossVerdict loss_;
};

}  // namespace

Result<void> CheckRisk(const RiskRules& rules, const RiskInputs& inputs, const NewOrder& order,
                       const Instrument& instrument) {
  if (auto sound = CheckSound(inputs, order, instrument); !sound) return sound;
  const RiskJudge judge{rules, inputs, order, instrument};
  if (auto passed = judge.CheckNotKilled(); !passed) return passed;
  if (auto passed = CheckSession(rules, inputs, order, instrument); !passed) return passed;
  if (auto passed = judge.CheckOrderItself(); !passed) return passed;
  if (auto passed = judge.CheckUnlessReducing(); !passed) return passed;
  return CheckDuplicate(rules, inputs, order, instrument);
}

}  // namespace sauda::orders
