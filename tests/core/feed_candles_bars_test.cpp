// What Candles gives: the longer bars, what is told and when, and its bounds.
#include <array>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/core/candles.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

struct IntervalCase {
  std::string name;
  std::string key;
  Interval interval;
  std::string script;
  std::string bars;
};
class IntervalTest : public testing::TestWithParam<IntervalCase> {};

TEST_P(IntervalTest, IsAnchoredAtTheOpen) {
  const auto& row = GetParam();
  Candles candles{{}};
  CandlePlayer{candles, row.key}.Play(row.script);
  EXPECT_EQ(TextOf(candles.Read(kId, row.interval, 99)), row.bars);
}

/// Trades around the edges of everything from 1m to 1h, one share each.
#define MORNING                                                                          \
  "09:07:00 9 1 10; 09:15:00 1 1 11; 09:17:59 2 1 12; 09:18:00 3 1 13; 09:19:59 4 1 14;" \
  "09:20:00 5 1 15; 09:29:59 6 1 16; 09:30:00 7 1 17; 09:44:59 8 1 18; 09:45:00 9 1 19;" \
  "10:14:59 10 1 20; 10:15:00 11 1 21"

INSTANTIATE_TEST_SUITE_P(
    Edges, IntervalTest,
    testing::Values(
        IntervalCase{"ThreeMinutes", "NSE_EQ|A", Interval::k3m,
                     "09:07:00 9 1 10; 09:15:00 1 1 11; 09:17:59 2 1 12; 09:18:00 3 1 13",
                     "09:15 1/2/1/2 v2 n2; 09:18 3/3/3/3 v1 n1 running"},
        IntervalCase{"FiveMinutes", "BSE_EQ|A", Interval::k5m,
                     "09:07:00 9 1 10; 09:15:00 1 1 11; 09:19:59 4 1 14; 09:20:00 5 1 15",
                     "09:15 1/4/1/4 v4 n2; 09:20 5/5/5/5 v1 n1 running"},
        IntervalCase{"FifteenMinutes", "NSE_FO|1", Interval::k15m, MORNING,
                     "09:15 1/6/1/6 v6 n6; 09:30 7/8/7/8 v2 n2; 09:45 9/9/9/9 v1 n1;"
                     " 10:00 10/10/10/10 v1 n1; 10:15 11/11/11/11 v1 n1 running"},
        IntervalCase{"HalfAnHour", "NSE_INDEX|N", Interval::k30m, MORNING,
                     "09:15 1/8/1/8 v8 n8; 09:45 9/10/9/10 v2 n2; 10:15 11/11/11/11 v1 n1 running"},
        IntervalCase{"AnHour", "NSE_FO|1", Interval::k1h, MORNING,
                     "09:15 1/10/1/10 v10 n10; 10:15 11/11/11/11 v1 n1 running"},
        IntervalCase{"ADay", "NSE_FO|1", Interval::k1d, MORNING, "09:15 1/11/1/11 v11 n11 running"},
        IntervalCase{"CurrencyFromNine", "NCD_FO|1", Interval::k1h,
                     "08:59:59 80 1 1; 09:00:00 81 1 2; 09:59:59 82 1 3; 10:00:00 83 1 4",
                     "09:00 81/82/81/82 v2 n2; 10:00 83/83/83/83 v1 n1 running"},
        IntervalCase{"CommodityFromNineToHalfPastEleven", "MCX_FO|1", Interval::k1h,
                     "08:59:59 80 1 1; 09:00:00 81 1 2; 23:29:59 82 1 3; 23:30:00 83 1 4",
                     "09:00 81/81/81/81 v1 n1; 23:00 82/82/82/82 v1 n1"},
        IntervalCase{"LastHourEndsWithTheSession", "NSE_FO|1", Interval::k1h,
                     "09:07:00 9 1 10; 15:14:59 1 1 11; 15:15:00 2 1 12; close 15:30:00",
                     "14:15 1/1/1/1 v1 n1; 15:15 2/2/2/2 v1 n1"},
        IntervalCase{"LastHourRunsUntilTheSessionsEnd", "NSE_FO|1", Interval::k1h,
                     "09:07:00 9 1 10; 15:15:00 2 1 11; close 15:29:59.999",
                     "15:15 2/2/2/2 v1 n1 running"},
        IntervalCase{"DayEndsWithTheSession", "NSE_FO|1", Interval::k1d,
                     "09:07:00 9 1 10; 15:15:00 2 1 11; close 15:30:00; +09:20:00 3 1 1",
                     "09:15 2/2/2/2 v1 n1; 09:15 3/3/3/3 v1 n1 running"},
        IntervalCase{
            "UnknownSegmentHasAllDay", "GLOBAL_INDEX|X", Interval::k1h,
            "00:00:00 1 0; 00:59:59 2 0; 23:00:00 3 0; +00:00:00 4 0",
            "00:00 1/2/1/2 v0 n2 partial; 23:00 3/3/3/3 v0 n1; 00:00 4/4/4/4 v0 n1 running"},
        IntervalCase{"EdgeVolumeIsThatOfTheFirstMinute", "NSE_FO|1", Interval::k3m,
                     "09:07:00 9 1 10; 09:15:01 1 1 15; 09:16:01 1 1 20",
                     "09:15 1/1/1/1 v10 n2 e4 running"},
        IntervalCase{"PartialIsWhatBeganBeforeTheFirstSeen", "NSE_FO|1", Interval::k5m,
                     "09:17:00 1 1 10; 09:18:00 1 1 15; 09:20:00 1 1 20",
                     "09:15 1/1/1/1 v6 n2 partial; 09:20 1/1/1/1 v5 n1 e4 running"},
        IntervalCase{"PartialAlsoWhenTheFirstSeenMadeNoBar", "NSE_FO|1", Interval::k15m,
                     "09:16:00 1 1 10 @09:26:00; 09:27:00 1 1 15; 09:30:00 1 1 16",
                     "09:15 1/1/1/1 v5 n1 e4 partial; 09:30 1/1/1/1 v1 n1 running"},
        IntervalCase{"EstimatedWhenAMinuteOfItIs", "NSE_FO|1", Interval::k3m,
                     "09:07:00 9 1 10; 09:15:01 1 1 11; 09:16:01 1 1; 09:18:00 1 1 12",
                     "09:15 1/1/1/1 v2 n2 estimated; 09:18 1/1/1/1 v1 n1 estimated running"}),
    CaseName{});

