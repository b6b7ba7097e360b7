// Orders that only reduce a position: which they are, what they are let past and what not.
#include <gmock/gmock.h>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "services/orders/src/core/risk/risk_measures.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::HasSubstr;
using enum RiskRule;

constexpr Side kBuy = Side::kBuy;
constexpr Side kSell = Side::kSell;

struct ReduceCase {
  std::string name;
  std::int64_t position;
  OpenQuantities open;
  Side side;
  std::int64_t quantity;
  bool reduces;
};

class RiskReducesTest : public testing::TestWithParam<ReduceCase> {};

TEST_P(RiskReducesTest, NeverBeyondFlat) {
  const ReduceCase& row = GetParam();
  RiskInputs inputs = QuietDay();
  inputs.position = row.position;
  inputs.open = row.open;
  const NewOrder order = LimitOrder(row.side, row.quantity, "100");
  EXPECT_EQ((RiskMeasures{{}, inputs, order, "NSE_EQ"}.Reduces()), row.reduces);
  inputs.mode = RiskMode::kReduceOnly;
  EXPECT_EQ(ReasonOf(CheckRisk({}, inputs, order, Share())),
            row.reduces ? "" : "RISK_DAILY_LOSS_REDUCE_ONLY");
}

INSTANTIATE_TEST_SUITE_P(
    Long, RiskReducesTest,
    testing::Values(ReduceCase{"Part", 100, {}, kSell, 40, true},
                    ReduceCase{"All", 100, {}, kSell, 100, true},
                    ReduceCase{"Flip", 100, {}, kSell, 101, false},
                    ReduceCase{"More", 100, {}, kBuy, 1, false},
                    ReduceCase{"RestOfOpenOnes", 100, {.sell = 60}, kSell, 40, true},
                    ReduceCase{"BeyondOpenOnes", 100, {.sell = 60}, kSell, 41, false},
                    ReduceCase{"AllIsBeingSold", 100, {.sell = 100}, kSell, 1, false},
                    ReduceCase{"MoreThanAllIsBeingSold", 100, {.sell = 150}, kSell, 1, false},
                    ReduceCase{"OpenBuysGiveNoRoom", 100, {.buy = 50}, kSell, 101, false},
                    ReduceCase{"OpenBuysTakeNone", 100, {.buy = 50}, kSell, 100, true}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Short, RiskReducesTest,
    testing::Values(ReduceCase{"Part", -100, {}, kBuy, 40, true},
                    ReduceCase{"All", -100, {}, kBuy, 100, true},
                    ReduceCase{"Flip", -100, {}, kBuy, 101, false},
                    ReduceCase{"More", -100, {}, kSell, 1, false},
                    ReduceCase{"RestOfOpenOnes", -100, {.buy = 60}, kBuy, 40, true},
                    ReduceCase{"BeyondOpenOnes", -100, {.buy = 60}, kBuy, 41, false},
                    ReduceCase{"AllIsBeingBought", -100, {.buy = 100}, kBuy, 1, false},
                    ReduceCase{"OpenSellsGiveNoRoom", -100, {.sell = 50}, kBuy, 101, false},
                    ReduceCase{"OpenSellsTakeNone", -100, {.sell = 50}, kBuy, 100, true}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(Flat, RiskReducesTest,
                         testing::Values(ReduceCase{"Buy", 0, {}, kBuy, 1, false},
                                         ReduceCase{"Sell", 0, {}, kSell, 1, false}),
                         CaseName{});

/// A sell of 40 out of 100 held, with a rule that stops every other order.
struct PastCase {
  std::string name;
  RiskRule rule;
  const char* limit;
  ChangeInputs change;
  std::string reason;  // of the reducing order; none: it is let past
};

class RiskReducingPastTest : public testing::TestWithParam<PastCase> {};

TEST_P(RiskReducingPastTest, IsHeldBackOnlyByWhatIsWrongWithTheOrderItself) {
  RiskInputs inputs = QuietDay();
  inputs.position = 100;
  if (GetParam().change) GetParam().change(inputs);
  const RiskRules rules = OneRule(GetParam().rule, GetParam().limit);
  EXPECT_EQ(ReasonOf(CheckRisk(rules, inputs, LimitOrder(kSell, 40, "100"), Share())),
            GetParam().reason);
  EXPECT_NE(ReasonOf(CheckRisk(rules, inputs, LimitOrder(kBuy, 40, "100"), Share())), "");
}

void Lose1000(RiskInputs& i) { i.unrealised = Amount::FromPaise(-100'000); }

INSTANTIATE_TEST_SUITE_P(
    Rules, RiskReducingPastTest,
    testing::Values(
        PastCase{"PositionQuantity", kMaxPositionQuantity, "0", {}, ""},
        PastCase{"PositionValue", kMaxPositionValue, "0", {}, ""},
        PastCase{"PositionValueWithoutPrice", kMaxPositionValue, "0",
                 [](auto& i) { i.last_price.reset(); }, ""},
        PastCase{"Turnover", kMaxDayTurnover, "0", {}, ""},
        PastCase{"OrdersPerDay", kMaxOrdersPerDay, "0", {}, ""},
        PastCase{"Loss", kDailyLossReduceOnly, "999", Lose1000, ""},
        PastCase{"LossNotRead", kDailyLossReduceOnly, "999", [](auto& i) { i.unrealised.reset(); },
                 ""},
        PastCase{"KillNotRead", kDailyLossKill, "999", [](auto& i) { i.realised.reset(); }, ""},
        PastCase{"Kill", kDailyLossKill, "999", Lose1000, "RISK_DAILY_LOSS_KILL"},
        PastCase{"OrderQuantity", kMaxOrderQuantity, "39", {}, "RISK_MAX_ORDER_QUANTITY"},
        PastCase{"OrderValue", kMaxOrderValue, "3999.99", {}, "RISK_MAX_ORDER_VALUE"},
        PastCase{"PriceBand", kPriceBandPercent, "1",
                 [](auto& i) { i.last_price->price = N("98"); }, "RISK_PRICE_BAND_PERCENT"},
        PastCase{"OpenOrders", kMaxOpenOrders, "0", {}, "RISK_MAX_OPEN_ORDERS"}),
    CaseName{});

TEST(RiskReducingTest, LeavesNothingBeyondFlatToMeasure) {
  RiskInputs inputs = QuietDay();
  inputs.position = 100;
  inputs.last_price.reset();
  const NewOrder order = LimitOrder(kSell, 40, "100");
  const RiskRules rules;
  const RiskMeasures measures{rules, inputs, order, "NSE_EQ"};
  EXPECT_EQ(*measures.PositionQuantity(kMaxPositionQuantity), Amount{});
  EXPECT_EQ(*measures.PositionValue(kMaxPositionValue), Amount{});
}

TEST(RiskReducingTest, APositionThatCannotBeReadIsNotSaidToGrow) {
  RiskInputs inputs = QuietDay();
  inputs.mode = RiskMode::kReduceOnly;
  inputs.position.reset();
  const auto refused = CheckRisk({}, inputs, LimitOrder(kSell, 1, "100"), Share());
  ASSERT_EQ(ReasonOf(refused), "RISK_INPUT_MISSING");
  EXPECT_THAT(refused.error().message, HasSubstr("daily_loss_reduce_only needs the position"));
}

TEST(RiskReducingTest, TheRefusalSaysWhichLossStoppedTheRest) {
  RiskInputs inputs = QuietDay();
  inputs.realised = Amount::FromPaise(-250'050);
  const auto refused = CheckRisk(OneRule(kDailyLossReduceOnly, "2500"), inputs,
                                 LimitOrder(kBuy, 1, "100"), Share("NSE_EQ|X"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "buy 1 NSE_EQ|X: daily_loss_reduce_only: a loss of 2500.5 rupees today, at most 2500 "
            "rupees; only orders that reduce a position pass");
}

TEST(RiskReducingTest, TheModeStaysThoughTheLossIsGone) {
  RiskInputs inputs = QuietDay();
  inputs.mode = RiskMode::kReduceOnly;
  inputs.realised = Amount::FromPaise(1'000'000);
  EXPECT_EQ(ReasonOf(CheckRisk(OneRule(kDailyLossReduceOnly, "2500"), inputs,
                               LimitOrder(kBuy, 1, "100"), Share())),
            "RISK_DAILY_LOSS_REDUCE_ONLY");
}

}  // namespace
}  // namespace sauda::orders
