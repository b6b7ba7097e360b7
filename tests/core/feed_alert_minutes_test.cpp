// Rules on completed minutes: averages, volume, momentum, change of open interest.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_script.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

/// A minute with one trade at its beginning.
void Minute(AlertScript& script, double price, InstrumentId id = 0) {
  script.Trade(price, id);
  script.Pass(60s);
}

void Minutes(AlertScript& script, int count, double price) {
  for (int i = 0; i < count; ++i) Minute(script, price);
}

TEST(AlertMinutesTest, ThePriceIsMeasuredAgainstTheAverageOfCompleteMinutes) {
  AlertScript script;
  script.Add({.id = "x", .measure = Measure::kPriceToAverage, .level = 1, .period = 20});
  Minutes(script, 1, 500);  // half of it may be missing: left out
  Minutes(script, 19, 100);
  script.Trade(150);
  EXPECT_EQ(script.Fired(), "") << "nineteen minutes are no average";
  script.Trade(100);  // closes the twentieth
  script.Pass(62s);
  script.Trade(100.99);
  EXPECT_EQ(script.Fired(), "");
  script.Trade(101.01);
  EXPECT_EQ(script.Fired(), "x ");
}

TEST(AlertMinutesTest, TheFirstPriceAgainstAnAverageNeverFires) {
  AlertScript script;
  script.Add({.id = "x", .measure = Measure::kPriceToAverage, .level = 1, .period = 20});
  Minutes(script, 21, 100);
  script.Pass(5s);
  script.Trade(150);
  EXPECT_EQ(script.Fired(), "");
  script.Trade(100);
  script.Trade(150);
  EXPECT_EQ(script.Fired(), "x ");
}

TEST(AlertMinutesTest, AverageCrossesAverageWhenAMinuteIsComplete) {
  AlertScript script;
  script.Add(
      {.id = "golden", .measure = Measure::kAverageToAverage, .period = 20, .slow_period = 50});
  script.Add({.id = "death",
              .measure = Measure::kAverageToAverage,
              .direction = Direction::kBelow,
              .level = -0.1,
              .period = 20,
              .slow_period = 50});
  Minutes(script, 1, 100);
  for (int i = 0; i < 50; ++i) Minute(script, 200 - i);  // falls: the fast one is lower
  EXPECT_EQ(script.Fired(), "");
  std::string fired;
  for (int i = 0; i < 60; ++i) {
    Minute(script, 150 + 2 * i);
    fired += script.Fired();
  }
  EXPECT_EQ(fired, "golden ");
  for (int i = 0; i < 60; ++i) {
    Minute(script, 270 - 3 * i);
    fired += script.Fired();
  }
  EXPECT_EQ(fired, "golden death ");
}

TEST(AlertMinutesTest, VolumeIsMeasuredAgainstTheTwentyMinutesBefore) {
  AlertScript script;
  script.Add({.id = "x", .measure = Measure::kVolumeRatio, .level = 3, .hysteresis = 1});
  std::int64_t day = 1'000;
  const auto minute = [&](std::int64_t volume) {
    day += volume;
    script.SetVolume(day);
    Minute(script, 100);
    script.Pass(0s);
    return script.Fired();
  };
  for (int i = 0; i < 22; ++i) EXPECT_EQ(minute(10), "");
  EXPECT_EQ(minute(29), "") << "its minute is not over yet";
  EXPECT_EQ(minute(10), "") << "2.9 times";
  EXPECT_EQ(minute(33), "");
  EXPECT_EQ(minute(33), "x ") << "33 over a mean of 10.95";
  EXPECT_EQ(minute(40), "") << "a surge that goes on is one";
  EXPECT_EQ(minute(10), "");
  EXPECT_EQ(minute(60), "");
  EXPECT_EQ(minute(10), "x ") << "it had calmed down";
}

TEST(AlertMinutesTest, AnIndexHasNoVolumeRatio) {
  AlertScript script;
  script.Add(
      {.id = "x", .measure = Measure::kVolumeRatio, .direction = Direction::kBelow, .level = 1});
  for (int i = 0; i < 30; ++i) {
    AlertQuote quote = script.Quote();
    quote.last = LastTrade{.price = 100, .time_ms = quote.broker_ms};
    script.Push(quote);
    script.Pass(60s);
  }
  EXPECT_EQ(script.Fired(), "");
}

TEST(AlertMinutesTest, MomentumIsAgainstTheCloseOfThen) {
  AlertScript script;
  script.Add({.id = "up", .measure = Measure::kMomentum, .level = 2, .minutes = 3});
  Minutes(script, 1, 50);  // left out
  Minute(script, 100);
  Minute(script, 100.5);
  Minute(script, 101);
  script.Trade(150);
  EXPECT_EQ(script.Fired(), "") << "the first minute ended less than three minutes ago";
  script.Pass(60s);
  script.Trade(101.99);
  EXPECT_EQ(script.Fired(), "") << "the first number";
  script.Trade(102);
  EXPECT_EQ(script.Fired(), "up ");
  script.Pass(60s);
  script.Trade(102.4);  // against 100.5 by now: 1.9 %
  script.Trade(102.6);
  EXPECT_EQ(script.Fired(), "up ");
}