TEST(SpanTest, IsCutAtTheSessionsEnd) {
  const SessionHours hours = SessionHoursOf(calendar::Segment::kNseEquity, At("12:00:00"));
  EXPECT_EQ(hours.open_ms, At("09:15:00"));
  EXPECT_EQ(hours.close_ms, At("15:30:00"));
  EXPECT_EQ(SpanOf(Interval::k1h, At("15:29:59"), hours), (Span{At("15:15:00"), At("15:30:00")}));
  EXPECT_EQ(SpanOf(Interval::k30m, At("15:14:59"), hours), (Span{At("14:45:00"), At("15:15:00")}));
  EXPECT_EQ(SpanOf(Interval::k1d, At("10:00:00"), hours), (Span{At("09:15:00"), At("15:30:00")}));
}

TEST(SpanTest, DerivativesCloseLaterSince2026August3) {
  const std::int64_t before = calendar::IstDate{2026, 7, 31}.AtMinute(600);
  const std::int64_t since = calendar::IstDate{2026, 8, 3}.AtMinute(600);
  const auto segment = calendar::Segment::kNseDerivatives;
  EXPECT_EQ(HourMinute(SessionHoursOf(segment, before).close_ms), "15:30");
  EXPECT_EQ(HourMinute(SessionHoursOf(segment, since).close_ms), "15:40");
}

TEST(SpanTest, ClosedDayHasNoSession) {
  const SessionHours hours =
      SessionHoursOf(calendar::Segment::kNseEquity, calendar::IstDate{2026, 1, 26}.AtMinute(600));
  EXPECT_EQ(hours.open_ms, hours.close_ms);
}

class CandlesTest : public testing::Test {
 protected:
  Candles candles_{{}};
  CandlePlayer player_{candles_};
};

TEST_F(CandlesTest, WithoutTimeOrPriceThereIsNoTrade) {
  Tick tick;
  tick.listing = std::make_shared<Listing>(Listing{.key = "NSE_EQ|A"});
  candles_.OnTick(kId, tick);
  for (const LastTrade& last :
       {LastTrade{.price = 0, .time_ms = At("10:00:00")}, LastTrade{.price = 1, .time_ms = 0},
        LastTrade{.price = std::nan(""), .time_ms = At("10:00:00")},
        LastTrade{.price = HUGE_VAL, .time_ms = At("10:00:00")}}) {
    tick.last = last;
    candles_.OnTick(kId, tick);
  }
  EXPECT_EQ(candles_.counts(), (Candles::Counts{.tradeless = 5}));
  EXPECT_TRUE(candles_.Read(kId, Interval::k1m, 9).empty());
}

