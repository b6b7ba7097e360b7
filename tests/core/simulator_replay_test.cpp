#include <gtest/gtest.h>

#include "libs/base/check.hpp"
#include "simulator/src/core/feed_session.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/core/replay_market.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_capture.hpp"

namespace sauda::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kStartMs = 1'765'771'200'000;
constexpr std::int64_t kLagMs = 5'000;

Captured Element(std::string key, std::int64_t after_ms, double ltp) {
  Captured made{.instrument_key = std::move(key), .recorded_ms = kStartMs + after_ms};
  made.state.ltp = ltp;
  made.state.ltt_ms = made.recorded_ms + kLagMs;
  return made;
}

std::vector<Captured> FiveElements() {
  return {Element("NSE_EQ|A", 0, 1), Element("NSE_EQ|B", 100, 2), Element("NSE_EQ|A", 100, 3),
          Element("NSE_EQ|A", 1'000, 3), Element("NSE_EQ|B", 2'000, 4)};
}

using PriceList = std::vector<double>;

class ReplayMarketTest : public testing::Test {
 protected:
  ReplayMarket& Market(ReplayMarket::Options options) {
    auto summary = Summarise(capture_);
    Check(summary.has_value(), "the made capture can be read");
    return market_.emplace(master_, capture_, *summary, options, clock_.Now());
  }
  std::vector<double> Prices(std::span<const Update> updates) {
    std::vector<double> prices;
    for (const Update& update : updates) prices.push_back(update.state->ltp);
    return prices;
  }

  static Listing Share(std::string key) {
    Listing made;
    made.segment = "NSE_EQ";
    made.instrument_key = std::move(key);
    return made;
  }

  ManualClock clock_;
  MemoryCapture capture_{FiveElements()};
  Master master_{{Share("NSE_EQ|A"), Share("NSE_EQ|B"), Share("NSE_EQ|C")}};
  std::optional<ReplayMarket> market_;
};

TEST_F(ReplayMarketTest, SummarisesTheCapture) {
  const auto summary = Summarise(capture_);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->elements, 5U);
  EXPECT_EQ(summary->elements_by_key,
            (std::vector<std::pair<std::string, std::uint64_t>>{{"NSE_EQ|A", 3}, {"NSE_EQ|B", 2}}));
  EXPECT_EQ(summary->first_recorded_ms, kStartMs);
  EXPECT_EQ(summary->last_recorded_ms, kStartMs + 2'000);
  EXPECT_EQ(summary->clock_lag_ms, kLagMs);
  MemoryCapture empty{{}};
  EXPECT_EQ(Summarise(empty).error().reason, "CAPTURE_EMPTY");
}

TEST_F(ReplayMarketTest, GoesByStepsAndTheEndIsOne) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false, .stepped = true});
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kRunning);
  EXPECT_FALSE(market.NextDue());
  market.Step(2);
  EXPECT_TRUE(market.NextDue());
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (PriceList{1, 2}));
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  market.Step(3);
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (PriceList{3, 3, 4}));
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kRunning) << "the end is a step of its own";
  market.Step(1);
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kEnded);
}

TEST_F(ReplayMarketTest, WaitsUntilEveryKeyIsFollowed) {
  ReplayMarket& market = Market({.speed = 0});
  EXPECT_EQ(market.phase(), MarketPhase::kWaiting);
  EXPECT_FALSE(market.NextDue());
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  market.Follow(0);
  clock_.Advance(1h);
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.NowMs(clock_.Now()), kStartMs + kLagMs) << "the clock waits too";
  EXPECT_EQ(market.Speed(), 0);
  market.Follow(1);
  EXPECT_TRUE(market.NextDue());
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (PriceList{1, 2, 3, 3, 4}));
}

TEST_F(ReplayMarketTest, KeepsTheRecordedSpacingTimesTheSpeed) {
  ReplayMarket& market = Market({.speed = 10, .on_subscribe = false});
  using P = PriceList;
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (P{1}));
  EXPECT_EQ(*market.NextDue(), clock_.Now() + 10ms);
  clock_.Advance(9ms);
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.NowMs(clock_.Now()), kStartMs + kLagMs + 90);
  clock_.Advance(1ms);
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (P{2, 3}));
  clock_.Advance(90ms);
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 10)), (P{3}));
  clock_.Advance(1s);
  EXPECT_EQ(market.NowMs(clock_.Now()), kStartMs + kLagMs + 2'000)
      << "the clock waits for an element that was not taken";
  const auto last = market.Advance(clock_.Now(), 10);
  EXPECT_EQ(Prices(last), (P{4}));
  EXPECT_EQ(last[0].market_ms, kStartMs + kLagMs + 2'000);
  EXPECT_EQ(last[0].number, 2U);
}

TEST_F(ReplayMarketTest, LosesNothingToASlowReader) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  using P = PriceList;
  EXPECT_TRUE(market.Advance(clock_.Now(), 0).empty());
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 2)), (P{1, 2}));
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 2)), (P{3, 3}));
  EXPECT_EQ(Prices(market.Advance(clock_.Now(), 2)), (P{4}));
  EXPECT_EQ(market.served(), 5U);
  EXPECT_EQ(market.served(0), 3U);
}

