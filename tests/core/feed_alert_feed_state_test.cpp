// Rules on the feed's own state: silence, gaps, reconnects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_script.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

const AlertRule kSilent5{.id = "silent", .measure = Measure::kInstrumentSilence, .level = 5};
const AlertRule kFeedSilent5{.id = "dead", .measure = Measure::kFeedSilence, .level = 5};

TEST(AlertSilenceTest, FiresOncePerSilence) {
  AlertScript script;
  script.Add(kSilent5);
  script.Trade(100);
  script.Pass(4'999ms);
  EXPECT_EQ(script.Fired(), "");
  script.Pass(1ms);
  ASSERT_EQ(script.fired().size(), 1U);
  EXPECT_EQ(script.fired()[0].value, 5);
  EXPECT_EQ(script.fired()[0].seq, 0U);
  EXPECT_EQ(script.fired()[0].at_ns, script.Time().utc_ns);
  (void)script.Fired();
  script.Pass(1h);
  EXPECT_EQ(script.Fired(), "");
  script.Trade(100);
  script.Pass(6s);
  EXPECT_EQ(script.Fired(), "silent ") << "another silence, though nobody looked in between";
}

TEST(AlertSilenceTest, BeginsWhenTheRuleIsAdded) {
  AlertScript script;
  script.Trade(100);
  script.Pass(1h);
  script.Add(kSilent5);
  script.Pass(4s);
  EXPECT_EQ(script.Fired(), "");
  script.Pass(1s);
  EXPECT_EQ(script.Fired(), "silent ");
}

TEST(AlertSilenceTest, OtherInstrumentsDoNotBreakIt) {
  AlertScript script;
  script.Add(kSilent5, 0);
  script.Add(kFeedSilent5);
  for (int i = 0; i < 4; ++i) {
    script.Trade(100, 7);
    script.Pass(2s);
  }
  EXPECT_EQ(script.Fired(), "silent ");
  script.Pass(3s);
  EXPECT_EQ(script.Fired(), "dead ");
}

TEST(AlertSilenceTest, CountsOnlyWhileTheSegmentIsOpen) {
  AlertScript script;
  script.engine().OnSegments({{"NSE_FO", "NORMAL_CLOSE"}}, script.Time().now);
  script.Add(kSilent5);
  script.Pass(10h);
  EXPECT_EQ(script.Fired(), "");
  script.engine().OnSegments({{"NSE_FO", "NORMAL_OPEN"}}, script.Time().now);
  script.Pass(4s);
  EXPECT_EQ(script.Fired(), "") << "it begins with the open";
  script.Pass(1s);
  EXPECT_EQ(script.Fired(), "silent ");
}

TEST(AlertSilenceTest, CountsOnlyWhileTheInstrumentIsSubscribed) {
  bool wanted = true;
  AlertScript script{{.is_wanted = [&wanted](InstrumentId id) { return wanted && id == 0; }}};
  script.Add(kSilent5);
  script.Trade(100);
  wanted = false;
  script.Pass(1h);
  EXPECT_EQ(script.Fired(), "");
  wanted = true;
  script.Pass(1s);
  script.Pass(4s);
  EXPECT_EQ(script.Fired(), "") << "it begins when it is wanted again";
  script.Pass(1s);
  EXPECT_EQ(script.Fired(), "silent ");
}

struct StateCase {
  ConnectionState state;
  bool counts;
};

TEST(AlertSilenceTest, CountsUnlessTheConnectionHasARight) {
  for (const auto& [state, counts] : {StateCase{ConnectionState::kOff, false},
                                      {ConnectionState::kWaitingForToken, true},
                                      {ConnectionState::kConnecting, true},
                                      {ConnectionState::kLive, true},
                                      {ConnectionState::kQuiet, false},
                                      {ConnectionState::kStale, true},
                                      {ConnectionState::kDead, true}}) {
    AlertScript script;
    script.Add(kSilent5);
    script.Add(kFeedSilent5);
    script.engine().OnConnection(state, script.Time().now);
    script.Pass(6s);
    EXPECT_EQ(script.Fired(), counts ? "silent dead " : "") << NameOf(state);
    script.engine().OnConnection(ConnectionState::kLive, script.Time().now);
    script.Pass(4s);
    EXPECT_EQ(script.Fired(), "") << NameOf(state);
    script.Pass(2s);
    EXPECT_EQ(script.Fired(), counts ? "" : "silent dead ") << NameOf(state);
  }
}

TEST(AlertSilenceTest, WithoutAConnectionTheFeedsCountsOnlyWhileAMarketIsOpen) {
  for (const auto state :
       {ConnectionState::kWaitingForToken, ConnectionState::kConnecting, ConnectionState::kDead}) {
    AlertScript script;
    script.Add(kFeedSilent5);
    script.engine().OnConnection(state, script.Time().now);
    script.Pass(16h);  // to 01:15 at night
    script.Pass(1h);
    EXPECT_EQ(script.Fired(), "") << NameOf(state);
    script.Pass(6h + 45min);  // 09:00: the pre-open session
    script.Pass(4s);
    EXPECT_EQ(script.Fired(), "") << NameOf(state) << ": it begins with the opening";
    script.Pass(1s);
    EXPECT_EQ(script.Fired(), "dead ") << NameOf(state);
  }
}

TEST(AlertGapTest, EachLongOneFires) {
  AlertScript script;
  script.Add({.id = "any", .measure = Measure::kGap});
  script.Add({.id = "long", .measure = Measure::kGap, .level = 2});
  const auto gap = [&](std::int64_t ns) {
    script.engine().OnGap({.from_ns = 1'000, .to_ns = 1'000 + ns, .cause = "CONNECTION_LOST"},
                          script.Time(), script.fired());
    return script.Fired();
  };
  EXPECT_EQ(gap(1'999'999'999), "any ");
  EXPECT_EQ(gap(2'000'000'000), "any long ");
  EXPECT_EQ(gap(2'000'000'000), "any long ");
  EXPECT_EQ(gap(-5), "any ");
}

TEST(AlertReconnectsTest, FiresWhenThereAreManyAndAgainAfterACalm) {
  AlertScript script;
  script.Add({.id = "storm", .measure = Measure::kReconnects, .level = 3, .window_s = 60});
  const auto connect = [&] {
    script.engine().OnConnect(true, script.Time(), script.fired());
    return script.Fired();
  };
  EXPECT_EQ(connect(), "");
  script.Pass(10s);
  EXPECT_EQ(connect(), "");
  script.Pass(49s);
  EXPECT_EQ(connect(), "storm ") << "the third within a minute";
  EXPECT_EQ(connect(), "") << "the storm goes on";
  script.Pass(61s);
  EXPECT_EQ(connect(), "");
  EXPECT_EQ(connect(), "");
  EXPECT_EQ(connect(), "storm ");
}

TEST(AlertReconnectsTest, TheWindowIsExact) {
  AlertScript script;
  script.Add({.id = "storm", .measure = Measure::kReconnects, .level = 2, .window_s = 60});
  script.engine().OnConnect(true, script.Time(), script.fired());
  script.Pass(60s);
  script.engine().OnConnect(true, script.Time(), script.fired());
  EXPECT_EQ(script.Fired(), "") << "the first is a whole minute old";
  script.Pass(59'999ms);
  script.engine().OnConnect(true, script.Time(), script.fired());
  EXPECT_EQ(script.Fired(), "storm ");
}

TEST(AlertFeedStateTest, RemovedRulesAreSilent) {
  AlertScript script;
  script.Add(kSilent5);
  script.Add(kFeedSilent5);
  script.Add({.id = "gap", .measure = Measure::kGap});
  script.Add({.id = "storm", .measure = Measure::kReconnects, .level = 2, .window_s = 60});
  for (const char* id : {"silent", "dead", "gap", "storm"}) {
    EXPECT_TRUE(script.engine().Remove(id)) << id;
  }
  script.Pass(1h);
  script.engine().OnGap({.to_ns = 5}, script.Time(), script.fired());
  script.engine().OnConnect(true, script.Time(), script.fired());
  script.engine().OnConnect(true, script.Time(), script.fired());
  EXPECT_EQ(script.Fired(), "");
  EXPECT_EQ(script.engine().size(), 0U);
}

}  // namespace
}  // namespace sauda::feed
