#include "services/orders/src/core/risk/risk_measures.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "services/orders/src/core/risk/risk_refusal.hpp"

namespace sauda::orders {
namespace {

__extension__ using Wide = __int128;

/// Longer than any run of days without a session: how old the price of a closed market may be.
constexpr std::int64_t kOldestCloseMs = std::int64_t{7} * 86'400'000;

/// Percent from `last` to `price`, rounded up; at most what a Decimal holds.
Decimal PercentBetween(Decimal price, Decimal last) {
  const Decimal apart = price > last ? price - last : last - price;
  const Wide hundredfold = Wide{apart.nanos()} * 100 * Decimal::kNanosPerUnit;
  const Wide percent = (hundredfold + last.nanos() - 1) / last.nanos();
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  return Decimal::FromNanos(static_cast<std::int64_t>(std::min(percent, kMost)));
}

Amount Number(std::int64_t whole) { return Amount::Of(Decimal::FromUnits(1), whole); }

}  // namespace

Result<Amount> RiskMeasures::OrderQuantity(RiskRule) const {
  return Number(order_.quantity) * inputs_.units_per_quantity;
}

Result<Amount> RiskMeasures::OrderValue(RiskRule asks) const {
  const std::int64_t units = order_.quantity * inputs_.units_per_quantity;
  if (order_.side == Side::kBuy && order_.price) return Amount::Of(*order_.price, units);
  return AtWorst(units, asks);
}

Result<Amount> RiskMeasures::PositionQuantity(RiskRule asks) const {
  const auto units = UnitsBeyondFlat(asks);
  if (!units) return units.error();
  return Number(*units);
}

Result<Amount> RiskMeasures::PositionValue(RiskRule asks) const {
  const auto units = UnitsBeyondFlat(asks);
  if (!units) return units.error();
  if (*units == 0) return Amount{};
  return AtWorst(*units, asks);
}

Result<Amount> RiskMeasures::PriceDistance(RiskRule asks) const {
  Decimal farthest;
  for (const auto& price : {order_.price, order_.trigger}) {
    if (!price) continue;
    const auto last = Last(asks);
    if (!last) return last.error();
    farthest = std::max(farthest, PercentBetween(*price, *last));
  }
  if (!order_.price) farthest = std::max(farthest, Decimal::FromUnits(ProtectionPercent()));
  return Amount{farthest};
}

bool RiskMeasures::Reduces() const {
  if (!UnreadablePosition().empty()) return false;
  const bool buy = order_.side == Side::kBuy;
  const std::int64_t to_flat = buy ? -*inputs_.position : *inputs_.position;
  const std::int64_t before = buy ? inputs_.open->buy : inputs_.open->sell;
  return before + order_.quantity <= to_flat;
}

Result<void> RiskMeasures::CheckPositionReadable(RiskRule asks) const {
  const std::string_view unreadable = UnreadablePosition();
  if (unreadable.empty()) return {};
  return RiskInputMissing(asks, unreadable);
}

std::string_view RiskMeasures::UnreadablePosition() const {
  const std::int64_t most = kMostRiskUnits / inputs_.units_per_quantity;
  const auto& position = inputs_.position;
  if (!position || *position > most || *position < -most) return "the position";
  const auto& open = inputs_.open;
  if (!open || open->buy < 0 || open->buy > most || open->sell < 0 || open->sell > most) {
    return "the open orders of the instrument";
  }
  return "";
}

Result<Decimal> RiskMeasures::Last(RiskRule asks) const {
  const auto& last = inputs_.last_price;
  if (!last || last->price <= Decimal{} || last->age_ms < 0) {
    return RiskInputMissing(asks, "the last price");
  }
  const auto limit = rules_.For(segment_, RiskRule::kMaxPriceAgeSeconds);
  if (!limit) return last->price;
  const bool closed = inputs_.market && inputs_.market->phase == MarketPhase::kClosed;
  const std::int64_t most_ms =
      closed ? kOldestCloseMs : limit->value.nanos() / (Decimal::kNanosPerUnit / 1'000);
  if (last->age_ms <= most_ms) return last->price;
  const std::string age = std::to_string(last->age_ms / 1'000);
  return RiskInputMissing(asks, "the last price: the one known is " + age +
                                    " s old, max_price_age_seconds is " + limit->value.ToString());
}

Result<std::int64_t> RiskMeasures::UnitsBeyondFlat(RiskRule asks) const {
  if (const auto readable = CheckPositionReadable(asks); !readable) return readable.error();
  const bool buy = order_.side == Side::kBuy;
  const std::int64_t held = buy ? *inputs_.position : -*inputs_.position;
  const std::int64_t open = buy ? inputs_.open->buy : inputs_.open->sell;
  const std::int64_t after = held + open + order_.quantity;
  return std::max(after, std::int64_t{0}) * inputs_.units_per_quantity;
}

Result<Amount> RiskMeasures::AtWorst(std::int64_t units, RiskRule asks) const {
  const auto last = Last(asks);
  if (!last) return last.error();
  const Decimal price =
      std::max({*last, order_.price.value_or(Decimal{}), order_.trigger.value_or(Decimal{})});
  const Amount value = Amount::Of(price, units);
  if (order_.price) return value;
  return (value * (100 + ProtectionPercent())).Per(100);
}

std::int32_t RiskMeasures::ProtectionPercent() const {
  return order_.protection_percent == 0 ? kAssumedProtectionPercent : order_.protection_percent;
}

}  // namespace sauda::orders
