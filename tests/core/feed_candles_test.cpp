// The rules of Candles, each side of each limit: which trade, which minute, which volume.
#include <string>

#include <gtest/gtest.h>

#include "services/feed/src/core/candles.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

struct Case {
  std::string name;
  std::string script;
  std::string minutes;  ///< as TextOf gives them
  Candles::Counts counts;
};
class MinutesTest : public testing::TestWithParam<Case> {};

TEST_P(MinutesTest, AreWhatTheRulesSay) {
  const Case& row = GetParam();
  Candles candles{{}};
  CandlePlayer{candles}.Play(row.script);
  EXPECT_EQ(TextOf(candles.Read(kId, Interval::k1m, 99)), row.minutes);
  const auto& counts = candles.counts();
  EXPECT_EQ(counts.trades, row.counts.trades);
  EXPECT_EQ(counts.repeats, row.counts.repeats);
  EXPECT_EQ(counts.tradeless, row.counts.tradeless);
  EXPECT_EQ(counts.outside, row.counts.outside);
  EXPECT_EQ(counts.late, row.counts.late);
  EXPECT_EQ(counts.ahead, row.counts.ahead);
  EXPECT_EQ(counts.corrections, row.counts.corrections);
  EXPECT_EQ(counts.unqueued, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Trades, MinutesTest,
    testing::Values(
        Case{"OpenHighLowCloseOfAMinute",
             AUCTION "10:00:01 100 5 1005; 10:00:02 103 5 1010; 10:00:03 98 1 1011;"
                     "10:00:59.999 101 1 1012",
             "10:00 100/103/98/101 v12 n4 running",
             {.trades = 4, .outside = 1}},
        Case{"FirstInstantOfTheNextMinuteEndsIt",
             AUCTION "10:00:59.999 100 5 1005; 10:01:00 101 1 1006",
             "10:00 100/100/100/100 v5 n1; 10:01 101/101/101/101 v1 n1 running",
             {.trades = 2, .outside = 1}},
        Case{"NoBarForAMinuteWithoutATrade",
             AUCTION "10:00:01 100 5 1005; 10:05:00 101 1 1006",
             "10:00 100/100/100/100 v5 n1; 10:05 101/101/101/101 v1 n1 running",
             {.trades = 2, .outside = 1}},
        Case{"RepeatIsNoTrade",
             AUCTION "10:00:01 100 5 1005; 10:00:01 100 5 1005; 10:00:01 100 5 1005",
             "10:00 100/100/100/100 v5 n1 running",
             {.trades = 1, .repeats = 2, .outside = 1}},
        Case{"RepeatOfTheOneBeforeIsNoTradeEither",
             AUCTION "10:00:01 100 5 1005; 10:00:02 101 1 1006; 10:00:01 100 5 1005;"
                     "10:00:02 101 1 1006",
             "10:00 100/101/100/101 v6 n2 running",
             {.trades = 2, .repeats = 2, .outside = 1}},
        Case{"SameInstantWithMoreVolumeIsATrade",
             AUCTION "10:00:01 100 5 1005; 10:00:01 100 5 1010",
             "10:00 100/100/100/100 v10 n2 running",
             {.trades = 2, .outside = 1}},
        Case{"SamePriceAndQuantityLaterIsATrade",
             AUCTION "10:00:01 100 5 1005; 10:00:01.001 100 5 1010",
             "10:00 100/100/100/100 v10 n2 running",
             {.trades = 2, .outside = 1}},
        Case{"NegativePricesArePrices",
             AUCTION "10:00:01 -37 5 1005; 10:00:02 -36 5 1010",
             "10:00 -37/-36/-37/-36 v10 n2 running",
             {.trades = 2, .outside = 1}},
        Case{"OpenInterestIsTheLastBeforeTheEnd",
             AUCTION "10:00:01 100 5 1005 oi70; 10:00:01 100 5 1005 oi80; 10:01:00 100 5 1010 oi90",
             "10:00 100/100/100/100 v5 n1 oi80; 10:01 100/100/100/100 v5 n1 oi90 running",
             {.trades = 2, .repeats = 1, .outside = 1}},
        Case{"OpenInterestThatComesAfterTheEndIsNotIts",
             AUCTION "10:00:01 100 5 1005 oi70; close 10:01:00; 10:00:01 100 5 1005 oi80",
             "10:00 100/100/100/100 v5 n1 oi70",
             {.trades = 1, .repeats = 1, .outside = 1}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Volume, MinutesTest,
    testing::Values(
        Case{"GrowthBetweenTwoTradesOfAMinuteIsAllIts",
             AUCTION "10:00:01 100 5 1005; 10:00:02 100 5 1030",
             "10:00 100/100/100/100 v30 n2 running",
             {.trades = 2, .outside = 1}},
        Case{"GrowthOverAnEdgeIsTheLatersButNamed",
             AUCTION "10:00:01 100 5 1005; 10:01:01 100 5 1030",
             "10:00 100/100/100/100 v5 n1; 10:01 100/100/100/100 v25 n1 e20 running",
             {.trades = 2, .outside = 1}},
        Case{"FirstSeenCountsItsQuantityAndIsPartial",
             "10:00:30 100 5 1005; 10:00:31 100 1 1006; 10:01:00 100 2 1008",
             "10:00 100/100/100/100 v6 n2 partial; 10:01 100/100/100/100 v2 n1 running",
             {.trades = 3}},
        Case{"FirstSeenAtTheStartIsPartialToo",  // others may have been at the same instant
             "10:00:00 100 5 1005",
             "10:00 100/100/100/100 v5 n1 partial running",
             {.trades = 1}},
        Case{"AuctionIsInNoMinute",
             "09:07:00 100 10 1000; 09:15:00 100 5 1005",
             "09:15 100/100/100/100 v5 n1 running",
             {.trades = 1, .outside = 1}},
        Case{"UnseenAuctionIsAtTheFirstEdge",  // yesterday's last trade was seen: all of today is
             "10:00:00 100 5 5000; +09:15:01 100 5 1005; +09:15:02 100 5 1010",
             "10:00 100/100/100/100 v5 n1 partial; 09:15 100/100/100/100 v1010 n2 e1000 running",
             {.trades = 3}},
        Case{"NewDayCountsFromZeroThoughItIsMore",
             "10:00:00 100 5 1000; +09:15:01 100 5 1005",
             "10:00 100/100/100/100 v5 n1 partial; 09:15 100/100/100/100 v1005 n1 e1000 running",
             {.trades = 2}},
        Case{"FallCountsTheQuantityAndStartsAgain",
             AUCTION "10:00:01 100 5 1005; 10:01:01 100 2 900; 10:01:02 100 1 903",
             "10:00 100/100/100/100 v5 n1; 10:01 100/100/100/100 v5 n2 estimated running",
             {.trades = 3, .outside = 1, .corrections = 1}},
        Case{"StandingStillIsNoFall",  // the volume comes with a later message
             AUCTION "10:00:01 100 5 1005; 10:00:02 100 2 1005; 10:00:03 100 1 1008",
             "10:00 100/100/100/100 v8 n3 running",
             {.trades = 3, .outside = 1}},
        Case{"LtpcAddsTheQuantitiesOfTrades",
             "10:00:01 100 5; 10:00:01 100 5; 10:00:02 101 2; 10:01:00 101 1",
             "10:00 100/101/100/101 v7 n2 partial estimated;"
             " 10:01 101/101/101/101 v1 n1 estimated running",
             {.trades = 3, .repeats = 1}},
        Case{"FromLtpcToFullStartsAsTheFirst",
             "10:00:01 100 5; 10:00:02 100 2 1000; 10:01:00 100 2 1002",
             "10:00 100/100/100/100 v7 n2 partial estimated; 10:01 100/100/100/100 v2 n1 running",
             {.trades = 3}},
        Case{"SameTradeInFullTellsTheVolume",
             "10:00:01 100 5; 10:00:01 100 5 1000; 10:01:00 100 2 1003",
             "10:00 100/100/100/100 v5 n1 partial estimated;"
             " 10:01 100/100/100/100 v3 n1 e1 running",
             {.trades = 2, .repeats = 1}},
        Case{"FromFullToLtpcAndBack",
             AUCTION
             "10:00:01 100 5 1005; 10:01:00 100 2; 10:02:00 100 3 1050; 10:03:00 100 1 1051",
             "10:00 100/100/100/100 v5 n1; 10:01 100/100/100/100 v2 n1 estimated;"
             " 10:02 100/100/100/100 v3 n1 estimated; 10:03 100/100/100/100 v1 n1 running",
             {.trades = 4, .outside = 1}},
        Case{"IndexHasNone",
             "10:00:01 25950 0; 10:00:02 25951 0",
             "10:00 25950/25951/25950/25951 v0 n2 partial running",
             {.trades = 2}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Session, MinutesTest,
    testing::Values(Case{"LastOfPreOpenIsOutside",
                         AUCTION "09:14:59.999 100 1 1001; 09:15:00 101 1 1002",
                         "09:15 101/101/101/101 v1 n1 running",
                         {.trades = 1, .outside = 2}},
                    Case{"CloseIsOutside",
                         AUCTION "15:29:59.999 100 1 1001; 15:30:00 101 1 1002",
                         "15:29 100/100/100/100 v1 n1",
                         {.trades = 1, .outside = 2}},
                    Case{"AfterTheCloseItsVolumeIsNotTheNextDays",
                         AUCTION "15:29:00 100 1 1001; 15:42:00 101 2 1003; +09:07:00 100 1 1;"
                                 "+09:15:00 100 3 4",
                         "15:29 100/100/100/100 v1 n1; 09:15 100/100/100/100 v3 n1 running",
                         {.trades = 2, .outside = 3}},
                    Case{"OlderTradeOutsideIsOutside",
                         AUCTION "09:15:00 100 1 1002; 09:14:59 99 1 1001",
                         "09:15 100/100/100/100 v2 n1 e1 running",
                         {.trades = 1, .outside = 2}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    BrokersClock, MinutesTest,
    testing::Values(Case{"AMinuteAheadIsBelieved",
                         AUCTION "10:01:01 100 1 1001 @10:00:01",
                         "10:01 100/100/100/100 v1 n1 running",
                         {.trades = 1, .outside = 1}},
                    Case{"MoreIsIgnored",
                         AUCTION "10:01:01.001 100 1 1001 @10:00:01; 10:00:02 99 2 1002 @10:00:02",
                         "10:00 99/99/99/99 v2 n1 running",
                         {.trades = 1, .outside = 1, .ahead = 1}},
                    Case{"OldNewsOfAQuietInstrumentIsLate",
                         AUCTION "10:00:59 100 1 1001 @10:03:00.001; 10:03:01 101 2 1003 @10:03:01",
                         "10:03 101/101/101/101 v3 n1 e1 running",
                         {.trades = 1, .outside = 1, .late = 1}},
                    Case{"WithinTheGraceItIsABar",
                         AUCTION "10:00:59 100 1 1001 @10:03:00; 10:03:01 101 2 1003 @10:03:01",
                         "10:00 100/100/100/100 v1 n1; 10:03 101/101/101/101 v2 n1 running",
                         {.trades = 2, .outside = 1}},
                    Case{"OldFirstSeenMakesNoBarButKnowsTheVolume",
                         "10:00:59 100 1 1001 @11:00:00; 11:00:01 101 2 1003 @11:00:01",
                         "11:00 101/101/101/101 v2 n1 running",
                         {.trades = 1, .late = 1}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Late, MinutesTest,
    testing::Values(Case{"AfterTheEndByTimeItRevises",
                         AUCTION "10:00:01 100 5 1005; close 10:01:00; 10:00:59 102 1 1006",
                         "10:00 100/102/100/102 v6 n2 r1",
                         {.trades = 2, .outside = 1}},
                    Case{"BeforeTheEndItDoesNot",
                         AUCTION "10:00:01 100 5 1005; close 10:00:59.999; 10:00:59 102 1 1006",
                         "10:00 100/102/100/102 v6 n2 running",
                         {.trades = 2, .outside = 1}},
                    Case{"AfterTheEndByTimeItMakesTheBar",
                         AUCTION "close 10:01:00; 10:00:59 102 1 1001",
                         "10:00 102/102/102/102 v1 n1 r1",
                         {.trades = 1, .outside = 1}},
                    Case{"LastWithinTheGraceByTime",
                         AUCTION "10:00:01 100 5 1005; close 10:03:00; 10:00:59 102 1 1006",
                         "10:00 100/102/100/102 v6 n2 r1",
                         {.trades = 2, .outside = 1}},
                    Case{"TooLateByTime",
                         AUCTION "10:00:01 100 5 1005; close 10:03:00.001; 10:00:59 102 1 1006",
                         "10:00 100/100/100/100 v5 n1",
                         {.trades = 1, .outside = 1, .late = 1}},
                    Case{"TooLateByTimeItsVolumeIsTheNextOnes",
                         AUCTION "10:00:01 100 5 1005; close 10:03:00.001; 10:00:59 102 1 1006;"
                                 "10:03:01 101 1 1007",
                         "10:00 100/100/100/100 v5 n1; 10:03 101/101/101/101 v2 n1 e1 running",
                         {.trades = 2, .outside = 1, .late = 1}},
                    Case{"OlderThanTheNewestRevisesItsMinute",
                         AUCTION "10:00:01 100 5 1005; 10:01:01 101 1 1010; 10:00:30 103 2 1007",
                         "10:00 100/103/100/103 v7 n2 r1; 10:01 101/101/101/101 v3 n1 e2 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderWithinTheGraceByTheNewest",
                         AUCTION "10:00:01 100 5 1005; 10:03:00 101 1 1010; 10:00:30 103 2 1007",
                         "10:00 100/103/100/103 v7 n2 r1; 10:03 101/101/101/101 v3 n1 e2 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderTooLateByTheNewest",
                         AUCTION
                         "10:00:01 100 5 1005; 10:03:00.001 101 1 1010; 10:00:30 103 2 1007",
                         "10:00 100/100/100/100 v5 n1; 10:03 101/101/101/101 v5 n1 e4 running",
                         {.trades = 2, .outside = 1, .late = 1}},
                    Case{"OlderBetweenTwoOfItsMinuteMovesNothing",
                         AUCTION "10:00:01 100 5 1005; 10:00:50 100 5 1015; 10:01:01 101 1 1020;"
                                 "10:00:30 103 2 1007",
                         "10:00 100/103/100/100 v15 n3 r1; 10:01 101/101/101/101 v5 n1 e4 running",
                         {.trades = 4, .outside = 1}},
                    Case{"OlderThanTheFirstOfItsMinuteIsTheOpen",
                         AUCTION "10:00:10 100 5 1005; 10:01:01 101 1 1006; 10:00:01 99 2 1000",
                         "10:00 99/100/99/100 v5 n2 r1; 10:01 101/101/101/101 v1 n1 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderThanTheFirstNarrowsTheEdge",
                         AUCTION "09:59:01 100 1 1001; 10:00:10 100 5 1015; 10:00:01 99 2 1005",
                         "09:59 100/100/100/100 v1 n1; 10:00 99/100/99/100 v14 n2 e2 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderInTheRunningMinuteIsNoRevision",
                         AUCTION "10:00:10 100 5 1005; 10:00:05 104 2 1000",
                         "10:00 104/104/100/100 v5 n2 running",
                         {.trades = 2, .outside = 1}},
                    Case{"SameInstantWithLessVolumeIsNotTheClose",
                         AUCTION "10:00:10 100 5 1005; 10:00:10 104 2 1000",
                         "10:00 100/104/100/100 v5 n2 running",
                         {.trades = 2, .outside = 1}},
                    Case{"OlderWithoutABarMakesOneBetween",
                         AUCTION "10:00:01 100 5 1005; 10:02:01 101 1 1020; 10:01:30 103 2 1010",
                         "10:00 100/100/100/100 v5 n1; 10:01 103/103/103/103 v5 n1 e3 r1;"
                         " 10:02 101/101/101/101 v10 n1 e9 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderThanAllWithoutABarTakesItsQuantity",
                         AUCTION "10:02:01 101 1 1020; 10:01:30 103 2 1010",
                         "10:01 103/103/103/103 v2 n1 r1; 10:02 101/101/101/101 v18 n1 e17 running",
                         {.trades = 2, .outside = 1}},
                    Case{"OlderNeverTakesMoreThanTheEdge",  // what is sure stays
                         AUCTION "10:00:01 100 5 1005; 10:01:01 101 4 1010; 10:00:30 103 2 1009",
                         "10:00 100/103/100/103 v6 n2 r1; 10:01 101/101/101/101 v4 n1 running",
                         {.trades = 3, .outside = 1}},
                    Case{"OlderRevisesTheMinuteAfterItWhenThatIsOverToo",
                         AUCTION "10:00:01 100 5 1005; 10:01:01 101 1 1010; 10:02:00 100 1 1011;"
                                 "10:00:30 103 2 1007",
                         "10:00 100/103/100/103 v7 n2 r1; 10:01 101/101/101/101 v3 n1 e2 r1;"
                         " 10:02 100/100/100/100 v1 n1 running",
                         {.trades = 4, .outside = 1}},
                    Case{"OlderInLtpcAddsItsQuantity",
                         "10:00:01 100 5; 10:01:01 101 1; 10:00:30 103 2",
                         "10:00 100/103/100/103 v7 n2 r1 partial estimated;"
                         " 10:01 101/101/101/101 v1 n1 estimated running",
                         {.trades = 3}},
                    Case{"LastMinuteMayBeMadeAfterTheClose",
                         AUCTION "15:28:00 100 5 1005; 15:30:01 101 1 1008; 15:29:30 102 2 1007",
                         "15:28 100/100/100/100 v5 n1; 15:29 102/102/102/102 v0 n1 r1",
                         {.trades = 2, .outside = 2}}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
