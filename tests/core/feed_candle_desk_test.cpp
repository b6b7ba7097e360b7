#include <gtest/gtest.h>

#include "services/feed/src/core/candle_desk.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/memory_candles.hpp"

namespace sauda::feed {
namespace {

/// Candles in memory, as a test says.
class ScriptedSource final : public CandleSource {
 public:
  std::vector<Candle> Read(const std::string&, Interval, std::size_t) const override {
    return minutes;
  }
  std::uint64_t version() const override { return 0; }
  std::uint64_t VersionOf(const std::string&) const override { return 0; }
  std::int64_t closed_to_ms() const override { return now_ms; }
  std::vector<Candle> minutes;
  std::int64_t now_ms = 0;
};

class CandleDeskTest : public testing::Test {
 protected:
  static Candle Minute(const std::string& at, double price, bool complete = true) {
    return {.start_ms = At(at),
            .open = price,
            .high = price,
            .low = price,
            .close = price,
            .volume = 1,
            .trades = 1,
            .complete = complete};
  }
  void Store(const std::vector<Candle>& minutes) {
    std::vector<StoredCandle> bars;
    for (const Candle& minute : minutes) bars.push_back({"NSE_FO|1", minute});
    ASSERT_TRUE(store_.Append(bars, nullptr));
  }
  CandlePage Read(Interval interval, const std::string& from, const std::string& to,
                  std::size_t limit = 99) {
    const auto page = desk_.Read({.key = "NSE_FO|1",
                                  .interval = interval,
                                  .from_ms = At(from),
                                  .to_ms = At(to),
                                  .limit = limit});
    EXPECT_TRUE(page);
    return *page;
  }
  MemoryCandles store_;
  ScriptedSource memory_;
  CandleDesk desk_{store_, memory_};
};

TEST_F(CandleDeskTest, MemoryGoesBeforeTheStore) {
  Store({Minute("09:20:00", 1), Minute("09:21:00", 2), Minute("09:23:00", 3)});
  memory_.minutes = {Minute("09:21:00", 20), Minute("09:22:00", 21), Minute("09:24:00", 22, false)};
  EXPECT_EQ(TextOf(Read(Interval::k1m, "09:00:00", "10:00:00").candles),
            "09:20 1/1/1/1 v1 n1; 09:21 20/20/20/20 v1 n1; 09:22 21/21/21/21 v1 n1; "
            "09:23 3/3/3/3 v1 n1; 09:24 22/22/22/22 v1 n1 running");
}

TEST_F(CandleDeskTest, LongerBarsAreWholeAtBothEdgesOfTheTime) {
  Store({Minute("09:15:00", 1), Minute("09:16:00", 2), Minute("09:19:00", 3), Minute("09:20:00", 4),
         Minute("09:24:00", 5), Minute("09:25:00", 6)});
  EXPECT_EQ(TextOf(Read(Interval::k5m, "09:17:00", "09:21:00").candles),
            "09:15 1/3/1/3 v3 n3; 09:20 4/5/4/5 v2 n2");
  EXPECT_EQ(TextOf(Read(Interval::k5m, "09:15:00", "09:20:00").candles), "09:15 1/3/1/3 v3 n3");
}

TEST_F(CandleDeskTest, ABarRunsUntilTheMarketSaysOtherwise) {
  Store({Minute("09:15:00", 1)});
  EXPECT_FALSE(Read(Interval::k5m, "09:15:00", "09:20:00").candles[0].complete);
  memory_.now_ms = At("09:20:00");
  EXPECT_TRUE(Read(Interval::k5m, "09:15:00", "09:20:00").candles[0].complete);
}

TEST_F(CandleDeskTest, PagesHoldWholeBars) {
  std::vector<Candle> minutes;
  for (std::int64_t i = 0; i < 60; ++i) {
    minutes.push_back(Minute("09:15:00", static_cast<double>(i)));
    minutes.back().start_ms += i * calendar::kMsPerMinute;
  }
  Store(minutes);
  std::string from = "09:15:00";
  std::vector<std::string> starts;
  for (;;) {
    const auto page = Read(Interval::k5m, from, "10:15:00", 5);
    for (const Candle& bar : page.candles) {
      EXPECT_EQ(bar.trades, 5U);
      starts.push_back(HourMinute(bar.start_ms));
    }
    if (!page.next_ms) break;
    from = HourMinute(*page.next_ms) + ":00";
  }
  EXPECT_EQ(store_.last_limit(), 30U) << "no more than five bars and another may hold";
  EXPECT_EQ(starts.size(), 12U);
  EXPECT_EQ(starts.back(), "10:10");
}

TEST_F(CandleDeskTest, MinutesOfNoSessionEndNothing) {
  std::vector<Candle> minutes;  // of the night, which another calendar took for a session
  for (std::int64_t i = 0; i < 40; ++i) {
    minutes.push_back(Minute("04:00:00", 1));
    minutes.back().start_ms += i * calendar::kMsPerMinute;
  }
  minutes.push_back(Minute("09:15:00", 7));
  Store(minutes);
  std::vector<Candle> bars;
  CandleRange range{.key = "NSE_FO|1",
                    .interval = Interval::k5m,
                    .from_ms = At("04:00:00"),
                    .to_ms = At("10:00:00"),
                    .limit = 2};
  for (int pages = 0; pages < 9; ++pages) {
    const auto page = desk_.Read(range);
    ASSERT_TRUE(page);
    bars.insert(bars.end(), page->candles.begin(), page->candles.end());
    if (!page->next_ms) break;
    range.from_ms = *page->next_ms;
  }
  EXPECT_EQ(TextOf(bars), "09:15 7/7/7/7 v1 n1 running");
}

TEST_F(CandleDeskTest, AReadingThatIsCutLeavesTheLastBarForTheNext) {
  std::vector<Candle> minutes;
  for (std::size_t i = 0; i < CandleDesk::kMostMinutes + 10; ++i) {  // sessions after sessions
    const auto day = static_cast<std::int64_t>(i / 375);
    const auto minute = static_cast<std::int64_t>(i % 375);
    minutes.push_back(Minute("09:15:00", 1));
    minutes.back().start_ms += day * calendar::kMsPerDay + minute * calendar::kMsPerMinute;
  }
  Store(minutes);
  CandleRange range{.key = "NSE_FO|1",
                    .interval = Interval::k1m,
                    .from_ms = At("09:15:00"),
                    .to_ms = minutes.back().start_ms + 1,
                    .limit = 1'000'000};
  std::size_t read = 0;
  for (;;) {
    const auto page = desk_.Read(range);
    ASSERT_TRUE(page);
    read += page->candles.size();
    if (!page->next_ms) break;
    range.from_ms = *page->next_ms;
  }
  EXPECT_EQ(read, minutes.size());
}

TEST_F(CandleDeskTest, AStoreThatIsAwayIsAFailure) {
  store_.Fail(Error{Code::kUnavailable, "DATABASE_DOWN", "no database"});
  EXPECT_EQ(desk_.Read({.key = "NSE_FO|1", .to_ms = 1}).error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::feed
