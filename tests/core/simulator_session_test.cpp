#include <map>

#include <gtest/gtest.h>

#include "libs/base/check.hpp"
#include "simulator/src/core/feed_session.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::sim {
namespace {

/// A market that a test moves by hand.
class HandMarket final : public Market {
 public:
  explicit HandMarket(std::size_t listings) : master_{Listings(listings)}, states_(listings) {
    for (FullState& state : states_) state.depth.resize(30);
  }

  const Master& master() const override { return master_; }
  std::int64_t NowMs(Monotonic) const override { return now_ms; }
  double Speed() const override { return 1; }
  MarketPhase phase() const override { return MarketPhase::kRunning; }
  const SegmentStatuses& statuses() const override { return statuses_now; }
  const FullState* State(ListingId id) override { return unknown == id ? nullptr : &states_[id]; }
  void Follow(ListingId id) override { ++followers[id]; }
  void Unfollow(ListingId id) override { --followers[id]; }
  std::span<const Update> Advance(Monotonic, std::size_t) override { return {}; }
  std::optional<Monotonic> NextDue() const override { return std::nullopt; }
  bool Movable() const override { return false; }
  void ShowResting(ListingId, Side, double, std::int64_t) override {}
  void PrintTrade(ListingId, double, std::int64_t, Side, bool) override {}

  FullState& state(ListingId id) { return states_.at(id); }
  Update UpdateOf(ListingId id) {
    return {.id = id, .number = 1, .market_ms = now_ms, .state = &states_.at(id)};
  }

  std::int64_t now_ms = 1'765'771'200'000;
  SegmentStatuses statuses_now = AllSegments(SegmentStatus::kNormalOpen);
  std::map<ListingId, int> followers;
  std::optional<ListingId> unknown;

 private:
  static std::vector<Listing> Listings(std::size_t count) {
    std::vector<Listing> made(count);
    for (std::size_t i = 0; i < count; ++i) {
      made[i].segment = "NSE_EQ";
      made[i].instrument_key = "NSE_EQ|" + std::to_string(i);
    }
    return made;
  }

  Master master_;
  std::vector<FullState> states_;
};

std::string Request(std::string_view method, std::string_view mode, std::size_t from,
                    std::size_t count) {
  std::string text = R"({"guid":"g","method":")" + std::string{method} + R"(","data":{)";
  if (!mode.empty()) text += R"("mode":")" + std::string{mode} + R"(",)";
  text += R"("instrumentKeys":[)";
  for (std::size_t i = 0; i < count; ++i) {
    text += (i > 0 ? "," : "") + std::string{"\"NSE_EQ|"} + std::to_string(from + i) + '"';
  }
  return text + "]}}";
}

class FeedSessionTest : public testing::Test {
 protected:
  std::optional<FeedFrame> Ask(const std::string& request) {
    return session_.OnRequest(request, true, clock_.Now());
  }
  std::vector<FeedFrame> Tell(std::vector<Update> updates) {
    updates_ = std::move(updates);
    return session_.OnUpdates(updates_, clock_.Now());
  }

  ManualClock clock_;
  HandMarket market_{20};
  FeedSession session_{market_, {.count_by_listing = true}};
  std::vector<Update> updates_;
};

TEST_F(FeedSessionTest, OpensWithTheStatusOfEverySegment) {
  const FeedFrame frame = session_.Open(clock_.Now());
  EXPECT_EQ(frame.type, FeedFrame::Type::kMarketInfo);
  EXPECT_EQ(frame.current_ms, market_.now_ms);
  ASSERT_NE(frame.market_info, nullptr);
  EXPECT_EQ(*frame.market_info, AllSegments(SegmentStatus::kNormalOpen));
}

TEST_F(FeedSessionTest, GivesASnapshotAndThenWhatChanges) {
  session_.Open(clock_.Now());
  const auto snapshot = Ask(Request("sub", "full", 0, 3));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->type, FeedFrame::Type::kInitial);
  ASSERT_EQ(snapshot->feeds.size(), 3U);
  EXPECT_EQ(*snapshot->feeds[1].key, "NSE_EQ|1");
  EXPECT_EQ(snapshot->feeds[1].mode, FeedMode::kFull);

  const auto frames = Tell({market_.UpdateOf(1), market_.UpdateOf(9), market_.UpdateOf(2)});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, FeedFrame::Type::kLive);
  EXPECT_EQ(frames[0].feeds.size(), 2U) << "what is not subscribed is not sent";
  EXPECT_TRUE(Tell({market_.UpdateOf(9)}).empty());
  EXPECT_EQ(session_.counts().frames, 3U);
  EXPECT_EQ(session_.counts().initial, 3U);
  EXPECT_EQ(session_.counts().live, 2U);
  EXPECT_EQ(session_.counts().live_by_listing.at(2), 1U);
}

