// Orders on real recordings of the market, each worked out by hand from the levels that were shown
// then: the simulator and paper match by one library, so that they agree proves little by itself.
//
// The share is MAXHEALTH (tick 0.10), the option BANKNIFTY 60000 CE of 30 December (tick 0.05, lots
// of 35), both on Monday 2025-12-15. A case names the message of the recording, counted from 0, at
// which each thing is done, and the last message that is played. The times are the recorder's.

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "simulator/src/capture_reader.hpp"
#include "tests/scenarios/outcome.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::scenarios {
namespace {

constexpr auto kShare = "upstox_v3_full_2025-12-15_NSE_EQ_INE027H01010.json.gz";
constexpr auto kOption = "upstox_v3_full_2025-12-15_NSE_FO_60166.json.gz";

struct Act {
  std::size_t message = 0;
  std::string line;
};

struct Case {
  std::string name;
  std::string file;
  std::vector<Act> acts;
  std::size_t last_message = 0;
  std::map<std::string, std::string> outcomes;
};

std::string RecordingOf(const std::string& name) {
  const char* const set = std::getenv("SAUDA_REAL_DATA");
  return std::string{set != nullptr ? set : SAUDA_REAL_DATA_DEFAULT} + "/feed/" + name;
}

Decimal ToDecimal(double rupees) {
  return Decimal::FromNanos(std::llround(rupees * 10'000) * 100'000);
}

Step MarketOf(const sim::FullState& state, const std::string& key) {
  Step step{.kind = Step::Kind::kMarket, .instrument = key};
  for (const sim::DepthLevel& level : state.depth) {
    if (level.bid_qty > 0) step.bids.push_back({ToDecimal(level.bid), level.bid_qty});
    if (level.ask_qty > 0) step.asks.push_back({ToDecimal(level.ask), level.ask_qty});
  }
  step.last_price = ToDecimal(state.ltp);
  step.previous_close = ToDecimal(state.cp);
  return step;
}

/// The market from the first act on, with the acts in it.
Scenario ScriptOf(const Case& one) {
  Scenario scenario{.name = one.name, .expected = one.outcomes};
  const auto reader = sim::CaptureReader::Open({RecordingOf(one.file)});
  EXPECT_TRUE(reader);
  const std::string key = KeyOf(one.file == kShare ? "share" : "option");
  for (std::size_t message = 0; reader && message <= one.last_message; ++message) {
    const auto element = (*reader)->Next();
    EXPECT_TRUE(element && *element) << "message " << message;
    if (!element || !*element) break;
    if (message < one.acts.front().message) continue;
    scenario.steps.push_back(MarketOf((**element).state, key));
    for (const Act& act : one.acts) {
      if (act.message != message) continue;
      const auto step = ReadStep(act.line);
      EXPECT_TRUE(step) << act.line;
      if (step) scenario.steps.push_back(*step);
    }
  }
  return scenario;
}

std::vector<sim::Listing> Listings() {
  auto listings = sim::SmallMaster();
  for (sim::Listing& listing : listings) {
    if (!listing.IsOption()) continue;
    listing.lot_size = listing.minimum_lot = 35;
    listing.freeze_quantity = 600;
  }
  return listings;
}

class HandCaseTest : public testing::TestWithParam<Case> {};

TEST_P(HandCaseTest, EndsAsWorkedOut) {
  if (!std::filesystem::exists(RecordingOf(GetParam().file))) {
    GTEST_SKIP() << GetParam().file << " is not there (SAUDA_REAL_DATA)";
  }
  const Scenario script = ScriptOf(GetParam());
  EXPECT_EQ(Play(script, *MakeSimulatorSide(Listings(), 10'000'000)), GetParam().outcomes);
  EXPECT_EQ(Play(script, *MakePaperSide(Listings())), GetParam().outcomes);
}

INSTANTIATE_TEST_SUITE_P(
    Share, HandCaseTest,
    testing::Values(
        // 10:05:50: asks 79@1066.60 511@1066.70. 100 are 79 and 21 of the 511.
        Case{"AMarketBuyWalksTwoLevels",
             kShare,
             {{1000, "place a buy 100 share market"}},
             1000,
             {{"a", "PENDING OPEN FILLED | 79@1066.6 21@1066.7"}}},
        // 10:05:56: bids 12@1066.30 1133@1066.10. 50 are 12 and 38 of the 1133.
        Case{"AMarketSellSkipsAPriceThatNobodyBids",
             kShare,
             {{1003, "place a sell 50 share market"}},
             1003,
             {{"a", "PENDING OPEN FILLED | 12@1066.3 38@1066.1"}}},
        // 10:06:03: 1066.70 bid, 1067.00 asked: 1066.90 waits between. 10:06:09: 19@1066.90 is
        // asked, and told once more with the next trade; 10:06:15: 11@1066.90, likewise;
        // 10:06:21: 20@1066.90, of which 10 are left to buy.
        Case{"ALimitInsideTheSpreadWaits",
             kShare,
             {{1006, "place a buy 40 share limit 1066.9"}},
             1012,
             {{"a", "PENDING OPEN FILLED | 19@1066.9 11@1066.9 10@1066.9"}}},
        // 10:05:50: 79@1066.60 are taken. Messages 1001 and 1002 tell trades over the same levels:
        // nothing new is offered. 10:05:56: 8@1066.50 89@1066.60 come to who rests at 1066.60.
        Case{"LevelsThatAreToldAgainOfferNothing",
             kShare,
             {{1000, "place a buy 100 share limit 1066.6"}},
             1003,
             {{"a", "PENDING OPEN FILLED | 79@1066.6 8@1066.6 13@1066.6"}}},
        // 10:06:08: asks 3@1067.00 26@1067.20 24@1067.30. Up to 1067.20 there are 29.
        Case{"AnIocTakesWhatItsLimitReaches",
             kShare,
             {{1007, "place a buy 40 share limit 1067.2 ioc"}},
             1010,
             {{"a", "PENDING OPEN CANCELLED(ioc) | 3@1067 26@1067.2"}}},
        // 10:06:03: the best ask is 1067.00. That 1066.90 is asked six seconds later is too late.
        Case{"AnIocBelowTheAskGetsNothing",
             kShare,
             {{1006, "place a buy 10 share limit 1066.9 ioc"}},
             1012,
             {{"a", "PENDING OPEN CANCELLED(ioc)"}}},
        // 10:06:44: the last price is 1066.90; 10:06:47: 1067.00; 10:06:48: 1067.50 fires it. The
        // levels shown then are still 6@1066.90 5@1067.00 45@1067.20, all within 1067.80.
        Case{"AStopToBuyFiresOnTheLastPrice",
             kShare,
             {{1021, "place a buy 30 share stop 1067.5 limit 1067.8"}},
             1023,
             {{"a", "PENDING TRIGGER_PENDING OPEN FILLED | 6@1066.9 5@1067 19@1067.2"}}},
        // 10:06:44: 1066.70 is bid. 10:06:50: 1767@1067.30 is bid: the offer that rests is taken.
        Case{"AnOfferThatRestsIsReached",
             kShare,
             {{1021, "place a sell 100 share limit 1067.3"}},
             1024,
             {{"a", "PENDING OPEN FILLED | 100@1067.3"}}},
        // 10:32:11: 1072.30 is asked. 10:32:14: 226@1072.20: 200 for who came first, 26 for the
        // other; told again; 10:32:15: 92@1072.20, of which 34 are left to buy.
        Case{"WhoCameFirstIsServedFirst",
             kShare,
             {{2004, "place first buy 200 share limit 1072.2"},
              {2004, "place second buy 60 share limit 1072.2"}},
             2009,
             {{"first", "PENDING OPEN FILLED | 200@1072.2"},
              {"second", "PENDING OPEN FILLED | 26@1072.2 34@1072.2"}}},
        // 10:32:06: 5@1072.10 are asked and taken; three more messages tell the same levels. The
        // rest is cancelled before 10:32:14, when 1072.20 is the best ask anyway.
        Case{"ACancelTakesTheRest",
             kShare,
             {{2000, "place a buy 20 share limit 1072.1"}, {2003, "cancel a"}},
             2007,
             {{"a", "PENDING OPEN +cancel CANCELLED | 5@1072.1"}}}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Option, HandCaseTest,
    testing::Values(
        // 09:43:01: asks 35@249.40 105@249.45 140@249.50 35@249.55 245@249.60: 560 in all.
        Case{"AMarketBuyTakesAllThatIsShown",
             kOption,
             {{1002, "place a buy 560 option market"}},
             1002,
             {{"a", "PENDING OPEN FILLED | 35@249.4 105@249.45 140@249.5 35@249.55 245@249.6"}}},
        // 09:43:01: bids 35@248.85 35@248.75 105@248.55 105@248.50 175@248.40: 455 of 490. 1 % from
        // the last price of 248.85 is 246.3615, and 246.40 the next tick on its way back: there 35
        // wait. 09:43:03: 35@249.20 are bid, and trade at the price of who rests.
        Case{"TheRestOfAMarketSellWaitsAtItsProtection",
             kOption,
             {{1003, "place a sell 490 option market protect 1"}},
             1005,
             {{"a",
               "PENDING OPEN FILLED | 35@248.85 35@248.75 105@248.55 105@248.5 175@248.4 "
               "35@246.4"}}},
        // 09:43:03: the last price is 249.40, then 249.15; 09:43:06: 248.55 fires it. Bids are
        // 35@248.60 35@248.40 70@248.25.
        Case{"AStopToSellAtTheMarketTakesTheBids",
             kOption,
             {{1005, "place a sell 105 option stop 248.6 market"}},
             1010,
             {{"a", "PENDING TRIGGER_PENDING OPEN FILLED | 35@248.6 35@248.4 35@248.25"}}},
        // 09:53:30: the last price is 256.00, at most 256.50 until 09:53:33: 257.15 fires it, and
        // 257.10 is the best ask, above its limit of 257.05. 09:53:35: 35@256.35 105@256.60 come.
        Case{"AStopIsGappedThroughAndRests",
             kOption,
             {{2000, "place a buy 70 option stop 257 limit 257.05"}},
             2006,
             {{"a", "PENDING TRIGGER_PENDING OPEN FILLED | 35@257.05 35@257.05"}}},
        // 10:04:58: 70@261.80 of the 140 are taken. The next message asks 70@262.05 35@262.10: with
        // its limit moved there, the order takes the 70 at their price.
        Case{"AModifyAfterAPartMeetsTheMarket",
             kOption,
             {{3000, "place a buy 140 option limit 261.8"}, {3001, "modify a price 262.1"}},
             3001,
             {{"a", "PENDING OPEN +modify FILLED | 70@261.8 70@262.05"}}},
        // 10:04:58: 70@261.80 of the 140 are taken, so that the order cannot become one of 70 or
        // less; one of 105 waits for 35 more. Nobody asks less than 261.90 until 10:05:03.
        Case{"AnOrderDoesNotShrinkToWhatItHas",
             kOption,
             {{3000, "place a buy 140 option limit 261.8"},
              {3001, "modify a quantity 35"},
              {3002, "modify a quantity 70"},
              {3003, "modify a quantity 105"}},
             3008,
             {{"a",
               "PENDING OPEN -modify(below-filled) -modify(below-filled) +modify | 70@261.8"}}}),
    CaseName{});

}  // namespace
}  // namespace sauda::scenarios
