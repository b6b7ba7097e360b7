#include <gmock/gmock.h>

#include "services/orders/src/core/risk/trip_wire.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using enum RiskMode;

constexpr std::int64_t kToday = 20'668;

RiskRules Losses(const char* reduce_only = "1000", const char* kill = "2000") {
  return RulesOf({{"", RiskRule::kDailyLossReduceOnly, N(reduce_only)},
                  {"", RiskRule::kDailyLossKill, N(kill)}});
}

DayProfit Profit(std::int64_t paise) {
  return {.realised = Amount::FromPaise(paise - 7), .unrealised = Amount::FromPaise(7)};
}

struct TripCase {
  std::string name;
  TripState before;
  std::int64_t profit_paise;
  std::int64_t day;
  RiskMode after;
};

class TripWireTest : public testing::TestWithParam<TripCase> {};

TEST_P(TripWireTest, OnlyTightensWithinADay) {
  const TripCase& row = GetParam();
  const TripOutcome outcome = JudgeDay(Losses(), row.before, Profit(row.profit_paise), row.day);
  EXPECT_EQ(outcome.state.mode, row.after);
  EXPECT_EQ(outcome.state.market_day, std::max(row.day, row.before.market_day));
  EXPECT_EQ(outcome.changed, row.after != row.before.mode);
  EXPECT_TRUE(outcome.judged);
}