TEST_F(FeedSessionTest, PutsAKeysSecondUpdateIntoASecondMessage) {
  session_.Open(clock_.Now());
  Ask(Request("sub", "ltpc", 0, 2));
  const auto frames =
      Tell({market_.UpdateOf(0), market_.UpdateOf(1), market_.UpdateOf(0), market_.UpdateOf(0)});
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].feeds.size(), 2U);
  EXPECT_EQ(frames[1].feeds.size(), 1U);
}

TEST_F(FeedSessionTest, TellsAStatusThatChangedBeforeTheUpdates) {
  session_.Open(clock_.Now());
  Ask(Request("sub", "ltpc", 0, 1));
  market_.statuses_now[2] = SegmentStatus::kNormalClose;
  const auto frames = Tell({market_.UpdateOf(0)});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].type, FeedFrame::Type::kMarketInfo);
  EXPECT_EQ((*frames[0].market_info)[2], SegmentStatus::kNormalClose);
  EXPECT_EQ(Tell({}).size(), 0U);
}

TEST_F(FeedSessionTest, SaysNothingBeforeItIsOpen) {
  Ask(Request("sub", "ltpc", 0, 1));
  EXPECT_TRUE(Tell({market_.UpdateOf(0)}).empty());
}

TEST_F(FeedSessionTest, ChangesModeByEitherMethod) {
  Ask(Request("sub", "", 0, 2));
  EXPECT_EQ(session_.ModeOf(0), FeedMode::kLtpc) << "the default mode";
  const auto changed = Ask(Request("change_mode", "option_greeks", 0, 1));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->feeds[0].mode, FeedMode::kOptionGreeks);
  Ask(Request("sub", "full", 1, 1));
  EXPECT_EQ(session_.ModeOf(1), FeedMode::kFull);
  EXPECT_EQ(session_.subscribed(FeedMode::kLtpc), 0U);
  EXPECT_EQ(market_.followers[1], 1);
  EXPECT_FALSE(Ask(Request("change_mode", "full", 5, 1))) << "was never subscribed";
  EXPECT_FALSE(session_.ModeOf(5));
}

TEST_F(FeedSessionTest, ForgetsWhatIsUnsubscribed) {
  session_.Open(clock_.Now());
  Ask(Request("sub", "full", 0, 2));
  EXPECT_FALSE(Ask(Request("unsub", "", 0, 1)));
  EXPECT_FALSE(Ask(Request("unsub", "full", 7, 1)));
  EXPECT_EQ(session_.subscribed(FeedMode::kFull), 1U);
  EXPECT_EQ(market_.followers[0], 0);
  const auto frames = Tell({market_.UpdateOf(0), market_.UpdateOf(1)});
  ASSERT_EQ(frames.back().feeds.size(), 1U);
  EXPECT_EQ(*frames.back().feeds[0].key, "NSE_EQ|1");
}

TEST_F(FeedSessionTest, LeavesOutOfTheSnapshotWhatIsNotKnownYet) {
  market_.unknown = 1;
  EXPECT_EQ(Ask(Request("sub", "full", 0, 3))->feeds.size(), 2U);
  EXPECT_EQ(session_.subscribed(FeedMode::kFull), 3U);
}

TEST_F(FeedSessionTest, UnfollowsWhatItFollowedWhenItEnds) {
  {
    FeedSession other{market_, {}};
    other.OnRequest(Request("sub", "full", 0, 2), true, clock_.Now());
    EXPECT_EQ(market_.followers[0], 1);
  }
  EXPECT_EQ(market_.followers[0], 0);
  EXPECT_EQ(market_.followers[1], 0);
}

TEST_F(FeedSessionTest, IgnoresUnknownKeysAndKeepsTheRest) {
  const auto frame = Ask(
      R"({"guid":"g","method":"sub","data":{"mode":"full","instrumentKeys":["NSE_EQ|x","NSE_EQ|1"]}})");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->feeds.size(), 1U);
  EXPECT_EQ(session_.counts().refused.keys_unknown, 1U);
}

TEST_F(FeedSessionTest, LeavesOutUnchangedPartsWhenIncremental) {
  FeedSession session{market_, {.incremental = true}};
  session.Open(clock_.Now());
  session.OnRequest(Request("sub", "full", 0, 1), true, clock_.Now());
  const auto parts_after_change = [&] {
    const std::vector<Update> updates{market_.UpdateOf(0)};
    return session.OnUpdates(updates, clock_.Now()).at(0).feeds.at(0).parts;
  };
  EXPECT_EQ(parts_after_change(), 0);
  market_.state(0).ltp = 5;
  EXPECT_EQ(parts_after_change(), kTrade);
  market_.state(0).depth[0].bid_qty = 5;
  market_.state(0).greeks.delta = 0.5;
  EXPECT_EQ(parts_after_change(), kDepth | kGreeks);
  EXPECT_EQ(parts_after_change(), 0);
  const auto again = session.OnRequest(Request("sub", "full", 0, 1), true, clock_.Now());
  EXPECT_EQ(again->feeds.at(0).parts, kAllParts) << "a snapshot is whole";
}

