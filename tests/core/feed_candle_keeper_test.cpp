#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/candle_keeper.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/memory_candles.hpp"
#include "tests/support/random_trades.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr const char* kKey = "NSE_FO|1";
const Error kDown{Code::kUnavailable, "DATABASE_DOWN", "no database"};

class CandleKeeperTest : public testing::Test {
 protected:
  /// A tick of a trade at its time, which the broker's clock shows too.
  static Tick TradeAt(const std::string& at, double price, std::int64_t volume, std::uint64_t seq) {
    Tick tick;
    tick.listing = std::make_shared<const Listing>(Listing{.key = kKey});
    tick.seq = seq;
    tick.broker_ms = At(at);
    tick.received_ns = (At(at) + 1'000'000) * 1'000'000;  // this machine is ahead of the market
    tick.mode = Mode::kFull;
    tick.last = LastTrade{.price = price, .time_ms = At(at), .quantity = 1};
    tick.totals.volume = volume;
    return tick;
  }
  std::unique_ptr<CandleKeeper> Make(CandleKeeper::Options options = {}) {
    options.retry_after = 0ms;
    return std::make_unique<CandleKeeper>(
        store_, std::move(options),
        CandleKeeper::Events{.on_written = [this](std::size_t bars) { written_ += bars; },
                             .on_failure =
                                 [this](const Error& why, std::size_t lost) {
                                   failures_.push_back(why.reason);
                                   lost_ += lost;
                                 },
                             .on_turn = [this] { ++turns_; }});
  }
  static void Take(CandleKeeper& keeper, const Tick& tick, const std::string& run = "a",
                   std::uint64_t segment = 1) {
    keeper.Take(run, segment, std::span{&tick, 1});
  }
  std::string Stored() const {
    std::vector<Candle> bars;
    for (const auto& [place, bar] : store_.bars()) bars.push_back(bar);
    return TextOf(bars);
  }

  MemoryCandles store_;
  std::size_t written_ = 0;
  std::size_t lost_ = 0;
  int turns_ = 0;
  std::vector<std::string> failures_;
};

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

TEST_F(CandleKeeperTest, TooManyThatWaitAreGivenUp) {
  const auto keeper = Make({.most_waiting = 2});
  store_.Fail(kDown);
  for (std::uint64_t i = 0; i < 5; ++i) {
    Take(*keeper, TradeAt("09:2" + std::to_string(i) + ":10", 100, 1'000, i + 1));
    (void)keeper->Write();
  }
  EXPECT_EQ(lost_, 2U);
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
  EXPECT_THAT(failures_, ElementsAre("CANDLE_STATE_UNREADABLE"));
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

TEST_F(CandleKeeperTest, RestartsChangeNothing) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  RandomTrades trades{seed};
  std::vector<Tick> ticks;
  for (int i = 0; i < 4'000; ++i) ticks.push_back(trades.Next());
  const auto gap_after = [&](std::size_t i) {
    return Gap{.number = i + 1,
               .from_ns = ticks[i].received_ns - 50'000'000'000,
               .to_ns = ticks[i].received_ns};
  };
  MemoryCandles straight_store;
  CandleKeeper straight{
      straight_store,
      {},
      {.on_written = [](std::size_t) {}, .on_failure = [](const Error&, std::size_t) {}}};
  auto keeper = Make({.checkpoint_every = 0ms});
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    Take(straight, ticks[i]);
    if (i % 700 == 0) straight.TakeGap("a", gap_after(i));
    (void)straight.Write();
    Take(*keeper, ticks[i]);
    if (i % 700 == 0) keeper->TakeGap("a", gap_after(i));
    if (random() % 50 == 0) {
      ASSERT_TRUE(keeper->Write());
    }
    if (random() % 150 != 0) continue;
    keeper = Make({.checkpoint_every = 0ms});  // killed: the journal is read again from its place
    ASSERT_TRUE(keeper->Load());
    for (std::size_t again = 0; again <= i; ++again) {
      Take(*keeper, ticks[again]);
      if (again % 700 == 0) keeper->TakeGap("a", gap_after(again));
    }
  }
  ASSERT_TRUE(keeper->Write(true));
  ASSERT_TRUE(straight.Write(true));
  EXPECT_EQ(store_.bars(), straight_store.bars());
  EXPECT_GT(store_.bars().size(), 50U);
}

}  // namespace
}  // namespace sauda::feed