TEST_F(CandlesTest, TakeGivesFinishedBarsOnceShorterFirst) {
  player_.Play(AUCTION "09:15:01 1 1 1001; 09:17:01 2 1 1002");
  EXPECT_EQ(TextOf(candles_.Take()), "09:15 1/1/1/1 v1 n1");
  player_.Play("09:18:00 3 1 1003");
  const auto taken = candles_.Take();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].interval, Interval::k1m);
  EXPECT_EQ(taken[1].interval, Interval::k3m);
  EXPECT_EQ(taken[0].instrument, kId);
  EXPECT_EQ(taken[1].instrument, kId);
  EXPECT_EQ(TextOf(taken), "09:17 2/2/2/2 v1 n1; 09:15 1/2/1/2 v2 n2");
  EXPECT_TRUE(candles_.Take().empty());
}

TEST_F(CandlesTest, CloseFinishesEveryIntervalThatEnds) {
  player_.Play(AUCTION "15:29:01 1 1 1001; close 15:29:59.999");
  EXPECT_TRUE(candles_.Take().empty());
  candles_.Close(At("15:30:00"));
  const auto taken = candles_.Take();
  ASSERT_EQ(taken.size(), kIntervals.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(taken[i].interval, kIntervals[i]);
    EXPECT_TRUE(taken[i].complete);
  }
  player_.Play("close 15:31:00; close 15:29:00; +09:15:00 1 1 1");
  EXPECT_TRUE(candles_.Take().empty()) << "each is told once";
}

TEST_F(CandlesTest, CloseFinishesALongerBarAfterItsLastMinute) {
  player_.Play(AUCTION "09:16:01 1 1 1001; close 09:17:00");
  EXPECT_EQ(TextOf(candles_.Take()), "09:16 1/1/1/1 v1 n1");
  player_.Play("close 09:17:59.999");
  EXPECT_TRUE(candles_.Take().empty());
  player_.Play("close 09:18:00");
  EXPECT_EQ(TextOf(candles_.Take()), "09:15 1/1/1/1 v1 n1");
}

TEST_F(CandlesTest, RevisedBarsComeAgainWithTheLongerOnesThatAreOver) {
  player_.Play(AUCTION "09:15:01 1 1 1001; close 09:18:00");
  candles_.Take();
  player_.Play("09:17:30 5 1 1002");
  const auto taken = candles_.Take();
  EXPECT_EQ(TextOf(taken), "09:17 5/5/5/5 v1 n1 r1; 09:15 1/5/1/5 v2 n2 r1");
  player_.Play("close 09:20:00");
  EXPECT_EQ(TextOf(candles_.Take()), "09:15 1/5/1/5 v2 n2 r1") << "five minutes, once";
}

TEST_F(CandlesTest, RevisionOverTheEdgeOfLongerBarsTellsBoth) {
  player_.Play(AUCTION "09:17:01 1 1 1001; 09:18:01 2 1 1010; close 09:20:00");
  candles_.Take();
  player_.Play("09:17:30 5 1 1004");
  EXPECT_EQ(TextOf(candles_.Take()),
            "09:17 1/5/1/5 v4 n2 r1; 09:15 1/5/1/5 v4 n2 r1; 09:15 1/5/1/2 v10 n3 r1;"
            " 09:18 2/2/2/2 v6 n1 e5 r1; 09:15 1/5/1/2 v10 n3 r2");
}

TEST_F(CandlesTest, ABarMadeLateOfAnIntervalOfItsOwnIsTold) {
  player_.Play(AUCTION "09:15:01 1 1 1001; 09:21:01 2 1 1010");
  candles_.Take();
  player_.Play("09:20:30 5 1 1004");
  EXPECT_EQ(TextOf(candles_.Take()), "09:20 5/5/5/5 v3 n1 e2 r1; 09:18 5/5/5/5 v3 n1 e2 r1");
  EXPECT_EQ(TextOf(candles_.Read(kId, Interval::k3m, 9)),
            "09:15 1/1/1/1 v1 n1; 09:18 5/5/5/5 v3 n1 e2 r1; 09:21 2/2/2/2 v6 n1 e5 running");
}

TEST_F(CandlesTest, LastMinuteMadeAfterTheCloseIsTold) {
  player_.Play(AUCTION "15:28:00 100 5 1005; 15:30:01 101 1 1008");
  EXPECT_EQ(candles_.Take().size(), kIntervals.size());
  player_.Play("15:29:30 102 2 1007");
  const auto taken = candles_.Take();
  ASSERT_EQ(taken.size(), kIntervals.size());
  for (const Candle& bar : taken) EXPECT_EQ(bar.close, 102) << Text(bar);
}

