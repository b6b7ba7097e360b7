#pragma once

#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/risk_fixture.hpp"

namespace sauda::orders {

using Int = std::int64_t;
using Limits = std::map<RiskRule, Int>;  // rupees and percent in hundredths

/// One day, order and set of limits; prices in paise. `kNone` is what cannot be read.
inline constexpr Int kNone = -1'000'000'000;

struct World {
  Limits account, segment;
  bool buy = true;
  OrderType type = OrderType::kLimit;
  Int quantity = 1, price = 0, trigger = 0, protection = 0, units = 1;
  Int last = 10'000, position = 0, open_buy = 0, open_sell = 0;
  Int realised = 0, unrealised = 0;
  std::array<Int, 3> account_sums{}, segment_sums{};  // open orders, orders, turnover in paise
  Int same_seconds_ago = kNone;
  bool confirmed = false, closed = false;
  RiskMode mode = RiskMode::kNormal;
};

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_{seed} {}

  World Next() {
    World world;
    MakeRules(world);
    MakeOrder(world);
    MakeDay(world);
    return world;
  }

 private:
  Int Pick(Int low, Int high) { return std::uniform_int_distribution<Int>{low, high}(random_); }
  bool OneIn(Int many) { return Pick(1, many) == 1; }

  void MakeRules(World& world) {
    using enum RiskRule;
    const std::map<RiskRule, std::pair<Int, Int>> ranges{{kMaxOrderValue, {0, 300'000}},
                                                         {kMaxOrderQuantity, {0, 40}},
                                                         {kMaxPositionQuantity, {0, 40}},
                                                         {kMaxPositionValue, {0, 400'000}},
                                                         {kMaxOpenOrders, {0, 6}},
                                                         {kPriceBandPercent, {0, 1'500}},
                                                         {kDailyLossReduceOnly, {0, 50'000}},
                                                         {kDuplicateSeconds, {1, 20}},
                                                         {kMaxDayTurnover, {0, 500'000}},
                                                         {kMaxOrdersPerDay, {0, 6}}};
    const Int sparse = Pick(1, 6);  // of some worlds nearly every rule is set, of some hardly one
    for (const auto& [rule, range] : ranges) {
      if (OneIn(sparse)) world.account[rule] = Pick(range.first, range.second);
      if (rule != kDailyLossReduceOnly && OneIn(3 * sparse)) {
        world.segment[rule] = Pick(range.first, range.second);
      }
    }
    if (OneIn(sparse)) world.account[kDailyLossKill] = 50'000 + Pick(0, 50'000);
    if (OneIn(2)) world.account[kAllowAfterMarket] = Pick(0, 1);
  }

  void MakeOrder(World& world) {
    world.buy = OneIn(2);
    world.type = static_cast<OrderType>(Pick(1, 4));
    world.quantity = Pick(1, 25);
    world.units = OneIn(4) ? 3 : 1;
    const Int near = 5 * Pick(1'760, 2'240);
    if (HasLimit(world.type)) world.price = near;
    if (HasTrigger(world.type)) world.trigger = 5 * Pick(1'760, 2'240);
    if (world.type == OrderType::kStopLimit && (world.trigger > near) == world.buy) {
      world.trigger = near;
    }
    if (!HasLimit(world.type)) world.protection = Pick(0, 15);
  }

  void MakeDay(World& world) {
    world.position = Pick(-30, 30);
    world.open_buy = OneIn(2) ? 0 : Pick(0, 15);
    world.open_sell = OneIn(2) ? 0 : Pick(0, 15);
    world.realised = Pick(-40'000, 30'000);
    world.unrealised = Pick(-40'000, 30'000);
    for (auto* sums : {&world.account_sums, &world.segment_sums}) {
      *sums = {Pick(0, 5), Pick(0, 5), Pick(0, 300'000)};
    }
    if (OneIn(4)) world.same_seconds_ago = Pick(0, 25);
    world.confirmed = OneIn(5);
    world.closed = OneIn(8);
    if (OneIn(6)) world.mode = RiskMode::kReduceOnly;
    if (OneIn(30)) world.mode = RiskMode::kKilled;
    if (OneIn(3)) Lose(world);
  }

  void Lose(World& world) {
    const std::array inputs{&world.last,       &world.position,        &world.open_buy,
                            &world.unrealised, &world.account_sums[0], &world.account_sums[1],
                            &world.realised,   &world.segment_sums[0], &world.segment_sums[2],
                            &world.last,       &world.account_sums[2]};
    *inputs.at(static_cast<std::size_t>(Pick(0, static_cast<Int>(inputs.size()) - 1))) = kNone;
  }

  std::mt19937_64 random_;
};

inline Decimal Hundredths(Int number) { return Decimal::FromNanos(number * 10'000'000); }

inline RiskRules RulesFor(const World& world) {
  RiskRules rules;
  std::vector<RiskSetting> settings;
  const auto add = [&](const std::string& segment, const Limits& limits) {
    for (const auto& [rule, limit] : limits) {
      const RiskUnit unit = InfoOf(rule).unit;
      const bool fine = unit == RiskUnit::kRupees || unit == RiskUnit::kPercent;
      settings.push_back({segment, rule, fine ? Hundredths(limit) : Decimal::FromUnits(limit)});
    }
  };
  add("", world.account);
  add("NSE_EQ", world.segment);
  EXPECT_EQ(ReasonOf(rules.Apply(settings)), "");
  return rules;
}

inline NewOrder OrderFor(const World& world) {
  NewOrder order = MarketOrder(world.buy ? Side::kBuy : Side::kSell, world.quantity,
                               static_cast<std::int32_t>(world.protection));
  order.type = world.type;
  if (world.price != 0) order.price = Hundredths(world.price);
  if (world.trigger != 0) order.trigger = Hundredths(world.trigger);
  return order;
}

inline DayTotals TotalsFor(const std::array<Int, 3>& sums) {
  DayTotals totals;
  if (sums[0] != kNone) totals.open_orders = sums[0];
  if (sums[1] != kNone) totals.orders = sums[1];
  if (sums[2] != kNone) totals.turnover = Amount::FromPaise(sums[2]);
  return totals;
}

inline RiskInputs InputsFor(const World& world) {
  RiskInputs inputs = QuietDay();
  inputs.units_per_quantity = world.units;
  inputs.last_price->price = Hundredths(world.last);
  if (world.last == kNone) inputs.last_price.reset();
  inputs.position = world.position;
  if (world.position == kNone) inputs.position.reset();
  inputs.open = OpenQuantities{.buy = world.open_buy, .sell = world.open_sell};
  if (world.open_buy == kNone) inputs.open.reset();
  inputs.realised = Amount::FromPaise(world.realised);
  if (world.realised == kNone) inputs.realised.reset();
  inputs.unrealised = Amount::FromPaise(world.unrealised);
  if (world.unrealised == kNone) inputs.unrealised.reset();
  inputs.account = TotalsFor(world.account_sums);
  inputs.segment = TotalsFor(world.segment_sums);
  if (world.same_seconds_ago != kNone) {
    inputs.recent->push_back({Share().key, world.buy ? Side::kBuy : Side::kSell, world.quantity,
                              kWallMs - world.same_seconds_ago * 1'000});
  }
  inputs.duplicate_confirmed = world.confirmed;
  if (world.closed) inputs.market->phase = MarketPhase::kClosed;
  inputs.mode = world.mode;
  return inputs;
}

}  // namespace sauda::orders