TEST_F(ReplayMarketTest, InventsNothing) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  EXPECT_EQ(market.State(0), nullptr);
  market.Advance(clock_.Now(), 1);
  EXPECT_EQ(market.State(0)->ltp, 1);
  EXPECT_EQ(market.State(1), nullptr);
  EXPECT_EQ(market.State(2), nullptr);
  EXPECT_FALSE(market.Movable());
}

TEST_F(ReplayMarketTest, WaitsAgainForAKeyThatNobodyFollowsAnyMore) {
  ReplayMarket& market = Market({.speed = 0});
  market.Follow(0);
  market.Follow(0);
  market.Unfollow(0);
  market.Unfollow(0);
  market.Unfollow(0);  // more than followed it: as good as nobody
  market.Unfollow(2);  // not of the capture
  market.Follow(1);
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kWaiting);
  market.Follow(0);
  EXPECT_EQ(market.Advance(clock_.Now(), 2).size(), 2U);
  market.Unfollow(0);
  EXPECT_EQ(market.Advance(clock_.Now(), 10).size(), 3U) << "once it runs it does not stop";
}

TEST_F(ReplayMarketTest, AnnouncesItsEndAfterTheLastElement) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  EXPECT_EQ(market.Advance(clock_.Now(), 10).size(), 5U);
  EXPECT_EQ(market.statuses(), AllSegments(SegmentStatus::kNormalOpen));
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kEnded);
  EXPECT_EQ(market.statuses()[0], SegmentStatus::kNormalClose);
  clock_.Advance(3s);
  EXPECT_EQ(market.NowMs(clock_.Now()), kStartMs + kLagMs + 5'000) << "runs on at 1x";
  EXPECT_EQ(market.Speed(), 1);
  EXPECT_FALSE(market.NextDue());
}

TEST_F(ReplayMarketTest, StartsAgainWhenToldToLoop) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false, .loop = true});
  EXPECT_EQ(market.Advance(clock_.Now(), 10).size(), 5U);
  EXPECT_EQ(market.Advance(clock_.Now(), 10).size(), 5U);
  EXPECT_EQ(market.served(), 10U);
  EXPECT_EQ(market.phase(), MarketPhase::kRunning);
}

TEST_F(ReplayMarketTest, EndsAndSaysWhyWhenTheCaptureBreaks) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false, .loop = true});
  capture_.breaks_at = 3;
  EXPECT_EQ(market.Advance(clock_.Now(), 10).size(), 3U);
  EXPECT_TRUE(market.Advance(clock_.Now(), 10).empty());
  EXPECT_EQ(market.phase(), MarketPhase::kEnded);
  ASSERT_TRUE(market.failure());
  EXPECT_EQ(market.failure()->reason, "CAPTURE_BROKEN");
}

TEST_F(ReplayMarketTest, ReachesASessionElementByElement) {
  ReplayMarket& market = Market({.speed = 0});
  FeedSession session{market, {.count_by_listing = true}};
  EXPECT_EQ(session.Open(clock_.Now()).type, FeedFrame::Type::kMarketInfo);
  const auto snapshot = session.OnRequest(
      R"({"guid":"g","method":"sub","data":{"mode":"full","instrumentKeys":["NSE_EQ|A","NSE_EQ|B"]}})",
      true, clock_.Now());
  EXPECT_FALSE(snapshot) << "nothing is known before the first element";
  const auto frames = session.OnUpdates(market.Advance(clock_.Now(), 10), clock_.Now());
  ASSERT_EQ(frames.size(), 4U) << "two keys at one time share a message";
  EXPECT_EQ(frames[0].current_ms, kStartMs + kLagMs);
  EXPECT_EQ(frames[1].feeds.size(), 2U);
  EXPECT_EQ(session.counts().live, 5U);
  EXPECT_EQ(session.counts().live_by_listing.at(0), 3U);
  const auto end = session.OnUpdates(market.Advance(clock_.Now(), 10), clock_.Now());
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].type, FeedFrame::Type::kMarketInfo);
  EXPECT_EQ((*end[0].market_info)[0], SegmentStatus::kNormalClose);
}