TEST_F(CandlesTest, LimitGivesTheNewest) {
  player_.Play(AUCTION "09:15:01 1 1 1001; 09:16:01 2 1 1002; 09:21:01 3 1 1003");
  EXPECT_EQ(TextOf(candles_.Read(kId, Interval::k1m, 2)),
            "09:16 2/2/2/2 v1 n1; 09:21 3/3/3/3 v1 n1 running");
  EXPECT_EQ(TextOf(candles_.Read(kId, Interval::k3m, 1)), "09:21 3/3/3/3 v1 n1 running");
  EXPECT_TRUE(candles_.Read(kId, Interval::k1m, 0).empty());
  EXPECT_TRUE(candles_.Read(kId - 1, Interval::k1m, 9).empty());
  EXPECT_TRUE(candles_.Read(kId + 1, Interval::k1m, 9).empty());
}

TEST_F(CandlesTest, ForgottenStartsAnew) {
  player_.Play(AUCTION "10:00:01 1 1 1001; 10:01:01 1 1 1002");
  candles_.Forget(kId);
  candles_.Forget(kId + 1);
  EXPECT_TRUE(candles_.Read(kId, Interval::k1m, 9).empty());
  EXPECT_EQ(candles_.Take().size(), 1U);
  player_.Play("10:05:01 2 3 2000");
  EXPECT_EQ(TextOf(candles_.Read(kId, Interval::k1m, 9)), "10:05 2/2/2/2 v3 n1 partial running");
}

TEST_F(CandlesTest, InstrumentsAreApart) {
  CandlePlayer other{candles_, "MCX_FO|2", 0};
  player_.Play(AUCTION "10:00:01 1 1 1001");
  other.Play("08:00:00 7 1 1; 10:00:02 8 2 3");
  EXPECT_EQ(TextOf(candles_.Read(kId, Interval::k1m, 9)), "10:00 1/1/1/1 v1 n1 running");
  EXPECT_EQ(TextOf(candles_.Read(0, Interval::k1m, 9)), "10:00 8/8/8/8 v2 n1 running");
  candles_.Close(At("10:01:00"));
  EXPECT_EQ(TextOf(candles_.Take()), "10:00 8/8/8/8 v2 n1; 10:00 1/1/1/1 v1 n1");
}

TEST(CandlesBoundsTest, KeepsTheNewestMinutesAndLongerBarsWhole) {
  Candles candles{{.kept_minutes = 2}};
  CandlePlayer player{candles};
  player.Play(AUCTION "09:15:01 4 1 1001; 09:16:01 2 1 1002; 09:17:01 3 1 1003; 09:18:01 1 1 1004");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1m, 9)),
            "09:17 3/3/3/3 v1 n1; 09:18 1/1/1/1 v1 n1 running");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k3m, 9)),
            "09:15 4/4/2/3 v3 n3; 09:18 1/1/1/1 v1 n1 running");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1d, 9)), "09:15 4/4/1/1 v4 n4 running");
  player.Play("09:16:30 9 1 1002");
  EXPECT_EQ(candles.counts().late, 1U) << "its minute has gone";
  player.Play("+09:15:01 5 1 1; +09:16:01 6 1 2");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1d, 9)), "09:15 5/6/5/6 v2 n2 running");
}

TEST(CandlesBoundsTest, MakesABarBetweenInAFullHistory) {
  Candles candles{{.kept_minutes = 3}};
  CandlePlayer{candles}.Play(
      AUCTION "09:15:01 4 1 1001; 09:16:01 2 1 1002; 09:18:01 3 1 1010; 09:17:01 7 1 1005");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1m, 9)),
            "09:16 2/2/2/2 v1 n1; 09:17 7/7/7/7 v3 n1 e2 r1; 09:18 3/3/3/3 v5 n1 e4 running");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1d, 9)), "09:15 4/7/2/3 v10 n4 r1 running");
}

TEST(CandlesBoundsTest, FullQueueCountsWhatItDoesNotTake) {
  Candles candles{{.queue = 2}};
  CandlePlayer player{candles};
  player.Play(AUCTION "09:15:01 1 1 1001; 09:16:01 1 1 1002; 09:17:01 1 1 1003; 09:18:01 1 1 1004");
  EXPECT_EQ(TextOf(candles.Take()), "09:15 1/1/1/1 v1 n1; 09:16 1/1/1/1 v1 n1");
  EXPECT_EQ(candles.counts().unqueued, 2U) << "09:17, and three minutes from 09:15";
  player.Play("close 09:19:00");
  EXPECT_EQ(TextOf(candles.Take()), "09:18 1/1/1/1 v1 n1");
}

