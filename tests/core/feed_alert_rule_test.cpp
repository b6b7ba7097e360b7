#include <limits>

#include <gtest/gtest.h>

#include "services/feed/src/core/alerts/alert_rule.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

AlertRule Of(AlertRule rule) {
  if (rule.id.empty()) rule.id = "a";
  if (HasInstrument(rule.measure)) rule.instrument_key = "NSE_EQ|A";
  return rule;
}

struct Case {
  std::string name;
  AlertRule rule;
  std::string reason;  // none: accepted
};
class CheckAlertRuleTest : public testing::TestWithParam<Case> {};

TEST_P(CheckAlertRuleTest, GivesTheReason) {
  const auto checked = CheckAlertRule(GetParam().rule);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
  EXPECT_TRUE(checked || checked.error().code == Code::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Ids, CheckAlertRuleTest,
    testing::Values(Case{"Shortest", Of({.id = "x"}), ""},
                    Case{"Longest", Of({.id = std::string(64, 'x')}), ""},
                    Case{"TooLong", Of({.id = std::string(65, 'x')}), "ALERT_ID_INVALID"},
                    Case{"Empty", {.instrument_key = "K"}, "ALERT_ID_INVALID"},
                    Case{"EveryKindOfCharacter", Of({.id = "AZaz09._-"}), ""},
                    Case{"Blank", Of({.id = "a b"}), "ALERT_ID_INVALID"},
                    Case{"Slash", Of({.id = "a/b"}), "ALERT_ID_INVALID"},
                    Case{"NotAscii", Of({.id = "\xc3\xa4"}), "ALERT_ID_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Enums, CheckAlertRuleTest,
    testing::Values(
        Case{"NoMeasure", Of({.measure = Measure{0}}), "MEASURE_UNKNOWN"},
        Case{"MeasureAfterTheLast", Of({.measure = Measure{20}}), "MEASURE_UNKNOWN"},
        Case{"NoDirection", Of({.direction = Direction{0}}), "DIRECTION_UNKNOWN"},
        Case{"DirectionAfterTheLast", Of({.direction = Direction{3}}), "DIRECTION_UNKNOWN"},
        Case{"PriceBelow", Of({.direction = Direction::kBelow, .level = 1}), ""},
        Case{"SilenceBelow",
             Of({.measure = Measure::kFeedSilence, .direction = Direction::kBelow, .level = 5}),
             "DIRECTION_UNFIT"},
        Case{"ReconnectsBelow",
             Of({.measure = Measure::kReconnects,
                 .direction = Direction::kBelow,
                 .level = 5,
                 .window_s = 60}),
             "DIRECTION_UNFIT"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Instruments, CheckAlertRuleTest,
    testing::Values(Case{"Missing", {.id = "a", .measure = Measure::kPrice}, "INSTRUMENT_MISSING"},
                    Case{"OfTheFeed", {.id = "a", .measure = Measure::kGap}, ""},
                    Case{"Unwanted",
                         {.id = "a", .instrument_key = "NSE_EQ|A", .measure = Measure::kGap},
                         "INSTRUMENT_UNWANTED"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Levels, CheckAlertRuleTest,
    testing::Values(
        Case{"Negative", Of({.measure = Measure::kChange, .level = -5}), ""},
        Case{"NotANumber", Of({.level = kNan}), "LEVEL_INVALID"},
        Case{"Infinite", Of({.level = kInfinity}), "LEVEL_INVALID"},
        Case{"NoOpenInterest", Of({.measure = Measure::kOpenInterest, .level = 0}), ""},
        Case{"NegativeOpenInterest", Of({.measure = Measure::kOpenInterest, .level = -1}),
             "LEVEL_INVALID"},
        Case{"ShortestSilence", Of({.measure = Measure::kInstrumentSilence, .level = 1}), ""},
        Case{"TooShortSilence", Of({.measure = Measure::kInstrumentSilence, .level = 0.9}),
             "LEVEL_INVALID"},
        Case{"LongestSilence", Of({.measure = Measure::kFeedSilence, .level = 86'400}), ""},
        Case{"TooLongSilence", Of({.measure = Measure::kFeedSilence, .level = 86'401}),
             "LEVEL_INVALID"},
        Case{"FewestReconnects", Of({.measure = Measure::kReconnects, .level = 2, .window_s = 1}),
             ""},
        Case{"TooFewReconnects", Of({.measure = Measure::kReconnects, .level = 1, .window_s = 1}),
             "LEVEL_INVALID"},
        Case{"MostReconnects",
             Of({.measure = Measure::kReconnects, .level = 1'000, .window_s = 86'400}), ""},
        Case{"TooManyReconnects",
             Of({.measure = Measure::kReconnects, .level = 1'001, .window_s = 60}),
             "LEVEL_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Hystereses, CheckAlertRuleTest,
    testing::Values(
        Case{"OfPrice", Of({.level = 10, .hysteresis = 20}), ""},
        Case{"Negative", Of({.level = 10, .hysteresis = -0.1}), "HYSTERESIS_INVALID"},
        Case{"NotANumber", Of({.level = 10, .hysteresis = kNan}), "HYSTERESIS_INVALID"},
        Case{"OfSilence", Of({.measure = Measure::kFeedSilence, .level = 10, .hysteresis = 1}),
             "HYSTERESIS_INVALID"},
        Case{"OfGaps", Of({.measure = Measure::kGap, .level = 10, .hysteresis = 1}),
             "HYSTERESIS_INVALID"},
        Case{"OfReconnects",
             Of({.measure = Measure::kReconnects, .level = 5, .hysteresis = 4, .window_s = 60}),
             ""},
        Case{"OfReconnectsForEver",
             Of({.measure = Measure::kReconnects, .level = 5, .hysteresis = 5, .window_s = 60}),
             "HYSTERESIS_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Parameters, CheckAlertRuleTest,
    testing::Values(
        Case{"Period20", Of({.measure = Measure::kPriceToAverage, .period = 20}), ""},
        Case{"Period50", Of({.measure = Measure::kPriceToAverage, .period = 50}), ""},
        Case{"Period200", Of({.measure = Measure::kPriceToAverage, .period = 200}), ""},
        Case{"Period21", Of({.measure = Measure::kPriceToAverage, .period = 21}), "PERIOD_INVALID"},
        Case{"NoPeriod", Of({.measure = Measure::kPriceToAverage}), "PERIOD_INVALID"},
        Case{"PeriodOfPrice", Of({.measure = Measure::kPrice, .period = 20}), "PERIOD_INVALID"},
        Case{"SlowPeriodOfOneAverage",
             Of({.measure = Measure::kPriceToAverage, .period = 20, .slow_period = 50}),
             "PERIOD_INVALID"},
        Case{"TwoAverages",
             Of({.measure = Measure::kAverageToAverage, .period = 50, .slow_period = 200}), ""},
        Case{"TheSameTwice",
             Of({.measure = Measure::kAverageToAverage, .period = 50, .slow_period = 50}),
             "PERIOD_INVALID"},
        Case{"SlowBeforeFast",
             Of({.measure = Measure::kAverageToAverage, .period = 200, .slow_period = 50}),
             "PERIOD_INVALID"},
        Case{"FewestMinutes", Of({.measure = Measure::kMomentum, .minutes = 1}), ""},
        Case{"MostMinutes", Of({.measure = Measure::kOpenInterestChange, .minutes = 375}), ""},
        Case{"NoMinutes", Of({.measure = Measure::kMomentum}), "MINUTES_INVALID"},
        Case{"TooManyMinutes", Of({.measure = Measure::kMomentum, .minutes = 376}),
             "MINUTES_INVALID"},
        Case{"MinutesOfPrice", Of({.measure = Measure::kPrice, .minutes = 1}), "MINUTES_INVALID"},
        Case{"NoWindow", Of({.measure = Measure::kReconnects, .level = 3}), "WINDOW_INVALID"},
        Case{"TooLongWindow", Of({.measure = Measure::kReconnects, .level = 3, .window_s = 86'401}),
             "WINDOW_INVALID"},
        Case{"WindowOfAGap", Of({.measure = Measure::kGap, .window_s = 1}), "WINDOW_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Texts, CheckAlertRuleTest,
    testing::Values(Case{"LongestNote", Of({.note = std::string(200, 'n')}), ""},
                    Case{"TooLongNote", Of({.note = std::string(201, 'n')}), "NOTE_INVALID"},
                    Case{"BrokenNote", Of({.note = "\xff"}), "NOTE_INVALID"},
                    Case{"NulInTheNote", Of({.note = std::string(1, '\0')}), "NOTE_INVALID"},
                    Case{"TwoLines", Of({.note = "a\nb"}), "NOTE_INVALID"},
                    Case{"Webhook", Of({.webhook_id = "desk"}), ""},
                    Case{"BrokenWebhook", Of({.webhook_id = "a b"}), "WEBHOOK_ID_INVALID"},
                    Case{"Hindi", Of({.note = "\xe0\xa4\xb8"}), ""}),
    CaseName{});

TEST(AlertRuleTest, EveryMeasureSaysWhatItNeedsOfItsInstrument) {
  EXPECT_EQ(ModeFor(Measure::kPrice), Mode::kLtpc);
  EXPECT_EQ(ModeFor(Measure::kMomentum), Mode::kLtpc);
  EXPECT_EQ(ModeFor(Measure::kVolumeRatio), Mode::kOptionGreeks);
  EXPECT_EQ(ModeFor(Measure::kOpenInterest), Mode::kOptionGreeks);
  EXPECT_EQ(ModeFor(Measure::kRho), Mode::kOptionGreeks);
  EXPECT_TRUE(HasInstrument(Measure::kInstrumentSilence));
  EXPECT_FALSE(HasInstrument(Measure::kFeedSilence));
}

TEST(AlertRuleTest, MeasuresAndDirectionsHaveNames) {
  EXPECT_EQ(NameOf(Measure::kPrice), "PRICE");
  EXPECT_EQ(NameOf(Measure::kReconnects), "RECONNECTS");
  EXPECT_EQ(NameOf(Measure{0}), "UNKNOWN");
  EXPECT_EQ(NameOf(Direction::kBelow), "BELOW");
  EXPECT_EQ(NameOf(Direction{9}), "UNKNOWN");
}

}  // namespace
}  // namespace sauda::feed
