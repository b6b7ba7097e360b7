// Rules on ticks: each measure, both sides of each level, once per crossing.
#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_script.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Prices one after the other; behind each the places at which the rule fires.
struct Walk {
  std::string name;
  AlertRule rule;
  std::vector<double> prices;
  std::vector<std::size_t> fires;  // places in prices
};
class CrossingTest : public testing::TestWithParam<Walk> {};

TEST_P(CrossingTest, FiresOncePerCrossing) {
  AlertScript script;
  script.Add(GetParam().rule);
  std::vector<std::size_t> fires;
  for (std::size_t i = 0; i < GetParam().prices.size(); ++i) {
    script.Trade(GetParam().prices[i]);
    if (!script.Fired().empty()) fires.push_back(i);
  }
  EXPECT_EQ(fires, GetParam().fires);
}

const AlertRule kAbove100{.level = 100};
const AlertRule kBelow100{.direction = Direction::kBelow, .level = 100};
const AlertRule kAbove100Band5{.level = 100, .hysteresis = 5};
const AlertRule kBelow100Band5{.direction = Direction::kBelow, .level = 100, .hysteresis = 5};

INSTANTIATE_TEST_SUITE_P(
    Above, CrossingTest,
    testing::Values(Walk{"JustBelow", kAbove100, {99, 99.99}, {}},
                    Walk{"AtTheLevel", kAbove100, {99, 100}, {1}},
                    Walk{"OverIt", kAbove100, {99, 250}, {1}},
                    Walk{"FirstNeverFires", kAbove100, {101, 102}, {}},
                    Walk{"FirstAtTheLevelNeverFires", kAbove100, {100, 101}, {}},
                    Walk{"AfterAFirstAbove", kAbove100, {101, 99, 101}, {2}},
                    Walk{"StaysAbove", kAbove100, {99, 100, 101, 100, 105}, {1}},
                    Walk{"AgainWithoutBand", kAbove100, {99, 100, 99.99, 100}, {1, 3}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Below, CrossingTest,
    testing::Values(Walk{"JustAbove", kBelow100, {101, 100.01}, {}},
                    Walk{"AtTheLevel", kBelow100, {101, 100}, {1}},
                    Walk{"UnderIt", kBelow100, {101, 3}, {1}},
                    Walk{"FirstNeverFires", kBelow100, {99, 98}, {}},
                    Walk{"AgainWithoutBand", kBelow100, {101, 100, 100.01, 99}, {1, 3}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Band, CrossingTest,
    testing::Values(Walk{"InsideItRests", kAbove100Band5, {99, 100, 96, 100}, {1}},
                    Walk{"AtItsEdgeRests", kAbove100Band5, {99, 100, 95, 100}, {1}},
                    Walk{"BeyondItArms", kAbove100Band5, {99, 100, 94.99, 100}, {1, 3}},
                    Walk{"AFirstInsideItIsArmed", kAbove100Band5, {97, 100}, {1}},
                    Walk{"AFirstAboveRests", kAbove100Band5, {101, 97, 101}, {}},
                    Walk{"BelowInsideItRests", kBelow100Band5, {101, 100, 105, 100}, {1}},
                    Walk{"BelowBeyondItArms", kBelow100Band5, {101, 100, 105.01, 99}, {1, 3}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(Absent, CrossingTest,
                         testing::Values(Walk{"ZeroIsNoPrice", kBelow100, {101, 0, 0}, {}},
                                         Walk{"ZeroDoesNotArm", kAbove100, {99, 100, 0, 100}, {1}},
                                         Walk{"NoNumber", kAbove100, {99, kNan, 100}, {2}},
                                         Walk{"Infinite", kAbove100, {99, kInfinity, 99}, {}},
                                         Walk{"NoNumberIsNoFirst", kAbove100, {kNan, 101}, {}}),
                         CaseName{});

/// A measure, a quote short of the level, one at it, one without the figure.
struct Figure {
  std::string name;
  AlertRule rule;
  std::function<void(AlertQuote&)> before;
  std::function<void(AlertQuote&)> at;
  std::function<void(AlertQuote&)> absent;
  double value = 0;
};
class FigureTest : public testing::TestWithParam<Figure> {};

TEST_P(FigureTest, IsComparedWithTheLevel) {
  AlertScript script;
  script.Add(GetParam().rule);
  for (const auto& part : {GetParam().before, GetParam().absent, GetParam().before}) {
    AlertQuote quote = script.Quote();
    part(quote);
    script.Push(quote);
  }
  EXPECT_EQ(script.Fired(), "");
  AlertQuote quote = script.Quote();
  GetParam().at(quote);
  script.Push(quote);
  ASSERT_EQ(script.fired().size(), 1U);
  const AlertFiring& fired = script.fired()[0];
  EXPECT_DOUBLE_EQ(fired.value, GetParam().value);
  EXPECT_EQ(fired.seq, quote.seq);
  EXPECT_EQ(fired.at_ns, quote.received_ns);
  EXPECT_TRUE(fired.simulated);
}

std::function<void(AlertQuote&)> Last(double price, double previous_close) {
  return [=](AlertQuote& quote) {
    quote.last = LastTrade{.price = price, .previous_close = previous_close};
  };
}
std::function<void(AlertQuote&)> WithGreeks(Greeks greeks) {
  return [=](AlertQuote& quote) { quote.greeks = greeks; };
}
std::function<void(AlertQuote&)> OpenInterest(double units) {
  return [=](AlertQuote& quote) { quote.open_interest = units; };
}
std::function<void(AlertQuote&)> Volatility(double fraction) {
  return [=](AlertQuote& quote) { quote.implied_volatility = fraction; };
}
void Nothing(AlertQuote&) {}

AlertRule RuleOn(Measure measure, double level, Direction direction = Direction::kAbove) {
  return {.measure = measure, .direction = direction, .level = level};
}

INSTANTIATE_TEST_SUITE_P(
    Prices, FigureTest,
    testing::Values(Figure{"Price", RuleOn(Measure::kPrice, 110), Last(109, 100), Last(110, 100),
                           Nothing, 110},
                    Figure{"Change", RuleOn(Measure::kChange, 10), Last(109, 100), Last(110, 100),
                           Last(120, 0), 10},
                    Figure{"Fall", RuleOn(Measure::kChange, -10, Direction::kBelow), Last(91, 100),
                           Last(90, 100), Last(-5, 0), -10},
                    Figure{"Percent", RuleOn(Measure::kChangePercent, 2.5), Last(204.9, 200),
                           Last(205, 200), Last(300, 0), 2.5},
                    Figure{"PercentFall", RuleOn(Measure::kChangePercent, -50, Direction::kBelow),
                           Last(101, 200), Last(100, 200), Nothing, -50}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Derivatives, FigureTest,
    testing::Values(Figure{"OpenInterest", RuleOn(Measure::kOpenInterest, 75'000),
                           OpenInterest(74'925), OpenInterest(75'000), OpenInterest(0), 75'000},
                    Figure{"OpenInterestFalls",
                           RuleOn(Measure::kOpenInterest, 75'000, Direction::kBelow),
                           OpenInterest(75'075), OpenInterest(75'000), OpenInterest(0), 75'000},
                    Figure{"Volatility", RuleOn(Measure::kImpliedVolatility, 0.25),
                           Volatility(0.2499), Volatility(0.25), Volatility(0), 0.25},
                    Figure{"Delta", RuleOn(Measure::kDelta, 0.5), WithGreeks({.delta = 0.49}),
                           WithGreeks({.delta = 0.5}), Nothing, 0.5},
                    Figure{"DeltaOfAPut", RuleOn(Measure::kDelta, -0.5, Direction::kBelow),
                           WithGreeks({.delta = -0.49}), WithGreeks({.delta = -0.5}), Nothing,
                           -0.5},
                    Figure{"Theta", RuleOn(Measure::kTheta, -10), WithGreeks({.theta = -15}),
                           WithGreeks({.theta = -9}), WithGreeks({}), -9},
                    Figure{"Gamma", RuleOn(Measure::kGamma, 0.001), WithGreeks({.gamma = 0.0009}),
                           WithGreeks({.gamma = 0.001}), WithGreeks({}), 0.001},
                    Figure{"Vega", RuleOn(Measure::kVega, 40), WithGreeks({.vega = 39}),
                           WithGreeks({.vega = 45}), WithGreeks({}), 45},
                    Figure{"Rho", RuleOn(Measure::kRho, 0), WithGreeks({.rho = -1}),
                           WithGreeks({.rho = 1}), WithGreeks({}), 1}),
    CaseName{});

TEST(AlertEngineTest, ATickTouchesTheRulesOfItsInstrumentAlone) {
  AlertScript script;
  script.Add({.id = "a", .level = 100}, 0);
  script.Add({.id = "b", .level = 100}, 1);
  script.Add({.id = "c", .level = 102}, 1);
  for (const InstrumentId id : {0U, 1U, 2U}) script.Trade(99, id);
  script.Trade(105, 2);
  EXPECT_EQ(script.Fired(), "");
  script.Trade(101, 1);
  EXPECT_EQ(script.Fired(), "b ");
  script.Trade(103, 1);
  EXPECT_EQ(script.Fired(), "c ");
  script.Trade(103, 0);
  EXPECT_EQ(script.Fired(), "a ");
}

TEST(AlertEngineTest, ASnapshotFiresNothingAndHidesNoCrossing) {
  AlertScript script;
  script.Add({.id = "up", .level = 100});
  const auto snapshot = [&](double price) {
    AlertQuote quote = script.Quote();
    quote.last = LastTrade{.price = price};
    quote.broker_snapshot = true;
    script.Push(quote);
  };
  snapshot(99);  // the first number: now it knows its side
  snapshot(101);
  EXPECT_EQ(script.Fired(), "") << "it may be old";
  script.Trade(101);
  EXPECT_EQ(script.Fired(), "up ") << "what was crossed meanwhile is told by the next tick";
  snapshot(99);
  script.Trade(101);
  EXPECT_EQ(script.Fired(), "") << "a snapshot does not arm";
}

TEST(AlertEngineTest, ANewRuleStartsFromTheNewestQuote) {
  AlertScript script;
  script.Trade(99);
  script.Add({.id = "above", .level = 100});
  script.Add({.id = "below", .direction = Direction::kBelow, .level = 100});
  script.Trade(101);
  EXPECT_EQ(script.Fired(), "above ") << "its first number was that of before";
  script.Trade(99);
  EXPECT_EQ(script.Fired(), "below ");
}

TEST(AlertEngineTest, ARemovedRuleIsSilentAndItsIdIsFree) {
  AlertScript script;
  script.Add({.id = "a", .level = 100});
  script.Add({.id = "b", .level = 100});
  script.Trade(99);
  EXPECT_TRUE(script.engine().Remove("a"));
  EXPECT_FALSE(script.engine().Remove("a"));
  EXPECT_EQ(script.engine().Find("a"), nullptr);
  script.Trade(101);
  EXPECT_EQ(script.Fired(), "b ");
  script.Add({.id = "a", .level = 102});
  EXPECT_EQ(script.engine().Find("a")->level, 102);
  script.Trade(103);
  EXPECT_EQ(script.Fired(), "a ");
  EXPECT_EQ(script.engine().size(), 2U);
}

TEST(AlertEngineTest, ThereAreNoMoreRulesThanAllowed) {
  AlertScript script{{.max_rules = 2}};
  script.Add({.id = "a"});
  script.Add({.id = "b"});
  const AlertRule third = script.Rule({.id = "c"});
  EXPECT_EQ(script.engine().IsNew(third).error().reason, "ALERT_LIMIT");
  EXPECT_TRUE(script.engine().Remove("a"));
  EXPECT_TRUE(script.engine().IsNew(third).value());
}

}  // namespace
}  // namespace sauda::feed