TEST(CandlesBoundsTest, GraceAndAheadAreOptions) {
  Candles candles{{.grace = std::chrono::seconds{1}, .ahead = std::chrono::seconds{2}}};
  CandlePlayer player{candles};
  player.Play(AUCTION "10:00:01 1 1 1001; 10:01:01 1 1 1010; 10:00:30 2 1 1002");
  EXPECT_EQ(candles.counts().late, 0U);
  player.Play("10:01:01.001 1 1 1011; 10:00:31 2 1 1003");
  EXPECT_EQ(candles.counts().late, 1U);
  player.Play("10:01:04 1 1 1012 @10:01:02; 10:01:05 1 1 1013 @10:01:02.999");
  EXPECT_EQ(candles.counts().ahead, 1U);
}

/// In whatever order trades come within the grace: no volume is lost or made up, and high, low,
/// open and close are those of the same trades in order.
TEST(CandlesPropertyTest, OrderOfArrivalChangesNoPriceAndNoTotal) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const auto below = [&](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> trades;
    std::int64_t volume = 1'000;
    int second = 0;
    for (int i = 0; i < 60; ++i) {
      second += 1 + below(8);
      const int quantity = 1 + below(5);
      volume += quantity + (below(2) == 0 ? below(20) : 0);
      std::array<char, 64> text{};
      std::snprintf(text.data(), text.size(), "10:%02d:%02d %d %d %lld;", second / 60, second % 60,
                    90 + below(20), quantity, static_cast<long long>(volume));
      trades.emplace_back(text.data());
    }
    const auto play = [](const std::vector<std::string>& order) {
      Candles candles{{.grace = std::chrono::minutes{10}}};
      CandlePlayer player{candles};
      player.Play(AUCTION);
      for (const std::string& trade : order) player.Play(trade);
      player.Play("close 15:30:00");
      return std::pair{candles.Read(kId, Interval::k1m, 99), candles.Read(kId, Interval::k1d, 1)};
    };
    const auto [minutes, day] = play(trades);
    for (std::size_t i = 1; i < trades.size(); ++i) {
      if (below(3) == 0) std::swap(trades[i], trades[i - 1]);
    }
    const auto [mixed_minutes, mixed_day] = play(trades);
    ASSERT_EQ(day.size(), 1U);
    EXPECT_EQ(day[0].volume, volume - 1'000);
    EXPECT_EQ(mixed_day[0].volume, day[0].volume);
    EXPECT_EQ(mixed_day[0].trades, day[0].trades);
    ASSERT_EQ(mixed_minutes.size(), minutes.size());
    for (std::size_t i = 0; i < minutes.size(); ++i) {
      EXPECT_EQ(mixed_minutes[i].open, minutes[i].open);
      EXPECT_EQ(mixed_minutes[i].high, minutes[i].high);
      EXPECT_EQ(mixed_minutes[i].low, minutes[i].low);
      EXPECT_EQ(mixed_minutes[i].close, minutes[i].close);
      EXPECT_EQ(mixed_minutes[i].volume, minutes[i].volume);
      EXPECT_GE(mixed_minutes[i].edge_volume, minutes[i].edge_volume);
      EXPECT_EQ(mixed_minutes[i].trades, minutes[i].trades);
    }
    if (HasFailure()) return;
  }
}

TEST(CandlesByCalendarTest, FollowACalendarThatChangesDuringTheDay) {
  calendar::CalendarKeeper calendars;
  Candles candles{{.calendars = &calendars}};
  CandlePlayer player{candles, "NSE_EQ|A"};
  player.Play("15:29:00 1 1 11; 15:31:00 2 1 12");
  EXPECT_EQ(candles.counts().outside, 1U) << "after the close";
  // The exchange trades for an hour longer on that day, as the broker now tells.
  const auto date = calendar::IstDate::Of(At("12:00:00"));
  calendars.Replace(calendar::Calendar{{{date,
                                         calendar::Segment::kNseEquity,
                                         {{{540, 555, 990}}, "", calendar::DayOrigin::kBroker}}}});
  player.Play("15:32:00 3 1 13");
  EXPECT_EQ(candles.counts().outside, 1U);
  EXPECT_EQ(
      HourMinute(
          SessionHoursOf({calendar::Segment::kNseEquity, &calendars}, At("12:00:00")).close_ms),
      "16:30");
}

}  // namespace
}  // namespace sauda::feed