/// What an incremental recording holds: a whole element, then one without a trade, then one
/// without a depth, then a trade alone.
class IncrementalTest : public ReplayMarketTest {
 protected:
  IncrementalTest() {
    Captured whole = Element("NSE_EQ|A", 0, 100);
    whole.state.depth = {{.bid_qty = 10, .bid = 99, .ask_qty = 20, .ask = 101}};
    whole.state.greeks.delta = 0.5;
    whole.state.bars = {{.interval = "1d", .close = 100}};
    whole.state.vtt = 1'000;
    whole.state.tbq = 50;
    Captured depth = Element("NSE_EQ|A", 100, 0);
    depth.state.parts = kDepth;
    depth.state.ltt_ms = 0;
    depth.state.depth = {{.bid_qty = 11, .bid = 98, .ask_qty = 21, .ask = 102}};
    Captured greeks = Element("NSE_EQ|A", 200, 0);
    greeks.state.parts = kGreeks;
    greeks.state.ltt_ms = 0;
    greeks.state.greeks.delta = 0.6;
    Captured trade = Element("NSE_EQ|A", 300, 103);
    trade.state.parts = kTrade;
    capture_ = MemoryCapture{{whole, depth, greeks, trade}};
  }
};

TEST_F(IncrementalTest, StateIsAllThatIsKnown) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  market.Advance(clock_.Now(), 3);
  const FullState& state = *market.State(0);
  EXPECT_EQ(state.parts, kAllParts);
  EXPECT_EQ(state.ltp, 100);
  EXPECT_EQ(state.ltt_ms, kStartMs + kLagMs);
  EXPECT_EQ(state.depth.at(0).bid, 98);
  EXPECT_EQ(state.greeks.delta, 0.6);
  EXPECT_EQ(state.bars.size(), 1U);
  EXPECT_EQ(state.vtt, 1'000);
  EXPECT_EQ(state.tbq, 0) << "the second element's depth says so";
  market.Advance(clock_.Now(), 1);
  EXPECT_EQ(market.State(0)->ltp, 103);
  EXPECT_EQ(market.State(0)->depth.at(0).ask, 102);
}

TEST_F(IncrementalTest, EachElementIsServedAsItWasRecorded) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  const auto updates = market.Advance(clock_.Now(), 10);
  ASSERT_EQ(updates.size(), 4U);
  EXPECT_EQ(updates[1].state->parts, kDepth);
  EXPECT_EQ(updates[1].state->ltp, 0);
  EXPECT_EQ(updates[3].state->parts, kTrade);
  EXPECT_TRUE(updates[3].state->depth.empty());
}

TEST_F(IncrementalTest, ALastPriceSessionIsToldTradesOnly) {
  ReplayMarket& market = Market({.speed = 0, .on_subscribe = false});
  FeedSession session{market, {}};
  session.Open(clock_.Now());
  session.OnRequest(R"({"method":"sub","data":{"mode":"ltpc","instrumentKeys":["NSE_EQ|A"]}})",
                    true, clock_.Now());
  const auto frames = session.OnUpdates(market.Advance(clock_.Now(), 10), clock_.Now());
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].feeds.at(0).state->ltp, 100);
  EXPECT_EQ(frames[1].feeds.at(0).state->ltp, 103);
  EXPECT_EQ(session.counts().live, 2U);
}

TEST(AddMissingTest, ListsKeysThatTheMasterDoesNotHave) {
  CaptureSummary summary;
  summary.elements_by_key = {{"NSE_EQ|A", 1}, {"NSE_INDEX|Nifty 50", 1}, {"NSE_FO|60166", 1}};
  std::vector<Listing> listings(1);
  listings[0].instrument_key = "NSE_EQ|A";
  AddMissing(summary, listings);
  ASSERT_EQ(listings.size(), 3U);
  EXPECT_EQ(listings[1].instrument_key, "NSE_INDEX|Nifty 50");
  EXPECT_TRUE(listings[1].IsIndex());
  EXPECT_EQ(listings[2].segment, "NSE_FO");
  EXPECT_EQ(listings[2].exchange, "NSE");
}

}  // namespace
}  // namespace sauda::sim
