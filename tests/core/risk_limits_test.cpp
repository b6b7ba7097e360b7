// What is measured of one order: at, below and above each limit, for a buy and for the sell that
// mirrors it.
#include <gmock/gmock.h>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using enum RiskRule;

constexpr Side kBuy = Side::kBuy;
constexpr Side kSell = Side::kSell;

struct LimitCase {
  std::string name;
  RiskRule rule;
  const char* limit;
  NewOrder order;       // a buy
  ChangeInputs change;  // of a quiet day, as a buy sees it
  bool passes;
};

NewOrder Mirrored(NewOrder order) {
  order.side = kSell;
  return order;
}

RiskInputs Mirrored(RiskInputs inputs) {
  inputs.position = -*inputs.position;
  std::swap(inputs.open->buy, inputs.open->sell);
  return inputs;
}

class RiskLimitTest : public testing::TestWithParam<LimitCase> {};

TEST_P(RiskLimitTest, HoldsForABuyAndForItsMirror) {
  const LimitCase& row = GetParam();
  const RiskRules rules = OneRule(row.rule, row.limit);
  const RiskInputs inputs = QuietDayBut(row.change);
  const std::string reason = row.passes ? "" : std::string{InfoOf(row.rule).reason};
  EXPECT_EQ(ReasonOf(CheckRisk(rules, inputs, row.order, Share())), reason);
  EXPECT_EQ(ReasonOf(CheckRisk(rules, Mirrored(inputs), Mirrored(row.order), Share())), reason);
  EXPECT_EQ(ReasonOf(CheckRisk({}, inputs, row.order, Share())), "") << "without the rule";
}

NewOrder Buy(std::int64_t quantity, const char* price = "100") {
  return LimitOrder(kBuy, quantity, price);
}
NewOrder BuyMarket(std::int64_t quantity, std::int32_t protection = 0) {
  return MarketOrder(kBuy, quantity, protection);
}

ChangeInputs UnitsEach(std::int64_t units) {
  return [=](RiskInputs& inputs) { inputs.units_per_quantity = units; };
}

