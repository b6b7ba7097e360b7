// What cannot be read, is impossible or as large as it gets: fails closed and never overflows.
#include <limits>

#include <gmock/gmock.h>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::HasSubstr;
using enum RiskRule;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct InputCase {
  std::string name;
  RiskRule rule;
  const char* limit;
  ChangeInputs spoil;
  std::string input;  // as the message names it; none: it can be read after all
};

class RiskInputTest : public testing::TestWithParam<InputCase> {};

/// A sell, whose value needs the last price.
TEST_P(RiskInputTest, IsNeededOnlyByItsRuleAndFailsClosed) {
  const InputCase& row = GetParam();
  const NewOrder order = LimitOrder(Side::kSell, 5, "100");
  const RiskInputs inputs = QuietDayBut(row.spoil);
  const auto checked = CheckRisk(OneRule(row.rule, row.limit), inputs, order, Share());
  ASSERT_EQ(ReasonOf(checked), row.input.empty() ? "" : "RISK_INPUT_MISSING");
  if (!checked) {
    EXPECT_EQ(checked.error().code, Code::kUnavailable);
    EXPECT_THAT(checked.error().message,
                HasSubstr(std::string{InfoOf(row.rule).name} + " needs " + row.input));
  }
  EXPECT_EQ(ReasonOf(CheckRisk({}, inputs, order, Share())), "") << "no rule needs it";
}

void NoLastPrice(RiskInputs& i) { i.last_price.reset(); }
void NoPosition(RiskInputs& i) { i.position.reset(); }
void NoOpenQuantities(RiskInputs& i) { i.open.reset(); }

