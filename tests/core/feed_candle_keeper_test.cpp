#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/candle_keeper_test.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST_F(CandleKeeperTest, FinishedMinutesAreStoredAndTheRunningOneIsRead) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  Take(*keeper, TradeAt("09:20:20", 102, 1'005, 2));
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "");
  Take(*keeper, TradeAt("09:21:10", 101, 1'010, 3));
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "09:20 100/102/100/102 v6 n2 partial");
  EXPECT_EQ(TextOf(keeper->Read(kKey, Interval::k5m, 9)),
            "09:20 100/102/100/101 v11 n3 partial running");
  EXPECT_TRUE(keeper->Read("NOBODY", Interval::k1m, 9).empty());
  EXPECT_EQ(turns_, 2);
}

TEST_F(CandleKeeperTest, TheBrokersClockEndsAMinuteWithoutAnotherTrade) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  Tick other = TradeAt("09:20:10", 100, 1'000, 2);
  other.broker_ms = At("09:21:01");  // the delay is not over
  Take(*keeper, other);
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "");
  other.seq = 3;
  other.broker_ms = At("09:21:02");
  Take(*keeper, other);
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "09:20 100/100/100/100 v1 n1 partial");
  EXPECT_EQ(keeper->closed_to_ms(), At("09:21:00"));
}

TEST_F(CandleKeeperTest, TheMarketsClockEndsItWhenNothingComes) {
  std::optional<std::int64_t> now_ms;
  const auto keeper = Make({.market_ms = [&] { return now_ms; }});
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  keeper->CloseIdle();
  now_ms = At("09:21:09");
  keeper->CloseIdle();
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "");
  now_ms = At("09:21:10");
  keeper->CloseIdle();
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "09:20 100/100/100/100 v1 n1 partial");
}