INSTANTIATE_TEST_SUITE_P(
    OrderValue, RiskLimitTest,
    testing::Values(
        LimitCase{"Below", kMaxOrderValue, "1000", Buy(9), {}, true},
        LimitCase{"At", kMaxOrderValue, "1000", Buy(10), {}, true},
        LimitCase{"APaisaAbove", kMaxOrderValue, "999.99", Buy(10), {}, false},
        LimitCase{"ZeroAllowsNone", kMaxOrderValue, "0", Buy(1, "100"), {}, false},
        LimitCase{"MarketWithAssumedProtection", kMaxOrderValue, "1050", BuyMarket(10), {}, true},
        LimitCase{"MarketOverIt", kMaxOrderValue, "1049.99", BuyMarket(10), {}, false},
        LimitCase{"MarketWithItsOwn", kMaxOrderValue, "1250", BuyMarket(10, 25), {}, true},
        LimitCase{"MarketOverItsOwn", kMaxOrderValue, "1249.99", BuyMarket(10, 25), {}, false},
        LimitCase{
            "StopAtItsTrigger", kMaxOrderValue, "1155", StopMarketOrder(kBuy, 10, "110"), {}, true},
        LimitCase{
            "StopOverIt", kMaxOrderValue, "1154.99", StopMarketOrder(kBuy, 10, "110"), {}, false},
        LimitCase{"StopBelowTheMarket",
                  kMaxOrderValue,
                  "1049.99",
                  StopMarketOrder(kBuy, 10, "90"),
                  {},
                  false},
        LimitCase{
            "StopLimit", kMaxOrderValue, "1100", StopLimitOrder(kBuy, 10, "110", "110"), {}, true},
        LimitCase{"StopLimitOver",
                  kMaxOrderValue,
                  "1099.99",
                  StopLimitOrder(kBuy, 10, "110", "110"),
                  {},
                  false},
        LimitCase{"LotsOfUnits", kMaxOrderValue, "100000", Buy(1), UnitsEach(1'000), true},
        LimitCase{"LotsOver", kMaxOrderValue, "99999.99", Buy(1), UnitsEach(1'000), false}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    OrderQuantity, RiskLimitTest,
    testing::Values(LimitCase{"Below", kMaxOrderQuantity, "10", Buy(9), {}, true},
                    LimitCase{"At", kMaxOrderQuantity, "10", Buy(10), {}, true},
                    LimitCase{"Above", kMaxOrderQuantity, "10", Buy(11), {}, false},
                    LimitCase{"ZeroAllowsNone", kMaxOrderQuantity, "0", Buy(1), {}, false},
                    LimitCase{"LotsAt", kMaxOrderQuantity, "200", Buy(2), UnitsEach(100), true},
                    LimitCase{"LotsAbove", kMaxOrderQuantity, "199", Buy(2), UnitsEach(100),
                              false}),
    CaseName{});

ChangeInputs Held(std::int64_t position, OpenQuantities open = {}, std::int64_t units = 1) {
  return [=](RiskInputs& inputs) {
    inputs.position = position;
    inputs.open = open;
    inputs.units_per_quantity = units;
  };
}

INSTANTIATE_TEST_SUITE_P(
    PositionQuantity, RiskLimitTest,
    testing::Values(
        LimitCase{"Below", kMaxPositionQuantity, "100", Buy(9), Held(90), true},
        LimitCase{"At", kMaxPositionQuantity, "100", Buy(10), Held(90), true},
        LimitCase{"Above", kMaxPositionQuantity, "100", Buy(11), Held(90), false},
        LimitCase{"AtWithOpenOnes", kMaxPositionQuantity, "100", Buy(10), Held(85, {.buy = 5}),
                  true},
        LimitCase{"AboveWithOpenOnes", kMaxPositionQuantity, "100", Buy(11), Held(85, {.buy = 5}),
                  false},
        LimitCase{"OpenOnesAgainstItDoNotHelp", kMaxPositionQuantity, "100", Buy(11),
                  Held(90, {.sell = 50}), false},
        LimitCase{"FlipAt", kMaxPositionQuantity, "100", Buy(200), Held(-100), true},
        LimitCase{"FlipAbove", kMaxPositionQuantity, "100", Buy(201), Held(-100), false},
        LimitCase{"ReducesWhatIsTooLarge", kMaxPositionQuantity, "100", Buy(10), Held(-500), true},
        LimitCase{"FlatAllowsNone", kMaxPositionQuantity, "0", Buy(1), Held(0), false},
        LimitCase{"ZeroLetsOut", kMaxPositionQuantity, "0", Buy(5), Held(-5), true},
        LimitCase{"ZeroNotBeyond", kMaxPositionQuantity, "0", Buy(6), Held(-5), false},
        LimitCase{"LotsAt", kMaxPositionQuantity, "500", Buy(2), Held(2, {.buy = 1}, 100), true},
        LimitCase{"LotsAbove", kMaxPositionQuantity, "499", Buy(2), Held(2, {.buy = 1}, 100),
                  false}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    PositionValue, RiskLimitTest,
    testing::Values(
        LimitCase{"Below", kMaxPositionValue, "1000", Buy(4), Held(5), true},
        LimitCase{"At", kMaxPositionValue, "1000", Buy(5), Held(5), true},
        LimitCase{"APaisaAbove", kMaxPositionValue, "999.99", Buy(5), Held(5), false},
        LimitCase{"OpenOnesCount", kMaxPositionValue, "999.99", Buy(5), Held(2, {.buy = 3}), false},
        LimitCase{"AtAHigherLimit", kMaxPositionValue, "1100", Buy(5, "110"), Held(5), true},
        LimitCase{"OverAHigherLimit", kMaxPositionValue, "1099.99", Buy(5, "110"), Held(5), false},
        LimitCase{"ALowerLimitIsAtTheMarket", kMaxPositionValue, "999.99", Buy(5, "90"), Held(5),
                  false},
        LimitCase{"MarketWithProtection", kMaxPositionValue, "1050", BuyMarket(5), Held(5), true},
        LimitCase{"MarketOverIt", kMaxPositionValue, "1049.99", BuyMarket(5), Held(5), false},
        LimitCase{"FlipCountsWhatIsBeyond", kMaxPositionValue, "300", Buy(8), Held(-5), true},
        LimitCase{"FlipOver", kMaxPositionValue, "299.99", Buy(8), Held(-5), false},
        LimitCase{"ZeroLetsOut", kMaxPositionValue, "0", Buy(5), Held(-5), true},
        LimitCase{"ZeroAllowsNone", kMaxPositionValue, "0", Buy(1), Held(0), false},
        LimitCase{"LotsOver", kMaxPositionValue, "99999.99", Buy(5), Held(5, {}, 100), false}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    PriceBand, RiskLimitTest,
    testing::Values(
        LimitCase{"AtTheTop", kPriceBandPercent, "5", Buy(1, "105"), {}, true},
        LimitCase{"ATickOverTheTop", kPriceBandPercent, "5", Buy(1, "105.05"), {}, false},
        LimitCase{"AtTheBottom", kPriceBandPercent, "5", Buy(1, "95"), {}, true},
        LimitCase{"ATickUnderTheBottom", kPriceBandPercent, "5", Buy(1, "94.95"), {}, false},
        LimitCase{"ZeroAtTheLastPrice", kPriceBandPercent, "0", Buy(1, "100"), {}, true},
        LimitCase{"ZeroATickAway", kPriceBandPercent, "0", Buy(1, "100.05"), {}, false},
        LimitCase{"TriggerAt", kPriceBandPercent, "5", StopMarketOrder(kBuy, 1, "105"), {}, true},
        LimitCase{
            "TriggerOver", kPriceBandPercent, "5", StopMarketOrder(kBuy, 1, "105.05"), {}, false},
        LimitCase{
            "TriggerUnder", kPriceBandPercent, "5", StopMarketOrder(kBuy, 1, "94.95"), {}, false},
        LimitCase{"LimitFartherThanTrigger",
                  kPriceBandPercent,
                  "5",
                  StopLimitOrder(kBuy, 1, "104", "105.05"),
                  {},
                  false},
        LimitCase{"TriggerFartherThanLimit",
                  kPriceBandPercent,
                  "5",
                  StopLimitOrder(kBuy, 1, "94.95", "96"),
                  {},
                  false},
        LimitCase{
            "BothWithin", kPriceBandPercent, "5", StopLimitOrder(kBuy, 1, "104", "105"), {}, true},
        LimitCase{"ProtectionAt", kPriceBandPercent, "5", BuyMarket(1, 5), {}, true},
        LimitCase{"ProtectionOver", kPriceBandPercent, "5", BuyMarket(1, 6), {}, false},
        LimitCase{"AssumedProtectionOver", kPriceBandPercent, "4.99", BuyMarket(1), {}, false},
        LimitCase{"AThirdIsOver", kPriceBandPercent, "3.33", Buy(1, "0.31"),
                  [](RiskInputs& i) { i.last_price->price = N("0.30"); }, false},
        LimitCase{"AThirdIsUnder", kPriceBandPercent, "3.34", Buy(1, "0.31"),
                  [](RiskInputs& i) { i.last_price->price = N("0.30"); }, true},
        LimitCase{"ANanoUnderTheBottom", kPriceBandPercent, "5", Buy(1, "8549999999.999999999"),
                  [](RiskInputs& i) { i.last_price->price = N("9000000000"); }, false},
        LimitCase{"AtTheBottomOfTheLargest", kPriceBandPercent, "5", Buy(1, "8550000000"),
                  [](RiskInputs& i) { i.last_price->price = N("9000000000"); }, true},
        LimitCase{"ATypoOfTheLargestKind", kPriceBandPercent, "100", Buy(1, "9000000000"),
                  [](RiskInputs& i) { i.last_price->price = Decimal::FromNanos(1); }, false}),
    CaseName{});

TEST(RiskValueOfASideTest, ASellIsWorthAtLeastTheMarketAndABuyAtMostItsLimit) {
  const RiskRules rules = OneRule(kMaxOrderValue, "999.99");
  const auto reason = [&](Side side, const char* price) {
    return ReasonOf(CheckRisk(rules, QuietDay(), LimitOrder(side, 10, price), Share()));
  };
  EXPECT_EQ(reason(kBuy, "50"), "");
  EXPECT_EQ(reason(kSell, "50"), "RISK_MAX_ORDER_VALUE");
  EXPECT_EQ(reason(kSell, "110"), "RISK_MAX_ORDER_VALUE");
  EXPECT_EQ(ReasonOf(CheckRisk(rules, QuietDay(), StopLimitOrder(kSell, 10, "60", "50"), Share())),
            "RISK_MAX_ORDER_VALUE");
}

TEST(RiskLimitMessageTest, NamesOrderRuleLimitAndValue) {
  const RiskRules rules = RulesOf({{"NSE_EQ", kMaxOrderValue, N("1000.5")}});
  const auto refused =
      CheckRisk(rules, QuietDay(), LimitOrder(kSell, 12, "100.25"), Share("NSE_EQ|X"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(refused.error().message,
            "sell 12 NSE_EQ|X: max_order_value of NSE_EQ is 1000.5 rupees, this would make 1203 "
            "rupees");
  const auto far = CheckRisk(OneRule(kPriceBandPercent, "5"), QuietDay(), Buy(1, "107.5"), Share());
  ASSERT_FALSE(far);
  EXPECT_THAT(
      far.error().message,
      AllOf(HasSubstr("price_band_percent of the account is 5 percent"), HasSubstr("7.5 percent")));
}

TEST(RiskOverrideTest, ASegmentsLimitMayBeWiderOrTighterThanTheAccounts) {
  const RiskRules rules = RulesOf({{"", kMaxOrderQuantity, N("10")},
                                   {"NSE_FO", kMaxOrderQuantity, N("20")},
                                   {"BSE_EQ", kMaxOrderQuantity, N("5")}});
  const auto reason = [&](const char* key, std::int64_t quantity) {
    return ReasonOf(CheckRisk(rules, QuietDay(), Buy(quantity), Share(key)));
  };
  EXPECT_EQ(reason("NSE_EQ|X", 10), "");
  EXPECT_EQ(reason("NSE_EQ|X", 11), "RISK_MAX_ORDER_QUANTITY");
  EXPECT_EQ(reason("NSE_FO|X", 20), "");
  EXPECT_EQ(reason("NSE_FO|X", 21), "RISK_MAX_ORDER_QUANTITY");
  EXPECT_EQ(reason("BSE_EQ|X", 5), "");
  EXPECT_EQ(reason("BSE_EQ|X", 6), "RISK_MAX_ORDER_QUANTITY");
}

}  // namespace
}  // namespace sauda::orders