INSTANTIATE_TEST_SUITE_P(
    Absent, RiskInputTest,
    testing::Values(
        InputCase{"PriceForValue", kMaxOrderValue, "9000", NoLastPrice, "the last price"},
        InputCase{"PriceForBand", kPriceBandPercent, "5", NoLastPrice, "the last price"},
        InputCase{"PriceForPosition", kMaxPositionValue, "9000", NoLastPrice, "the last price"},
        InputCase{"PriceForTurnover", kMaxDayTurnover, "9000", NoLastPrice, "the last price"},
        InputCase{"PriceNotForQuantity", kMaxOrderQuantity, "10", NoLastPrice, ""},
        InputCase{"Position", kMaxPositionQuantity, "10", NoPosition, "the position"},
        InputCase{"PositionForValue", kMaxPositionValue, "9000", NoPosition, "the position"},
        InputCase{"OpenQuantities", kMaxPositionQuantity, "10", NoOpenQuantities,
                  "the open orders of the instrument"},
        InputCase{"OpenOrders", kMaxOpenOrders, "5", [](auto& i) { i.account.open_orders.reset(); },
                  "the number of open orders"},
        InputCase{"Orders", kMaxOrdersPerDay, "5", [](auto& i) { i.account.orders.reset(); },
                  "the number of today's orders"},
        InputCase{"Turnover", kMaxDayTurnover, "9000", [](auto& i) { i.account.turnover.reset(); },
                  "the day's turnover"},
        InputCase{"Realised", kDailyLossReduceOnly, "100", [](auto& i) { i.realised.reset(); },
                  "the day's profit"},
        InputCase{"Unrealised", kDailyLossKill, "100", [](auto& i) { i.unrealised.reset(); },
                  "the day's profit"},
        InputCase{"Recent", kDuplicateSeconds, "5", [](auto& i) { i.recent.reset(); },
                  "the recent orders"},
        InputCase{"WallClock", kDuplicateSeconds, "5", [](auto& i) { i.wall_ms.reset(); },
                  "the wall clock"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Impossible, RiskInputTest,
    testing::Values(
        InputCase{"PriceOfZero", kPriceBandPercent, "5",
                  [](auto& i) { i.last_price->price = Decimal{}; }, "the last price"},
        InputCase{"NegativePrice", kMaxOrderValue, "9000",
                  [](auto& i) { i.last_price->price = N("-100"); }, "the last price"},
        InputCase{"NegativeAge", kPriceBandPercent, "5", [](auto& i) { i.last_price->age_ms = -1; },
                  "the last price"},
        InputCase{"LargestPosition", kMaxPositionQuantity, "10",
                  [](auto& i) { i.position = kMost; }, "the position"},
        InputCase{"SmallestPosition", kMaxPositionQuantity, "10",
                  [](auto& i) { i.position = kLeast; }, "the position"},
        InputCase{"NegativeOpenBuys", kMaxPositionQuantity, "10", [](auto& i) { i.open->buy = -1; },
                  "the open orders of the instrument"},
        InputCase{"NegativeOpenSells", kMaxPositionQuantity, "10",
                  [](auto& i) { i.open->sell = -1; }, "the open orders of the instrument"},
        InputCase{"LargestOpenSells", kMaxPositionQuantity, "10",
                  [](auto& i) { i.open->sell = kMost; }, "the open orders of the instrument"},
        InputCase{"NegativeOpenOrders", kMaxOpenOrders, "5",
                  [](auto& i) { i.account.open_orders = -1; }, "the number of open orders"},
        InputCase{"NegativeOrders", kMaxOrdersPerDay, "5", [](auto& i) { i.account.orders = -7; },
                  "the number of today's orders"},
        InputCase{"NegativeTurnover", kMaxDayTurnover, "9000",
                  [](auto& i) { i.account.turnover = Amount::FromPaise(-1); },
                  "the day's turnover"},
        InputCase{"HugeTurnover", kMaxDayTurnover, "9000",
                  [](auto& i) { i.account.turnover = kMostRiskSum + Amount::FromPaise(1); },
                  "the day's turnover"},
        InputCase{"HugeLoss", kDailyLossKill, "100",
                  [](auto& i) { i.realised = -kMostRiskSum - Amount::FromPaise(1); },
                  "the day's profit"},
        InputCase{"HugeGain", kDailyLossReduceOnly, "100",
                  [](auto& i) { i.unrealised = kMostRiskSum + Amount::FromPaise(1); },
                  "the day's profit"},
        InputCase{"WallClockOfZero", kDuplicateSeconds, "5", [](auto& i) { i.wall_ms = 0; },
                  "the wall clock"}),
    CaseName{});

struct AlwaysCase {
  std::string name;
  ChangeInputs spoil;
  std::string message;
};

class RiskInputAlwaysTest : public testing::TestWithParam<AlwaysCase> {};

TEST_P(RiskInputAlwaysTest, IsNeededWithoutAnyRule) {
  const auto checked =
      CheckRisk({}, QuietDayBut(GetParam().spoil), LimitOrder(Side::kBuy, 5, "100"), Share());
  ASSERT_EQ(ReasonOf(checked), "RISK_INPUT_MISSING");
  EXPECT_EQ(checked.error().code, Code::kUnavailable);
  EXPECT_THAT(checked.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, RiskInputAlwaysTest,
    testing::Values(
        AlwaysCase{"Mode", [](auto& i) { i.mode.reset(); }, "daily_loss_kill needs"},
        AlwaysCase{"Market", [](auto& i) { i.market.reset(); }, "market_hours needs the phase"},
        AlwaysCase{"PhaseUnknown", [](auto& i) { i.market = MarketState{}; },
                   "market_hours needs the phase"},
        AlwaysCase{"PhaseOutOfContract",
                   [](auto& i) { i.market->phase = static_cast<MarketPhase>(99); },
                   "market_hours needs the phase"},
        AlwaysCase{"MarketClock", [](auto& i) { i.market_ms.reset(); },
                   "market_hours needs the market clock"},
        AlwaysCase{"MarketClockOfZero", [](auto& i) { i.market_ms = 0; },
                   "market_hours needs the market clock"},
        AlwaysCase{"NoUnits", [](auto& i) { i.units_per_quantity = 0; }, "multiplier"},
        AlwaysCase{"NegativeUnits", [](auto& i) { i.units_per_quantity = kLeast; }, "multiplier"},
        AlwaysCase{"TooManyUnits", [](auto& i) { i.units_per_quantity = kMost; }, "multiplier"}),
    CaseName{});

TEST(RiskModeTest, OneThatIsNotKnownStopsTheAccount) {
  for (const auto mode : {RiskMode::kUnknown, RiskMode::kKilled, static_cast<RiskMode>(99)}) {
    RiskInputs inputs = QuietDay();
    inputs.mode = mode;
    inputs.position = -50;  // the order would reduce it
    EXPECT_EQ(ReasonOf(CheckRisk({}, inputs, LimitOrder(Side::kBuy, 5, "100"), Share())),
              "RISK_DAILY_LOSS_KILL");
  }
}

struct AgeCase {
  std::string name;
  MarketPhase phase;
  std::int64_t age_ms;
  bool passes;
};

class RiskPriceAgeTest : public testing::TestWithParam<AgeCase> {};

TEST_P(RiskPriceAgeTest, OldPricesAreNotKnown) {
  const RiskRules rules = RulesOf({{"", kPriceBandPercent, N("5")},
                                   {"", kAllowAfterMarket, N("1")},
                                   {"", kMaxPriceAgeSeconds, N("60")}});
  RiskInputs inputs = QuietDay();
  inputs.market->phase = GetParam().phase;
  inputs.last_price->age_ms = GetParam().age_ms;
  const auto checked = CheckRisk(rules, inputs, LimitOrder(Side::kBuy, 5, "100"), Share());
  EXPECT_EQ(ReasonOf(checked), GetParam().passes ? "" : "RISK_INPUT_MISSING");
  if (!checked) {
    EXPECT_THAT(checked.error().message, HasSubstr("max_price_age_seconds is 60"));
  }
}

constexpr std::int64_t kWeekMs = std::int64_t{7} * 86'400'000;

INSTANTIATE_TEST_SUITE_P(
    Ages, RiskPriceAgeTest,
    testing::Values(AgeCase{"At", MarketPhase::kOpen, 60'000, true},
                    AgeCase{"Over", MarketPhase::kOpen, 60'001, false},
                    AgeCase{"PreOpenOver", MarketPhase::kPreOpen, 60'001, false},
                    AgeCase{"Forever", MarketPhase::kOpen, kMost, false},
                    AgeCase{"CloseOfAWeek", MarketPhase::kClosed, kWeekMs, true},
                    AgeCase{"CloseOfMore", MarketPhase::kClosed, kWeekMs + 1, false}),
    CaseName{});

struct OrderCase {
  std::string name;
  std::function<void(NewOrder&)> spoil;
};

class RiskOrderInvalidTest : public testing::TestWithParam<OrderCase> {};

TEST_P(RiskOrderInvalidTest, IsRefusedWhateverTheRules) {
  NewOrder order = LimitOrder(Side::kBuy, 5, "100");
  GetParam().spoil(order);
  const auto checked = CheckRisk({}, QuietDay(), order, Share());
  ASSERT_EQ(ReasonOf(checked), "RISK_ORDER_INVALID");
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, RiskOrderInvalidTest,
    testing::Values(
        OrderCase{"Side", [](auto& o) { o.side = Side::kUnknown; }},
        OrderCase{"SideOutOfContract", [](auto& o) { o.side = static_cast<Side>(3); }},
        OrderCase{"Type", [](auto& o) { o.type = OrderType::kUnknown; }},
        OrderCase{"TypeOutOfContract", [](auto& o) { o.type = static_cast<OrderType>(5); }},
        OrderCase{"Product", [](auto& o) { o.product = static_cast<Product>(4); }},
        OrderCase{"Validity", [](auto& o) { o.validity = static_cast<Validity>(3); }},
        OrderCase{"NoQuantity", [](auto& o) { o.quantity = 0; }},
        OrderCase{"NegativeQuantity", [](auto& o) { o.quantity = kLeast; }},
        OrderCase{"LargestQuantity", [](auto& o) { o.quantity = kMost; }},
        OrderCase{"OneTooMany", [](auto& o) { o.quantity = kMostRiskUnits + 1; }},
        OrderCase{"NoPrice", [](auto& o) { o.price.reset(); }},
        OrderCase{"PriceOfZero", [](auto& o) { o.price = Decimal{}; }},
        OrderCase{"NegativePrice", [](auto& o) { o.price = N("-1"); }},
        OrderCase{"PriceOfAMarketOrder", [](auto& o) { o.type = OrderType::kMarket; }},
        OrderCase{"TriggerOfALimit", [](auto& o) { o.trigger = N("100"); }},
        OrderCase{"StopWithoutTrigger", [](auto& o) { o.type = OrderType::kStopLimit; }},
        OrderCase{"NegativeProtection", [](auto& o) { o.protection_percent = -1; }},
        OrderCase{"ProtectionOf26", [](auto& o) { o.protection_percent = 26; }}),
    CaseName{});

TEST(RiskOrderInvalidTest, AnInstrumentHasASegment) {
  const NewOrder order = LimitOrder(Side::kBuy, 5, "100");
  EXPECT_EQ(ReasonOf(CheckRisk({}, QuietDay(), order, Share("INE002A01018"))),
            "RISK_ORDER_INVALID");
}

/// The sanitizers of the other presets watch the arithmetic.
TEST(RiskExtremesTest, TheLargestNumbersOfAllAreMeasuredAndRefused) {
  const Decimal dearest = Decimal::FromNanos(kMost);
  for (const std::int64_t units : {std::int64_t{1}, kMostRiskUnits}) {
    const std::int64_t quantity = kMostRiskUnits / units;
    RiskInputs inputs = QuietDay();
    inputs.units_per_quantity = units;
    inputs.last_price->price = dearest;
    inputs.position = quantity;
    inputs.open = OpenQuantities{.buy = quantity, .sell = quantity};
    inputs.realised = inputs.unrealised = kMostRiskSum;
    inputs.account = {.open_orders = kMost, .orders = kMost, .turnover = kMostRiskSum};
    NewOrder order = MarketOrder(Side::kBuy, quantity, 25);
    const auto reason = [&](RiskRule rule, const char* limit) {
      return ReasonOf(CheckRisk(OneRule(rule, limit), inputs, order, Share()));
    };
    EXPECT_EQ(reason(kMaxOrderValue, "9000000000"), "RISK_MAX_ORDER_VALUE");
    EXPECT_EQ(reason(kMaxOrderQuantity, "9000000000"), "RISK_MAX_ORDER_QUANTITY");
    EXPECT_EQ(reason(kMaxPositionQuantity, "9000000000"), "RISK_MAX_POSITION_QUANTITY");
    EXPECT_EQ(reason(kMaxPositionValue, "9000000000"), "RISK_MAX_POSITION_VALUE");
    EXPECT_EQ(reason(kMaxDayTurnover, "9000000000"), "RISK_MAX_DAY_TURNOVER");
    EXPECT_EQ(reason(kMaxOpenOrders, "100000"), "RISK_MAX_OPEN_ORDERS");
    EXPECT_EQ(reason(kMaxOrdersPerDay, "100000"), "RISK_MAX_ORDERS_PER_DAY");
    EXPECT_EQ(reason(kDailyLossKill, "0"), "") << "a gain of the largest kind";
    inputs.realised = inputs.unrealised = -kMostRiskSum;
    EXPECT_EQ(reason(kDailyLossKill, "9000000000"), "RISK_DAILY_LOSS_KILL");
    order = LimitOrder(Side::kBuy, quantity, "0.000000001");
    EXPECT_EQ(reason(kPriceBandPercent, "99.99"), "RISK_PRICE_BAND_PERCENT");
  }
}

}  // namespace
}  // namespace sauda::orders