TEST_F(CandleKeeperTest, AGapIsMarkedByTheTimeOfTheMarket) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  Take(*keeper, TradeAt("09:22:10", 101, 1'005, 2));
  const auto received_ns = [](const std::string& at) { return TradeAt(at, 0, 0, 0).received_ns; };
  keeper->TakeGap(
      "a", {.number = 5, .from_ns = received_ns("09:22:11"), .to_ns = received_ns("09:23:01")});
  Take(*keeper, TradeAt("09:23:10", 102, 1'010, 3));
  Take(*keeper, TradeAt("09:24:10", 102, 1'015, 4));
  std::vector<bool> marks;
  for (const Candle& bar : keeper->Read(kKey, Interval::k1m, 9)) marks.push_back(bar.gap);
  EXPECT_THAT(marks, ElementsAre(false, true, true, false));
}

TEST_F(CandleKeeperTest, WhileTheStoreIsAwayEverythingWaits) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  Take(*keeper, TradeAt("09:21:10", 101, 1'005, 2));
  store_.Fail(kDown);
  EXPECT_FALSE(keeper->Write(true));
  EXPECT_THAT(failures_, ElementsAre("DATABASE_DOWN"));
  store_.Fail(std::nullopt);
  EXPECT_TRUE(keeper->Write(true));
  EXPECT_EQ(written_, 1U);
  EXPECT_EQ(lost_, 0U);
  EXPECT_EQ(keeper->SegmentOf("a"), 1U);
}

TEST_F(CandleKeeperTest, WhatTheStoreRefusesIsGivenUpAndTold) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1), "a", 7);
  Take(*keeper, TradeAt("09:21:10", 101, 1'005, 2), "a", 7);
  store_.Fail(Error{Code::kInternal, "DATABASE_ERROR", "cannot be stored"});
  EXPECT_TRUE(keeper->Write(true));
  EXPECT_EQ(lost_, 1U);
  EXPECT_EQ(keeper->SegmentOf("a"), 7U) << "it must not hold the journal";
}

TEST_F(CandleKeeperTest, OfTooManyThatWaitTheOldestAreGivenUpOnceTheStoreIsAway) {
  const auto keeper = Make({.most_waiting = 2});
  store_.Fail(kDown);
  for (std::uint64_t i = 0; i < 5; ++i) {  // the later minutes are of the keys that sort first
    Tick tick = TradeAt("09:2" + std::to_string(i) + ":10", 100 + static_cast<double>(i), 9, i + 1);
    tick.listing =
        std::make_shared<const Listing>(Listing{.key = "NSE_FO|" + std::to_string(9 - i)});
    Take(*keeper, tick);
    if (i < 3) continue;
    EXPECT_EQ(lost_, 0U) << "the store was not asked yet";
    if (i == 4) (void)keeper->Write();
  }
  EXPECT_EQ(keeper->waiting(), 2U);
  EXPECT_EQ(lost_, 2U);
  store_.Fail(std::nullopt);
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "09:23 103/103/103/103 v1 n1 partial; 09:22 102/102/102/102 v1 n1 partial");
}

TEST_F(CandleKeeperTest, MoreThanMayWaitAreStoredWhenTheStoreIsThere) {
  const auto keeper = Make({.most_waiting = 2});
  for (std::uint64_t i = 0; i < 6; ++i) {
    Take(*keeper, TradeAt("09:2" + std::to_string(i) + ":10", 100, 1'000, i + 1));
  }
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(lost_, 0U);
  EXPECT_EQ(store_.bars().size(), 5U);
}

TEST_F(CandleKeeperTest, ManyBarsGoInPieces) {
  const auto keeper = Make();
  std::uint64_t seq = 0;
  for (int i = 0; i < 9'000; ++i) {
    Tick tick = TradeAt("09:20:10", 100, 1'000, ++seq);
    tick.listing = std::make_shared<const Listing>(Listing{.key = "NSE_FO|" + std::to_string(i)});
    Take(*keeper, tick);
  }
  Take(*keeper, TradeAt("09:22:10", 100, 1'000, ++seq));
  EXPECT_EQ(keeper->waiting(), 9'000U);
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(written_, 9'000U);
  EXPECT_EQ(store_.bars().size(), 9'000U);
  EXPECT_LT(store_.most_at_once(), 9'000U);
}

TEST_F(CandleKeeperTest, BarsAreStoredThoughACheckpointTakesTooLong) {
  const auto keeper = Make({.checkpoint_every = 0ms});
  store_.FailCheckpoints(Error{Code::kDeadlineExceeded, "STATEMENT_TIMEOUT", "too much"});
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1));
  Take(*keeper, TradeAt("09:21:10", 101, 1'005, 2));
  EXPECT_FALSE(keeper->Write());
  EXPECT_EQ(store_.bars().size(), 1U);
  EXPECT_EQ(keeper->SegmentOf("a"), 0U) << "read again after a restart";
  Take(*keeper, TradeAt("09:22:10", 101, 1'010, 3));
  EXPECT_FALSE(keeper->Write());
  EXPECT_EQ(store_.bars().size(), 2U);
  store_.FailCheckpoints(std::nullopt);
  EXPECT_TRUE(keeper->Write());
  EXPECT_EQ(keeper->SegmentOf("a"), 1U);
}

TEST_F(CandleKeeperTest, CheckpointsComeInTheirTimeAndWhenAsked) {
  const auto keeper = Make({.checkpoint_every = 1h});
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 1), "a", 3);
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(store_.checkpoints(), 0);
  EXPECT_EQ(keeper->SegmentOf("a"), 0U);
  ASSERT_TRUE(keeper->Write(true));
  ASSERT_TRUE(keeper->Write(true)) << "nothing is new";
  EXPECT_EQ(store_.checkpoints(), 1);
  EXPECT_EQ(store_.checkpoint()->seq, 1U);
  EXPECT_EQ(keeper->SegmentOf("a"), 3U);
  EXPECT_EQ(keeper->SegmentOf("b"), 0U);
}

TEST_F(CandleKeeperTest, AStateThatCannotBeReadIsToldAndBegunAnew) {
  const CandleCheckpoint bad{.instance = "a", .seq = 5, .segment = 2, .state = "?"};
  ASSERT_TRUE(store_.Append({}, &bad));
  const auto keeper = Make();
  ASSERT_TRUE(keeper->Load());
  EXPECT_EQ(begun_anew_, 1);
  EXPECT_TRUE(failures_.empty());
  EXPECT_EQ(keeper->SegmentOf("a"), 2U);
  Take(*keeper, TradeAt("09:20:10", 100, 1'000, 6));
  EXPECT_EQ(keeper->Read(kKey, Interval::k1m, 9).size(), 1U);
}

TEST_F(CandleKeeperTest, ADayThatIsPlayedAgainIsMadeAgain) {
  const auto keeper = Make();
  Take(*keeper, TradeAt("10:30:10", 100, 1'000, 1));
  Take(*keeper, TradeAt("10:31:10", 101, 1'005, 2));
  Take(*keeper, TradeAt("09:20:10", 90, 500, 3));
  Take(*keeper, TradeAt("09:21:10", 91, 505, 4));
  ASSERT_TRUE(keeper->Write());
  EXPECT_EQ(Stored(), "09:20 90/90/90/90 v1 n1 partial; 10:30 100/100/100/100 v1 n1 partial");
}

}  // namespace
}  // namespace sauda::feed