TEST_F(FeedSessionTest, SendsNoUnchangedLtpcWhenIncremental) {
  FeedSession session{market_, {.incremental = true}};
  session.Open(clock_.Now());
  session.OnRequest(Request("sub", "ltpc", 0, 1), true, clock_.Now());
  const std::vector<Update> updates{market_.UpdateOf(0)};
  EXPECT_TRUE(session.OnUpdates(updates, clock_.Now()).empty());
}

struct BadCase {
  std::string name;
  std::string payload;
};
class BadRequestTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadRequestTest, IsIgnoredAndCounted) {
  ManualClock clock;
  HandMarket market{3};
  FeedSession session{market, {}};
  EXPECT_FALSE(session.OnRequest(GetParam().payload, true, clock.Now()));
  EXPECT_EQ(session.counts().refused.frames_malformed, 1U);
  EXPECT_FALSE(session.OnRequest(Request("sub", "full", 0, 1), false, clock.Now()));
  EXPECT_EQ(session.counts().refused.frames_not_binary, 1U) << "text frames are ignored";
  EXPECT_EQ(session.subscribed(FeedMode::kFull), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Payloads, BadRequestTest,
    testing::Values(
        BadCase{"Empty", ""}, BadCase{"NotJson", "{\"guid\":"}, BadCase{"NotAnObject", "[1]"},
        BadCase{"Bytes", std::string("\x00\xff\xfe", 3)},
        BadCase{"NoMethod", R"({"data":{"instrumentKeys":["NSE_EQ|1"]}})"},
        BadCase{"UnknownMethod", R"({"method":"drop","data":{"instrumentKeys":["NSE_EQ|1"]}})"},
        BadCase{"NoData", R"({"method":"sub"})"},
        BadCase{"NoKeys", R"({"method":"sub","data":{"mode":"full"}})"},
        BadCase{"KeysNoArray", R"({"method":"sub","data":{"instrumentKeys":"NSE_EQ|1"}})"},
        BadCase{"KeyNoText", R"({"method":"sub","data":{"instrumentKeys":["NSE_EQ|1",1]}})"},
        BadCase{"UnknownMode",
                R"({"method":"sub","data":{"mode":"fast","instrumentKeys":["NSE_EQ|1"]}})"},
        BadCase{"ChangeModeWithoutMode",
                R"({"method":"change_mode","data":{"instrumentKeys":["NSE_EQ|1"]}})"}),
    CaseName{});

struct Asked {
  std::string mode;
  std::size_t keys;
};
struct LimitCase {
  std::string name;
  std::vector<Asked> asked;
  std::vector<std::size_t> taken;  ///< per entry of asked
  bool plus = false;
  std::size_t most_keys = 0;
};
class FeedLimitTest : public testing::TestWithParam<LimitCase> {};

TEST_P(FeedLimitTest, IsHeldPerMode) {
  ManualClock clock;
  HandMarket market{12'000};
  FeedSession session{market, {.plus_plan = GetParam().plus, .most_keys = GetParam().most_keys}};
  std::size_t from = 0;
  for (const Asked& asked : GetParam().asked) {
    session.OnRequest(Request("sub", asked.mode, from, asked.keys), true, clock.Now());
    from += asked.keys;
  }
  for (std::size_t i = 0; i < GetParam().asked.size(); ++i) {
    EXPECT_EQ(session.subscribed(*FeedModeOf(GetParam().asked[i].mode)), GetParam().taken[i])
        << GetParam().asked[i].mode;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Limits, FeedLimitTest,
    testing::Values(LimitCase{"LtpcAlone", {{"ltpc", 5'000}}, {5'000}},
                    LimitCase{"LtpcOneTooMany", {{"ltpc", 5'001}}, {5'000}},
                    LimitCase{"GreeksOneTooMany", {{"option_greeks", 3'001}}, {3'000}},
                    LimitCase{"FullOneTooMany", {{"full", 2'001}}, {2'000}},
                    LimitCase{"Full30NeedsPlus", {{"full_d30", 10}}, {0}},
                    LimitCase{"Full30OneTooMany", {{"full_d30", 51}}, {50}, true},
                    LimitCase{"Combined",
                              {{"ltpc", 2'000}, {"option_greeks", 2'001}, {"full", 1'501}},
                              {2'000, 2'000, 1'500}},
                    LimitCase{"SecondModeRefusedWhileTheFirstIsOverItsCombinedLimit",
                              {{"ltpc", 2'001}, {"full", 1}},
                              {2'001, 0}},
                    LimitCase{
                        "CombinedFull30", {{"ltpc", 1}, {"full_d30", 1'501}}, {1, 1'500}, true},
                    LimitCase{"OfAllModesTogether", {{"ltpc", 6}, {"full", 6}}, {6, 4}, false, 10}),
    CaseName{});

}  // namespace
}  // namespace sauda::sim
