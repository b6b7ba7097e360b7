#include "libs/base/market_clock.hpp"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace sauda {
namespace {

using namespace std::chrono_literals;

TEST(MarketClockTest, OfARealBrokerIsTheWallClockWhateverTheBrokerSays) {
  ManualClock clock;
  MarketClock market{clock, MarketClock::Source::kWall};
  const auto wall_ms = clock.UtcNs() / 1'000'000;
  EXPECT_FALSE(market.offset_ms());
  market.Observe(wall_ms + 700);
  EXPECT_EQ(market.NowMs(), wall_ms);
  EXPECT_EQ(market.offset_ms(), 700);
}

TEST(MarketClockTest, OfTheSimulatorRunsOnFromTheLastObservation) {
  ManualClock clock;
  MarketClock market{clock, MarketClock::Source::kBroker};
  market.Observe(1'000'000, 100.0);
  clock.Advance(250ms);
  EXPECT_EQ(market.NowMs(), 1'025'000);
  market.Observe(2'000'000, 0.0);
  clock.Advance(1h);
  EXPECT_EQ(market.NowMs(), 2'000'000) << "a market that moves only with its data stands still";
}

}  // namespace
}  // namespace sauda
