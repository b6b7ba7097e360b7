#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

inline constexpr std::int64_t kMarketMs = 1'785'733'200'000;  // 2026-08-03 10:30 IST
inline constexpr std::int64_t kWallMs = kMarketMs + 1'234;

inline Decimal N(const char* number) { return *Decimal::Parse(number); }

inline Instrument Share(std::string key = "NSE_EQ|INE002A01018") {
  return {.id = 9,
          .key = std::move(key),
          .tick = N("0.05"),
          .lot = 1,
          .tradable = true,
          .active = true};
}

inline NewOrder LimitOrder(Side side, std::int64_t quantity, const char* price) {
  return {.account_id = "main",
          .client_order_id = "r1",
          .instrument = "NSE_EQ|INE002A01018",
          .side = side,
          .quantity = quantity,
          .type = OrderType::kLimit,
          .price = N(price),
          .product = Product::kIntraday,
          .validity = Validity::kDay};
}

inline NewOrder MarketOrder(Side side, std::int64_t quantity, std::int32_t protection = 0) {
  NewOrder order = LimitOrder(side, quantity, "1");
  order.type = OrderType::kMarket;
  order.price.reset();
  order.protection_percent = protection;
  return order;
}

inline NewOrder StopMarketOrder(Side side, std::int64_t quantity, const char* trigger) {
  NewOrder order = MarketOrder(side, quantity);
  order.type = OrderType::kStopMarket;
  order.trigger = N(trigger);
  return order;
}

inline NewOrder StopLimitOrder(Side side, std::int64_t quantity, const char* trigger,
                               const char* price) {
  NewOrder order = LimitOrder(side, quantity, price);
  order.type = OrderType::kStopLimit;
  order.trigger = N(trigger);
  return order;
}

/// Everything can be read, nothing has happened yet today; the last price is 100.
inline RiskInputs QuietDay() {
  RiskInputs inputs;
  inputs.last_price = LastPrice{.price = N("100")};
  inputs.position = 0;
  inputs.open = OpenQuantities{};
  inputs.realised = Amount{};
  inputs.unrealised = Amount{};
  inputs.mode = RiskMode::kNormal;
  inputs.account = {.open_orders = 0, .orders = 0, .turnover = Amount{}};
  inputs.segment = inputs.account;
  inputs.recent = std::vector<RecentOrder>{};
  inputs.market = MarketState{.phase = MarketPhase::kOpen};
  inputs.market_ms = kMarketMs;
  inputs.wall_ms = kWallMs;
  return inputs;
}

using ChangeInputs = std::function<void(RiskInputs&)>;

inline RiskInputs QuietDayBut(const ChangeInputs& change) {
  RiskInputs inputs = QuietDay();
  if (change) change(inputs);
  return inputs;
}

/// These rules and no others.
inline RiskRules RulesOf(std::initializer_list<RiskSetting> settings) {
  RiskRules rules;
  const std::vector<RiskSetting> all{settings};
  const auto applied = rules.Apply(all);
  EXPECT_TRUE(applied) << (applied ? "" : applied.error().message);
  return rules;
}

inline RiskRules OneRule(RiskRule rule, const char* value) {
  return RulesOf({{.segment = "", .rule = rule, .value = N(value)}});
}

/// Empty: accepted.
template <typename T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "" : result.error().reason;
}

}  // namespace sauda::orders