INSTANTIATE_TEST_SUITE_P(
    SameDay, TripWireTest,
    testing::Values(
        TripCase{"Quiet", {kNormal, kToday}, 0, kToday, kNormal},
        TripCase{"AtReduceOnly", {kNormal, kToday}, -100'000, kToday, kNormal},
        TripCase{"OverReduceOnly", {kNormal, kToday}, -100'001, kToday, kReduceOnly},
        TripCase{"AtKill", {kNormal, kToday}, -200'000, kToday, kReduceOnly},
        TripCase{"OverKillAtOnce", {kNormal, kToday}, -200'001, kToday, kKilled},
        TripCase{"OnToKill", {kReduceOnly, kToday}, -200'001, kToday, kKilled},
        TripCase{"StillReduceOnly", {kReduceOnly, kToday}, -100'001, kToday, kReduceOnly},
        TripCase{"RecoveryKeepsReduceOnly", {kReduceOnly, kToday}, 500'000, kToday, kReduceOnly},
        TripCase{"RecoveryKeepsKilled", {kKilled, kToday}, 500'000, kToday, kKilled},
        TripCase{"SmallerLossKeepsKilled", {kKilled, kToday}, -100'001, kToday, kKilled}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    AnotherDay, TripWireTest,
    testing::Values(
        TripCase{"EndsReduceOnly", {kReduceOnly, kToday - 1}, 0, kToday, kNormal},
        TripCase{"AfterAWeekend", {kReduceOnly, kToday - 3}, 0, kToday, kNormal},
        TripCase{"LosesAgain", {kReduceOnly, kToday - 1}, -100'001, kToday, kReduceOnly},
        TripCase{"LosesFarMore", {kReduceOnly, kToday - 1}, -200'001, kToday, kKilled},
        TripCase{"NeverEndsKilled", {kKilled, kToday - 1}, 0, kToday, kKilled},
        TripCase{"ClockPutBackEndsNothing", {kReduceOnly, kToday + 1}, 0, kToday, kReduceOnly},
        TripCase{"ClockPutBackStillTrips", {kNormal, kToday + 1}, -100'001, kToday, kReduceOnly}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    NotKnown, TripWireTest,
    testing::Values(TripCase{"IsKilled", {kUnknown, kToday}, 0, kToday, kKilled},
                    TripCase{"IsKilledOnANewDay", {kUnknown, 0}, 0, kToday, kKilled},
                    TripCase{
                        "OutOfContract", {static_cast<RiskMode>(9), kToday}, 0, kToday, kKilled}),
    CaseName{});

TEST(TripWireUnreadTest, KeepsModeAndDayAndSaysSo) {
  for (const RiskMode mode : {kNormal, kReduceOnly, kKilled}) {
    const TripState before{.mode = mode, .market_day = kToday - 1};
    for (const DayProfit& profit :
         {DayProfit{}, DayProfit{.realised = Amount{}},
          DayProfit{.unrealised = Amount::FromPaise(-900'000)},
          DayProfit{.realised = Amount{}, .unrealised = kMostRiskSum + Amount::FromPaise(1)}}) {
      const TripOutcome outcome = JudgeDay(Losses(), before, profit, kToday);
      EXPECT_EQ(outcome.state, before);
      EXPECT_FALSE(outcome.changed);
      EXPECT_FALSE(outcome.judged);
      EXPECT_THAT(outcome.why, IsEmpty());
    }
  }
}

TEST(TripWireUnreadTest, TheNewDayBeginsWithItsFirstProfit) {
  const TripState before{.mode = kReduceOnly, .market_day = kToday - 1};
  const TripOutcome unread = JudgeDay(Losses(), before, {}, kToday);
  const TripOutcome read = JudgeDay(Losses(), unread.state, Profit(0), kToday);
  EXPECT_EQ(read.state, (TripState{.mode = kNormal, .market_day = kToday}));
  EXPECT_TRUE(read.changed);
}

TEST(TripWireUnreadTest, AModeThatIsNotKnownIsKilledAllTheSame) {
  const TripOutcome outcome = JudgeDay(Losses(), {}, {}, kToday);
  EXPECT_EQ(outcome.state.mode, kKilled);
  EXPECT_TRUE(outcome.changed);
}

TEST(TripWireRulesTest, WithoutThemNothingTripsAndNothingIsUndone) {
  const DayProfit ruin = Profit(-900'000'000);
  EXPECT_EQ(JudgeDay({}, {kNormal, kToday}, ruin, kToday).state.mode, kNormal);
  EXPECT_EQ(JudgeDay({}, {kReduceOnly, kToday}, ruin, kToday).state.mode, kReduceOnly);
  EXPECT_EQ(JudgeDay({}, {kKilled, kToday}, ruin, kToday).state.mode, kKilled);
  EXPECT_TRUE(JudgeDay({}, {kNormal, kToday}, {}, kToday).judged);
}

TEST(TripWireRulesTest, EitherMayBeSetAlone) {
  const RiskRules kill = OneRule(RiskRule::kDailyLossKill, "2000");
  EXPECT_EQ(JudgeDay(kill, {kNormal, kToday}, Profit(-200'000), kToday).state.mode, kNormal);
  EXPECT_EQ(JudgeDay(kill, {kNormal, kToday}, Profit(-200'001), kToday).state.mode, kKilled);
  const RiskRules reduce = OneRule(RiskRule::kDailyLossReduceOnly, "1000");
  EXPECT_EQ(JudgeDay(reduce, {kNormal, kToday}, Profit(-900'000), kToday).state.mode, kReduceOnly);
}

TEST(TripWireRulesTest, ZeroAllowsNoLossAtAll) {
  const RiskRules none = Losses("0", "0");
  EXPECT_EQ(JudgeDay(none, {kNormal, kToday}, Profit(0), kToday).state.mode, kNormal);
  EXPECT_EQ(JudgeDay(none, {kNormal, kToday}, Profit(-1), kToday).state.mode, kKilled);
}

TEST(TripWireRulesTest, SaysWhyOnceWithRuleLimitAndLoss) {
  const TripOutcome tripped = JudgeDay(Losses(), {kNormal, kToday}, Profit(-150'025), kToday);
  EXPECT_THAT(tripped.why, HasSubstr("daily_loss_reduce_only: a loss of 1500.25 rupees today, at "
                                     "most 1000 rupees"));
  EXPECT_THAT(JudgeDay(Losses(), tripped.state, Profit(-150'025), kToday).why, IsEmpty());
}

/// Whatever a day brings, the mode never goes back in it, and a loss over a limit is never missed.
TEST(TripWirePropertyTest, NoSequenceOfProfitsLoosensADay) {
  std::uint64_t random = 20'260'803;
  TripState state{.mode = kNormal, .market_day = kToday};
  for (int step = 0; step < 20'000; ++step) {
    random = random * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const auto dice = static_cast<std::int64_t>(random >> 40);
    if (dice % 50 == 0) state = {.mode = kNormal, .market_day = state.market_day};  // re-armed
    const std::int64_t day = state.market_day + (dice % 7 == 0 ? dice % 3 - 1 : 0);
    const std::int64_t paise = dice % 400'000 - 250'000;
    const TripOutcome outcome = JudgeDay(Losses(), state, Profit(paise), day);
    const bool may_loosen = day > state.market_day && state.mode == kReduceOnly;
    ASSERT_TRUE(may_loosen || outcome.state.mode >= state.mode) << "step " << step;
    ASSERT_TRUE(paise >= -100'000 || outcome.state.mode >= kReduceOnly) << "step " << step;
    ASSERT_TRUE(paise >= -200'000 || outcome.state.mode == kKilled) << "step " << step;
    state = outcome.state;
  }
}

}  // namespace
}  // namespace sauda::orders
