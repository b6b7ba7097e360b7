// Sums over the account or a segment, and the order in which refusals are told.
#include <gmock/gmock.h>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::HasSubstr;
using enum RiskRule;

struct TotalCase {
  std::string name;
  RiskRule rule;
  const char* limit;
  DayTotals totals;
  bool passes;
};

class RiskTotalTest : public testing::TestWithParam<TotalCase> {};

/// An order of 500 rupees.
NewOrder FiveFor100(Side side) { return LimitOrder(side, 5, "100"); }

TEST_P(RiskTotalTest, LimitsTheAccountAndTheSegmentEachByItsOwnSum) {
  const TotalCase& row = GetParam();
  const std::string reason = row.passes ? "" : std::string{InfoOf(row.rule).reason};
  for (const Side side : {Side::kBuy, Side::kSell}) {
    RiskInputs inputs = QuietDay();
    inputs.account = row.totals;
    EXPECT_EQ(ReasonOf(CheckRisk(OneRule(row.rule, row.limit), inputs, FiveFor100(side), Share())),
              reason);
    inputs.segment = std::exchange(inputs.account, QuietDay().account);
    const RiskRules of_segment = RulesOf({{"NSE_EQ", row.rule, N(row.limit)}});
    EXPECT_EQ(ReasonOf(CheckRisk(of_segment, inputs, FiveFor100(side), Share())), reason);
    EXPECT_EQ(ReasonOf(CheckRisk(of_segment, inputs, FiveFor100(side), Share("BSE_EQ|X"))), "")
        << "the rule of another segment";
  }
}

