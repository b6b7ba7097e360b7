// What a CandleKeeper keeps over restarts, and over days.
#include <random>

#include <gtest/gtest.h>

#include "tests/support/candle_keeper_test.hpp"
#include "tests/support/random_trades.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

/// Five days, each with contracts of its own and one that is always traded; the third day is after
/// days without a trade.
std::vector<Tick> DaysOfContracts() {
  std::vector<Tick> ticks;
  const auto add = [&](const std::string& key, std::int64_t at_ms, std::int64_t volume) {
    Tick& tick = ticks.emplace_back();
    tick.listing = std::make_shared<const Listing>(Listing{.key = key});
    tick.seq = ticks.size();
    tick.broker_ms = at_ms;
    tick.received_ns = at_ms * 1'000'000;
    tick.mode = Mode::kFull;
    tick.last = LastTrade{.price = 100, .time_ms = at_ms, .quantity = 1};
    tick.totals.volume = volume;
  };
  for (const int day : {0, 1, 7, 8, 9}) {
    const std::int64_t from_ms = At("09:20:10") + day * calendar::kMsPerDay;
    for (int minute = 0; minute < 10; ++minute) {
      const std::int64_t at_ms = from_ms + minute * calendar::kMsPerMinute;
      for (int i = 0; i < 20; ++i) {
        add("NSE_FO|" + std::to_string(day) + "." + std::to_string(i), at_ms, 100 + minute);
      }
      add("NSE_FO|ALWAYS", at_ms + 30'000, 100 + minute);
    }
  }
  return ticks;
}

TEST_F(CandleKeeperTest, ContractsOfPastDaysAreForgotten) {
  const auto keeper = Make({.checkpoint_every = 0ms});
  std::size_t largest = 0;
  std::size_t after_a_day = 0;
  for (const Tick& tick : DaysOfContracts()) {
    Take(*keeper, tick);
    ASSERT_TRUE(keeper->Write());
    largest = std::max(largest, store_.checkpoint()->state.size());
    if (tick.broker_ms < At("16:00:00")) after_a_day = largest;
  }
  EXPECT_LT(largest, after_a_day * 5 / 2) << "at most two days";
  EXPECT_EQ(keeper->VersionOf("NSE_FO|0.0"), 0U);
  EXPECT_TRUE(keeper->Read("NSE_FO|7.0", Interval::k1m, 9).empty());
  EXPECT_FALSE(keeper->Read("NSE_FO|9.19", Interval::k1m, 9).empty());
  const auto bars = keeper->Read("NSE_FO|ALWAYS", Interval::k1d, 9);
  ASSERT_FALSE(bars.empty());
  EXPECT_FALSE(bars.back().partial) << "it goes on";
  EXPECT_EQ(bars.back().volume, 109);
}

/// Has a second keeper, which is never restarted, to compare with.
class CandleKeeperRestartTest : public CandleKeeperTest {
 protected:
  MemoryCandles straight_store_;
  CandleKeeper straight_{
      straight_store_,
      {},
      {.on_written = [](std::size_t) {}, .on_failure = [](const Error&, std::size_t) {}}};
};

TEST_F(CandleKeeperRestartTest, RestartsChangeNothingOverDays) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  const auto ticks = DaysOfContracts();
  auto keeper = Make({.checkpoint_every = 0ms});
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    Take(straight_, ticks[i]);
    (void)straight_.Write();
    Take(*keeper, ticks[i]);
    if (random() % 10 == 0) {
      ASSERT_TRUE(keeper->Write());
    }
    if (random() % 40 != 0) continue;
    keeper = Make({.checkpoint_every = 0ms});
    ASSERT_TRUE(keeper->Load());
    for (std::size_t again = 0; again <= i; ++again) Take(*keeper, ticks[again]);
  }
  ASSERT_TRUE(keeper->Write(true));
  ASSERT_TRUE(straight_.Write(true));
  EXPECT_EQ(store_.bars(), straight_store_.bars());
  EXPECT_EQ(store_.checkpoint()->state.size(), straight_store_.checkpoint()->state.size());
}

TEST_F(CandleKeeperRestartTest, RestartsChangeNothing) {
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
  auto keeper = Make({.checkpoint_every = 0ms});
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    Take(straight_, ticks[i]);
    if (i % 700 == 0) straight_.TakeGap("a", gap_after(i));
    (void)straight_.Write();
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
  ASSERT_TRUE(straight_.Write(true));
  EXPECT_EQ(store_.bars(), straight_store_.bars());
  EXPECT_GT(store_.bars().size(), 50U);
}

}  // namespace
}  // namespace sauda::feed
