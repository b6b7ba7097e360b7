// Candles that are saved and loaded, marked by gaps, and summed up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/market_offset.hpp"
#include "services/feed/src/core/roll_up.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/random_trades.hpp"

namespace sauda::feed {
namespace {

using testing::SizeIs;

const std::vector<std::string> kKeys{"NSE_FO|0", "NSE_FO|1", "NSE_FO|2", "NSE_FO|3"};

TEST(CandlesStateTest, LoadedCandlesGoOnAsTheSavedOnesWould) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  RandomTrades trades{seed};
  const Candles::Options options{.kept_minutes = 4};
  Candles straight{options};
  auto restarted = std::make_unique<Candles>(options);
  for (int i = 0; i < 5'000; ++i) {
    const Tick tick = trades.Next();
    for (Candles* each : {&straight, restarted.get()}) {
      each->OnTick(trades.id(), tick);
      if (i % 7 == 0) each->Close(trades.now_ms() - 2'000);
      if (i % 900 == 0) each->MarkGap(trades.now_ms() - 70'000, trades.now_ms());
    }
    ASSERT_EQ(TextOf(straight.Take()), TextOf(restarted->Take())) << i;
    if (random() % 20 != 0) continue;
    StateWriter out;
    restarted->Save(out);
    const std::string state = out.Finish();
    restarted = std::make_unique<Candles>(options);
    StateReader in{state};
    ASSERT_TRUE(restarted->Load(in, kKeys));
  }
  for (InstrumentId id = 0; id < RandomTrades::kInstruments; ++id) {
    for (const Interval interval : kIntervals) {
      EXPECT_EQ(straight.Read(id, interval, 99), restarted->Read(id, interval, 99));
    }
  }
}

TEST(CandlesStateTest, BytesThatAreCutShortOrOthersAreRefused) {
  Candles candles{{}};
  CandlePlayer{candles}.Play("09:20:00 100 5 1005; 09:21:00 101 5 1010");
  StateWriter out;
  candles.Save(out);
  const std::string state = out.Finish();
  for (std::size_t size = 0; size < state.size(); ++size) {
    Candles loaded{{}};
    StateReader in{std::string_view{state}.substr(0, size)};
    ASSERT_FALSE(loaded.Load(in, kKeys)) << size;
    EXPECT_TRUE(loaded.Read(kId, Interval::k1m, 9).empty());
  }
  std::string other = state;
  other[0] = static_cast<char>(other[0] + 1);
  StateReader in{other};
  EXPECT_FALSE(Candles{{}}.Load(in, kKeys));
  StateReader few{state};
  EXPECT_FALSE(Candles{{}}.Load(few, std::span{kKeys}.first(2))) << "a key is missing";
}

TEST(StateWriterTest, CountsWhatAnotherKeepsWithoutARoomOfItsOwn) {
  Candles candles{{}};
  CandlePlayer{candles}.Play("09:20:00 100 5 1005; 09:21:00 101 5 1010");
  StateWriter counted = StateWriter::Counting();
  StateWriter grown;
  for (StateWriter* each : {&counted, &grown}) {
    each->PutText("a key");
    candles.Save(*each);
  }
  StateWriter at_once{counted.size()};
  at_once.PutText("a key");
  candles.Save(at_once);
  const std::string state = grown.Finish();
  EXPECT_EQ(state.size(), counted.size());
  EXPECT_EQ(state, at_once.Finish());
  EXPECT_EQ(counted.Finish(), "");
}

struct GapCase {
  std::string name;
  std::string from;
  std::string to;
  std::string marked;  // the minutes, of 09:20 to 09:24
};

class CandlesGapTest : public testing::TestWithParam<GapCase> {
 protected:
  static std::string MarkedOf(const std::vector<Candle>& bars) {
    std::string marked;
    for (const Candle& bar : bars) {
      if (bar.gap) marked += (marked.empty() ? "" : " ") + HourMinute(bar.start_ms);
    }
    return marked;
  }
  static constexpr const char* kBefore = AUCTION "09:20:30 100 5 1005; 09:21:30 101 5 1010";
  static constexpr const char* kAfter = "09:22:30 102 5 1015; 09:23:30 103 5 1020";
};

TEST_P(CandlesGapTest, MarksWhatItTouchesThatIsThere) {
  Candles candles{{}};
  CandlePlayer player{candles};
  player.Play(std::string{kBefore} + ";" + kAfter);
  candles.MarkGap(At(GetParam().from), At(GetParam().to));
  EXPECT_EQ(MarkedOf(candles.Read(kId, Interval::k1m, 9)), GetParam().marked);
}

TEST_P(CandlesGapTest, MarksWhatItTouchesThatComesLater) {
  Candles candles{{}};
  CandlePlayer player{candles};
  candles.MarkGap(At(GetParam().from), At(GetParam().to));
  player.Play(std::string{kBefore} + ";" + kAfter);
  EXPECT_EQ(MarkedOf(candles.Read(kId, Interval::k1m, 9)), GetParam().marked);
}

INSTANTIATE_TEST_SUITE_P(
    Times, CandlesGapTest,
    testing::Values(GapCase{"Inside", "09:21:10", "09:21:20", "09:21"},
                    GapCase{"AnInstant", "09:21:00", "09:21:00", "09:21"},
                    GapCase{"LastInstant", "09:21:59.999", "09:21:59.999", "09:21"},
                    GapCase{"Over", "09:20:59", "09:22:00", "09:20 09:21 09:22"},
                    GapCase{"Before", "09:18:00", "09:19:59.999", ""},
                    GapCase{"After", "09:24:00", "09:30:00", ""}),
    CaseName{});

TEST(CandlesGapTellTest, AFinishedBarIsToldAgainOnceAndTheSumsAreMarked) {
  Candles candles{{.coarse = false}};
  CandlePlayer{candles}.Play(AUCTION "09:20:30 100 5 1005; 09:21:30 101 5 1010");
  EXPECT_THAT(candles.Take(), SizeIs(1));
  candles.MarkGap(At("09:20:10"), At("09:20:20"));
  candles.MarkGap(At("09:20:10"), At("09:20:20"));
  const auto again = candles.Take();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_TRUE(again[0].gap);
  EXPECT_EQ(again[0].revised, 1U);
  EXPECT_TRUE(candles.Read(kId, Interval::k5m, 1)[0].gap);
  EXPECT_TRUE(candles.Read(kId, Interval::k1d, 1)[0].gap);
}

TEST(RollUpTest, SumsAreThoseThatTheTradesMake) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomTrades trades{seed};
  Candles candles{{.kept_minutes = 1'000}};
  for (int i = 0; i < 5'000; ++i) {
    const Tick tick = trades.Next();
    candles.OnTick(trades.id(), tick);
    candles.Close(trades.now_ms() - 2'000);
  }
  for (InstrumentId id = 0; id < RandomTrades::kInstruments; ++id) {
    const auto minutes = candles.Read(id, Interval::k1m, 1'000);
    const std::int64_t now_ms = std::max(candles.closed_to_ms(), minutes.back().start_ms);
    for (const Interval interval : kIntervals) {
      auto sums = RollUp(minutes, interval, calendar::Segment::kNseDerivatives, now_ms);
      auto made = candles.Read(id, interval, 1'000);
      ASSERT_EQ(sums.size(), made.size());
      for (std::size_t i = 0; i < sums.size(); ++i) {
        EXPECT_EQ(Text(sums[i]), Text(made[i])) << static_cast<int>(interval);
      }
    }
  }
}

struct BarCase {
  std::string name;
  Interval interval;
  std::string at;
  std::string start;
  std::string end;  // of the bar that the instant before `at` is in
};

class BarEdgeTest : public testing::TestWithParam<BarCase> {};

TEST_P(BarEdgeTest, IsThatOfTheSession) {
  constexpr auto kSegment = calendar::Segment::kNseDerivatives;
  const auto& [name, interval, at, start, end] = GetParam();
  EXPECT_EQ(HourMinute(StartOfBar(interval, kSegment, At(at))), start);
  EXPECT_EQ(HourMinute(EndOfBar(interval, kSegment, At(at))), end);
}

INSTANTIATE_TEST_SUITE_P(
    Bars, BarEdgeTest,
    testing::Values(BarCase{"Open", Interval::k1h, "09:15:00", "09:15", "09:15"},
                    BarCase{"InABar", Interval::k1h, "10:20:00", "10:15", "11:15"},
                    BarCase{"AtAnEdge", Interval::k1h, "10:15:00", "10:15", "10:15"},
                    BarCase{"LastBar", Interval::k1h, "15:29:00", "15:15", "15:30"},
                    BarCase{"Close", Interval::k1h, "15:30:00", "15:30", "15:30"},
                    BarCase{"Night", Interval::k1h, "20:00:00", "20:00", "20:00"},
                    BarCase{"Day", Interval::k1d, "12:00:00", "09:15", "15:30"},
                    BarCase{"Minute", Interval::k1m, "12:00:30", "12:00", "12:01"}),
    CaseName{});

TEST(MarketOffsetTest, KnowsTheOffsetOfEachTime) {
  MarketOffset offset;
  EXPECT_EQ(offset.MarketMs(5), 5);
  offset.Observe(10'000, 110'000);
  offset.Observe(20'000, 120'500);  // within a step
  offset.Observe(30'000, 30'000);   // another market
  EXPECT_EQ(offset.MarketMs(5'000), 105'000) << "before the first: as the first";
  EXPECT_EQ(offset.MarketMs(29'999), 129'999);
  EXPECT_EQ(offset.MarketMs(30'000), 30'000);
  for (std::int64_t i = 0; i < 20; ++i) offset.Observe(100'000 + i, i * 10'000);
  EXPECT_EQ(offset.MarketMs(100'019), 190'000);
}

}  // namespace
}  // namespace sauda::feed