TEST(AlertMinutesTest, MomentumDoesNotReachIntoYesterday) {
  AlertScript script;
  script.Add({.id = "up", .measure = Measure::kMomentum, .level = 2, .minutes = 3});
  Minutes(script, 6, 100);
  script.Pass(24h - 6min);  // the next morning
  script.Trade(100);
  script.Trade(200);
  EXPECT_EQ(script.Fired(), "");
}

TEST(AlertMinutesTest, ADayThatIsPlayedAgainBeginsAnew) {
  AlertScript script;
  script.Add({.id = "up", .measure = Measure::kMomentum, .level = 2, .minutes = 1});
  Minutes(script, 100, 200);
  script.GoBack(95min);
  Minutes(script, 4, 100);
  EXPECT_EQ(script.Fired(), "");
  script.Trade(101.9);
  EXPECT_EQ(script.Fired(), "") << "against the new day's minutes";
  script.Trade(102.1);
  EXPECT_EQ(script.Fired(), "up ");
}

TEST(AlertMinutesTest, AClockThatGoesBackALittleIsTheSameDay) {
  AlertScript script;
  script.Add({.id = "up", .measure = Measure::kMomentum, .level = 2, .minutes = 1});
  Minutes(script, 10, 100);
  script.GoBack(30s);
  script.Trade(101);
  script.Trade(103);
  EXPECT_EQ(script.Fired(), "up ");
}

TEST(AlertMinutesTest, OpenInterestIsMeasuredAgainstThatOfThen) {
  AlertScript script;
  script.Add({.id = "x", .measure = Measure::kOpenInterestChange, .level = 10, .minutes = 2});
  script.SetOpenInterest(1'000);
  Minutes(script, 5, 100);
  script.SetOpenInterest(1'099);
  script.Trade(100);
  EXPECT_EQ(script.Fired(), "");
  script.SetOpenInterest(0);
  script.Trade(100);
  EXPECT_EQ(script.Fired(), "") << "none is absent";
  script.SetOpenInterest(1'101);
  script.Trade(100);
  EXPECT_EQ(script.Fired(), "x ");
}

TEST(AlertMinutesTest, MinutesAreForgottenWithTheLastRuleThatNeedsThem) {
  AlertScript script;
  script.Add({.id = "a", .measure = Measure::kPriceToAverage, .level = 1, .period = 20});
  script.Add({.id = "b", .measure = Measure::kMomentum, .level = 1, .minutes = 1});
  Minutes(script, 25, 100);
  EXPECT_TRUE(script.engine().Remove("a"));
  script.Trade(100);
  script.Trade(102);
  EXPECT_EQ(script.Fired(), "b ") << "they are kept for the other";
  EXPECT_TRUE(script.engine().Remove("b"));
  script.Add({.id = "c", .measure = Measure::kPriceToAverage, .level = 1, .period = 20});
  script.Trade(100);
  script.Trade(102);
  EXPECT_EQ(script.Fired(), "") << "it begins anew";
}

TEST(AlertMinutesTest, ALateTradeRevisesItsMinute) {
  MinuteFigures figures;
  figures.Need(21);
  for (int i = 0; i < 20; ++i) {
    figures.Put({.start_ms = i * calendar::kMsPerMinute, .close = 100, .volume = 10});
  }
  EXPECT_EQ(figures.Average(20), 100);
  figures.Put({.start_ms = 18 * calendar::kMsPerMinute, .close = 120, .volume = 10});
  EXPECT_EQ(figures.Average(20), 101);
  EXPECT_EQ(figures.size(), 20U);
  figures.Put({.start_ms = 20 * calendar::kMsPerMinute, .close = 100, .volume = 30});
  EXPECT_EQ(figures.VolumeRatio(), 3);
}

TEST(AlertMinutesTest, ItKeepsNoMoreThanIsNeeded) {
  MinuteFigures figures;
  figures.Need(20);
  for (int i = 0; i < 100; ++i) figures.Put({.start_ms = i * calendar::kMsPerMinute, .close = 1});
  EXPECT_EQ(figures.size(), 20U);
  figures.Put({.start_ms = 0, .close = 1'000});  // too old for what is kept
  EXPECT_EQ(figures.Average(20), 1);
  EXPECT_TRUE(std::isnan(figures.Average(50)));
  figures.Need(50);
  for (int i = 100; i < 200; ++i) figures.Put({.start_ms = i * calendar::kMsPerMinute, .close = 1});
  EXPECT_EQ(figures.Average(50), 1);
  figures.Need(5);
  EXPECT_EQ(figures.size(), 50U) << "it never needs less";
}

}  // namespace
}  // namespace sauda::feed
