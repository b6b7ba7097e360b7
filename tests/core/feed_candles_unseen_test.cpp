// What a candle says of a time in which its instrument was not subscribed.
#include <string>

#include <gtest/gtest.h>

#include "services/feed/src/core/candles.hpp"
#include "services/feed/src/core/roll_up.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

struct Case {
  std::string name;
  std::string script;  // after a trade at 10:00:01
  std::string minutes;
};
class UnseenTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr const char* kBefore = AUCTION "10:00:01 100 5 1005 @10:00:01;";
};

TEST_P(UnseenTest, IsInNoBar) {
  Candles candles{{}};
  CandlePlayer{candles}.Play(kBefore + GetParam().script);
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1m, 99)),
            "10:00 100/100/100/100 v5 n1" + GetParam().minutes);
}

INSTANTIATE_TEST_SUITE_P(
    Ticks, UnseenTest,
    testing::Values(
        Case{"SubscribedAgain",
             "12:00:01 110 2 9000 @12:00:02 snapshot; 12:01:01 111 1 9003 @12:01:01",
             "; 12:00 110/110/110/110 v2 n1 partial; 12:01 111/111/111/111 v3 n1 e2 running"},
        Case{"TheNextDay", "+09:15:30 110 2 9000 @+09:15:31 snapshot",
             "; 09:15 110/110/110/110 v2 n1 partial running"},
        Case{"SnapshotAtTheLimit", "10:05:01 110 2 1100 @10:05:01 snapshot",
             "; 10:05 110/110/110/110 v95 n1 e93 running"},
        Case{"SnapshotOverTheLimit", "10:05:01 110 2 1100 @10:05:01.001 snapshot",
             "; 10:05 110/110/110/110 v2 n1 partial running"},
        Case{"SilenceWithASubscription", "12:00:01 110 2 9000 @12:00:02",
             "; 12:00 110/110/110/110 v7995 n1 e7993 running"},
        Case{"TicksWithoutATradeCount",
             "10:00:01 100 5 1005 @11:59:00; 12:00:01 110 2 9000 @12:00:02 snapshot",
             "; 12:00 110/110/110/110 v7995 n1 e7993 running"},
        Case{"NothingWasTraded",
             "10:00:01 100 5 1005 @12:00:00 snapshot; 12:00:01 110 2 1010 @12:00:02",
             "; 12:00 110/110/110/110 v5 n1 e3 running"},
        Case{"TradeOfTheSnapshotIsOld",
             "11:00:00 110 2 9000 @12:00:01 snapshot; 12:00:30 111 1 9001 @12:00:30",
             "; 12:00 111/111/111/111 v1 n1 running"}),
    CaseName{});

TEST(UnseenSumsTest, LongerBarsArePartialTooAndEarlierOnesAreNot) {
  Candles candles{{.kept_minutes = 2}};
  CandlePlayer{candles}.Play(
      AUCTION
      "10:00:01 100 5 1005 @10:00:01; 10:20:01 101 5 1010 @10:20:01;"
      "12:00:01 110 2 9000 @12:00:02 snapshot; 12:01:01 111 1 9003 @12:01:01;"
      "12:02:01 111 1 9004 @12:02:01; 12:03:01 111 1 9005 @12:03:01;"
      "14:00:01 111 1 9006 @14:00:01");
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1d, 1)),
            "09:15 100/111/100/111 v18 n7 partial running");
  std::string partial;
  for (const Candle& bar : candles.Take()) {
    if (bar.interval == Interval::k1h && bar.partial) partial += HourMinute(bar.start_ms) + " ";
  }
  EXPECT_EQ(partial, "11:15 ");
}

TEST(UnseenSumsTest, StoredMinutesSayTheSame) {
  Candles candles{{}};
  CandlePlayer{candles}.Play(
      AUCTION
      "10:20:01 101 5 1010 @10:20:01;"
      "11:00:01 110 2 9000 @11:00:02 snapshot; 11:01:01 111 1 9003 @11:01:01");
  const auto hours = RollUp(candles.Read(kId, Interval::k1m, 9), Interval::k1h,
                            calendar::SegmentOf("NSE_FO"), At("11:02:00"));
  EXPECT_EQ(TextOf(hours), TextOf(candles.Read(kId, Interval::k1h, 9)));
  ASSERT_EQ(hours.size(), 1U);
  EXPECT_TRUE(hours[0].partial);
}

}  // namespace
}  // namespace sauda::feed