DayTotals Totals(std::int64_t open_orders, std::int64_t orders, std::int64_t turnover_paise) {
  return {
      .open_orders = open_orders, .orders = orders, .turnover = Amount::FromPaise(turnover_paise)};
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RiskTotalTest,
    testing::Values(TotalCase{"OpenBelow", kMaxOpenOrders, "5", Totals(3, 0, 0), true},
                    TotalCase{"OpenAt", kMaxOpenOrders, "5", Totals(4, 0, 0), true},
                    TotalCase{"OpenAbove", kMaxOpenOrders, "5", Totals(5, 0, 0), false},
                    TotalCase{"NoOpenOnes", kMaxOpenOrders, "0", Totals(0, 0, 0), false},
                    TotalCase{"OrdersBelow", kMaxOrdersPerDay, "5", Totals(0, 3, 0), true},
                    TotalCase{"OrdersAt", kMaxOrdersPerDay, "5", Totals(0, 4, 0), true},
                    TotalCase{"OrdersAbove", kMaxOrdersPerDay, "5", Totals(0, 5, 0), false},
                    TotalCase{"NoOrders", kMaxOrdersPerDay, "0", Totals(0, 0, 0), false},
                    TotalCase{"TurnoverBelow", kMaxDayTurnover, "1000", Totals(0, 0, 49'999), true},
                    TotalCase{"TurnoverAt", kMaxDayTurnover, "1000", Totals(0, 0, 50'000), true},
                    TotalCase{"TurnoverAbove", kMaxDayTurnover, "1000", Totals(0, 0, 50'001),
                              false},
                    TotalCase{"NoTurnover", kMaxDayTurnover, "0", Totals(0, 0, 0), false}),
    CaseName{});

TEST(RiskTotalOfASegmentTest, DoesNotLiftTheAccounts) {
  const RiskRules rules =
      RulesOf({{"", kMaxOrdersPerDay, N("10")}, {"NSE_EQ", kMaxOrdersPerDay, N("100")}});
  RiskInputs inputs = QuietDay();
  inputs.account.orders = 10;
  inputs.segment.orders = 1;
  const auto refused = CheckRisk(rules, inputs, FiveFor100(Side::kBuy), Share());
  ASSERT_EQ(ReasonOf(refused), "RISK_MAX_ORDERS_PER_DAY");
  EXPECT_THAT(refused.error().message,
              HasSubstr("max_orders_per_day of the account is 10, this would make 11"));
}

struct LossCase {
  std::string name;
  RiskRule rule;
  const char* limit;
  std::int64_t realised_paise;
  std::int64_t unrealised_paise;
  bool passes;
};

class RiskLossTest : public testing::TestWithParam<LossCase> {};

TEST_P(RiskLossTest, StopsNewPositions) {
  const LossCase& row = GetParam();
  RiskInputs inputs = QuietDay();
  inputs.realised = Amount::FromPaise(row.realised_paise);
  inputs.unrealised = Amount::FromPaise(row.unrealised_paise);
  for (const Side side : {Side::kBuy, Side::kSell}) {
    const auto checked = CheckRisk(OneRule(row.rule, row.limit), inputs, FiveFor100(side), Share());
    EXPECT_EQ(ReasonOf(checked), row.passes ? "" : InfoOf(row.rule).reason);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RiskLossTest,
    testing::Values(LossCase{"Below", kDailyLossReduceOnly, "1000", -59'999, -40'000, true},
                    LossCase{"At", kDailyLossReduceOnly, "1000", -60'000, -40'000, true},
                    LossCase{"Above", kDailyLossReduceOnly, "1000", -60'000, -40'001, false},
                    LossCase{"AGainMakesUp", kDailyLossReduceOnly, "1000", 50'000, -150'000, true},
                    LossCase{"AGainNotEnough", kDailyLossReduceOnly, "1000", 50'000, -150'001,
                             false},
                    LossCase{"AProfit", kDailyLossReduceOnly, "0", 1, 0, true},
                    LossCase{"ZeroAllowsNoLoss", kDailyLossReduceOnly, "0", 0, -1, false},
                    LossCase{"ZeroAllowsADayWithout", kDailyLossReduceOnly, "0", 0, 0, true},
                    LossCase{"KillAt", kDailyLossKill, "1000", -100'000, 0, true},
                    LossCase{"KillAbove", kDailyLossKill, "1000", -100'001, 0, false},
                    LossCase{"KillZero", kDailyLossKill, "0", -1, 0, false}),
    CaseName{});

/// Breaks every rule; then mended one by one in the documented order.
TEST(RiskOrderOfRefusalsTest, IsTheDocumentedOne) {
  RiskRules rules = RulesOf({{"", kMaxOrderValue, N("0")},
                             {"", kMaxOrderQuantity, N("0")},
                             {"", kMaxPositionQuantity, N("0")},
                             {"", kMaxPositionValue, N("0")},
                             {"", kMaxOpenOrders, N("0")},
                             {"", kPriceBandPercent, N("0")},
                             {"", kDailyLossReduceOnly, N("0")},
                             {"", kDuplicateSeconds, N("10")},
                             {"", kMaxDayTurnover, N("0")},
                             {"", kMaxOrdersPerDay, N("0")}});
  RiskInputs inputs = QuietDay();
  NewOrder order = LimitOrder(Side::kBuy, 5, "101");
  order.product = Product::kUnknown;
  inputs.mode = RiskMode::kKilled;
  inputs.market->phase = MarketPhase::kClosed;
  inputs.realised = Amount::FromPaise(-1);
  inputs.recent->push_back({Share().key, Side::kBuy, 5, kWallMs});
  const auto expect_then = [&](const char* reason, const std::function<void()>& mend) {
    EXPECT_EQ(ReasonOf(CheckRisk(rules, inputs, order, Share())), reason);
    mend();
  };
  const auto lift = [&](RiskRule rule) {
    return [&rules, rule] {
      const std::vector<RiskSetting> none{{.rule = rule, .value = std::nullopt}};
      ASSERT_TRUE(rules.Apply(none));
    };
  };
  expect_then("RISK_ORDER_INVALID", [&] { order.product = Product::kIntraday; });
  expect_then("RISK_DAILY_LOSS_KILL", [&] { inputs.mode = RiskMode::kNormal; });
  expect_then("RISK_MARKET_CLOSED", [&] { inputs.market->phase = MarketPhase::kOpen; });
  expect_then("RISK_MAX_ORDER_QUANTITY", lift(kMaxOrderQuantity));
  expect_then("RISK_MAX_ORDER_VALUE", lift(kMaxOrderValue));
  expect_then("RISK_PRICE_BAND_PERCENT", lift(kPriceBandPercent));
  expect_then("RISK_MAX_OPEN_ORDERS", lift(kMaxOpenOrders));
  expect_then("RISK_DAILY_LOSS_REDUCE_ONLY", lift(kDailyLossReduceOnly));
  expect_then("RISK_MAX_ORDERS_PER_DAY", lift(kMaxOrdersPerDay));
  expect_then("RISK_MAX_DAY_TURNOVER", lift(kMaxDayTurnover));
  expect_then("RISK_MAX_POSITION_QUANTITY", lift(kMaxPositionQuantity));
  expect_then("RISK_MAX_POSITION_VALUE", lift(kMaxPositionValue));
  expect_then("RISK_DUPLICATE", [&] { inputs.duplicate_confirmed = true; });
  EXPECT_EQ(ReasonOf(CheckRisk(rules, inputs, order, Share())), "");
}

}  // namespace
}  // namespace sauda::orders
