#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/connector.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

BrokerToken Token(std::uint64_t version) { return {.text = Secret{"token"}, .version = version}; }

OpenOutcome Failure(Code code, std::chrono::milliseconds retry_after = 0ms) {
  return {.failure = Error{code, "NO", "no"}, .retry_after = retry_after};
}

class ConnectorTest : public testing::Test {
 protected:
  ConnectorTest() {
    for (const char* key : {"NSE_EQ|A", "NSE_EQ|B", "NSE_EQ|C"}) {
      ids_.push_back(listings_.Add({.key = key}));
    }
  }
  void Make(Connector::Options options) {
    options.backoff = {.first = 1ms, .most = 2ms};
    connector_ = std::make_unique<Connector>(
        Pool::Brokers{broker_}, listings_, hand_over_, clock_, options,
        Connector::Events{
            .on_frame = [this](const BrokerFrame& frame) { TickAll(frame); },
            .on_wanted = [](std::size_t) {},
            .on_open = [](bool) {},
            .on_state = [this](ConnectionState state) { Add(states_, state); },
            .on_open_gap = [this](
                               std::uint32_t,
                               std::optional<std::int64_t> from_ns) { Add(open_gaps_, from_ns); },
            .on_gap = [this](const Gap& gap) { Add(gaps_, gap); },
            .on_attempt_failed = [](const Error&) {},
            .on_alert = [this](bool failing) { Add(alerts_, failing); },
            .on_token_refused = [this](std::uint64_t version) { Add(refused_, version); },
            .on_lost = [this](const std::string& why) { Add(lost_, why); }});
  }
  void StartWithToken(Connector::Options options = {}) {
    Make(options);
    connector_->SetToken(Token(1), "");
    connector_->Start(true);
  }
  /// A frame brings a tick of each key that is not silenced; `garbage` brings none.
  void TickAll(const BrokerFrame& frame) {
    if (frame.bytes == "garbage") return;
    for (const InstrumentId id : ids_) {
      if (id == silent_.load()) continue;
      listings_.counts(id).ticks.fetch_add(1);
      listings_.counts(id).last_received_ns.store(frame.received_ns);
    }
  }
  void WantAll() { ASSERT_TRUE(connector_->Want(ids_, Mode::kFull, false)); }
  bool Reaches(ConnectionState state) {
    return Eventually([&] { return connector_->Status().state == state; });
  }
  template <typename T>
  void Add(std::vector<T>& list, const T& value) {
    const std::lock_guard lock{mutex_};
    list.push_back(value);
  }
  template <typename T>
  std::vector<T> Read(const std::vector<T>& list) {
    const std::lock_guard lock{mutex_};
    return list;
  }

  SystemClock clock_;
  Listings listings_;
  HandOver hand_over_;
  std::vector<InstrumentId> ids_;
  std::atomic<InstrumentId> silent_{InstrumentId{1'000}};  // none of them
  ScriptedBroker broker_;
  std::mutex mutex_;  // guards the lists
  std::vector<ConnectionState> states_;
  std::vector<std::optional<std::int64_t>> open_gaps_;
  std::vector<Gap> gaps_;
  std::vector<bool> alerts_;
  std::vector<std::uint64_t> refused_;
  std::vector<std::string> lost_;
  std::unique_ptr<Connector> connector_;  // last: its events use the rest
};

TEST_F(ConnectorTest, WaitsForATokenThenConnectsAndAsks) {
  Make({});
  connector_->Start(true);
  EXPECT_TRUE(Reaches(ConnectionState::kWaitingForToken));
  EXPECT_EQ(broker_.attempts(), 0);
  WantAll();
  connector_->SetToken(Token(3), "");
  EXPECT_TRUE(Eventually([&] { return broker_.sent().size() == 1; }));
  EXPECT_EQ(broker_.last_version(), 3U);
  EXPECT_THAT(broker_.sent().front().keys, ElementsAre("NSE_EQ|A", "NSE_EQ|B", "NSE_EQ|C"));
  EXPECT_TRUE(Reaches(ConnectionState::kLive));
}

TEST_F(ConnectorTest, IsQuietWithNothingSubscribedOrMarketsClosed) {
  StartWithToken();
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
  WantAll();
  EXPECT_TRUE(Reaches(ConnectionState::kLive));
  connector_->SetSegments({{"NSE_EQ", "NORMAL_CLOSE"}});
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
}

TEST_F(ConnectorTest, IsStaleWhenSomethingWasDueAndLiveAgainWithAFrame) {
  StartWithToken({.stale_after = 20ms});
  WantAll();
  EXPECT_TRUE(Reaches(ConnectionState::kStale));
  EXPECT_FALSE(connector_->Status().detail.empty());
  EXPECT_TRUE(Eventually([&] {
    broker_.Frame(clock_.UtcNs());
    return connector_->Status().state == ConnectionState::kLive;
  }));
}

TEST_F(ConnectorTest, IsStaleWhenNothingThatCanBeReadComes) {
  StartWithToken({.stale_after = 500ms});
  WantAll();
  EXPECT_TRUE(Eventually([&] {
    broker_.Frame(clock_.UtcNs());
    return connector_->Status().state == ConnectionState::kLive;
  }));
  EXPECT_TRUE(Eventually([&] {
    broker_.Frame(clock_.UtcNs(), "garbage");
    return connector_->Status().state == ConnectionState::kStale;
  }));
}

TEST_F(ConnectorTest, ComesBackAfterALossRestoresAndRecordsTheGap) {
  StartWithToken();
  WantAll();
  EXPECT_TRUE(Eventually([&] { return broker_.sent().size() == 1; }));
  broker_.Frame(1'000);
  broker_.Drop("closed with 1006");
  EXPECT_TRUE(Eventually([&] { return broker_.opens() == 2 && broker_.sent().size() == 2; }));
  EXPECT_THAT(Read(lost_), ElementsAre("closed with 1006"));
  EXPECT_TRUE(Eventually([&] {  // the request is noted a moment after it was sent
    broker_.Frame(5'000);
    return !Read(gaps_).empty();
  }));
  const Gap gap = Read(gaps_).front();
  EXPECT_EQ(gap.cause, "CONNECTION_LOST");
  EXPECT_EQ(gap.from_ns, 1'000);
  EXPECT_EQ(gap.to_ns, 5'000);
  EXPECT_EQ(connector_->Status().connects, 2U);
}

TEST_F(ConnectorTest, ConnectionsThatDoNotHoldAreNotMetAtFullSpeed) {
  StartWithToken({.attempts_before_alert = 3, .slow_pace = 1h});
  WantAll();
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(Eventually([&] { return broker_.opens() == i; }));
    broker_.Frame(i);
    broker_.Drop("at once");
    ASSERT_TRUE(Eventually([&] { return Read(lost_).size() == static_cast<std::size_t>(i); }));
  }
  EXPECT_TRUE(Eventually([&] { return !Read(alerts_).empty(); }));
  EXPECT_FALSE(Eventually([&] { return broker_.opens() > 3; }, 50ms)) << "the pace is the slow one";
  EXPECT_TRUE(Reaches(ConnectionState::kDead));
  EXPECT_EQ(connector_->Status().detail, "trying again after: at once");
}

TEST_F(ConnectorTest, AlertsAfterManyFailuresAndGoesOnMoreSlowly) {
  for (int i = 0; i < 3; ++i) broker_.FailNext(Failure(Code::kUnavailable));
  StartWithToken({.attempts_before_alert = 3, .slow_pace = 50ms, .held_after = 0ms});
  EXPECT_TRUE(Eventually([&] { return broker_.attempts() == 3; }));
  EXPECT_TRUE(Eventually([&] { return Read(alerts_) == std::vector<bool>{true}; }));
  EXPECT_EQ(broker_.opens(), 0);
  EXPECT_TRUE(Eventually([&] { return broker_.opens() == 1; })) << "never silence for good";
  broker_.Frame(1);
  EXPECT_TRUE(Eventually([&] { return (Read(alerts_) == std::vector<bool>{true, false}); }));
}

TEST_F(ConnectorTest, WaitsAsLongAsTheBrokerAsks) {
  broker_.FailNext(Failure(Code::kResourceExhausted, 1h));
  StartWithToken();
  EXPECT_TRUE(Eventually([&] { return broker_.attempts() == 1; }));
  EXPECT_FALSE(Eventually([&] { return broker_.attempts() > 1; }, 50ms));
  EXPECT_TRUE(Reaches(ConnectionState::kConnecting)) << "what never was is not dead";
}

TEST_F(ConnectorTest, RefusedTokenIsSaidAndANewOneTakenAtOnce) {
  broker_.FailNext(Failure(Code::kUnauthenticated, 1h));
  StartWithToken();
  EXPECT_TRUE(Reaches(ConnectionState::kWaitingForToken));
  EXPECT_TRUE(Eventually([&] { return Read(refused_) == std::vector<std::uint64_t>{1}; }));
  connector_->SetToken(Token(2), "");
  EXPECT_TRUE(Eventually([&] { return broker_.opens() == 1; }));
  EXPECT_EQ(broker_.last_version(), 2U);
}

TEST_F(ConnectorTest, RefusedTokenIsTriedAgainInCaseTheBrokerErred) {
  broker_.FailNext(Failure(Code::kUnauthenticated));
  StartWithToken();
  EXPECT_TRUE(Eventually([&] { return broker_.opens() == 1; }));
}

TEST_F(ConnectorTest, DisconnectClosesUntilConnect) {
  StartWithToken();
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
  connector_->SetWanted(false);
  EXPECT_TRUE(Reaches(ConnectionState::kOff));
  EXPECT_EQ(broker_.closes(), 1);
  connector_->SetWanted(true);
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
  EXPECT_EQ(broker_.opens(), 2);
}

TEST_F(ConnectorTest, StartsOffWhenThatWasKept) {
  Make({});
  connector_->SetToken(Token(1), "");
  connector_->Start(false);
  EXPECT_TRUE(Reaches(ConnectionState::kOff));
  EXPECT_EQ(broker_.attempts(), 0);
}

TEST_F(ConnectorTest, WhatTheOwnerSaidCountsMoreThanWhatWasKept) {
  Make({});
  connector_->SetToken(Token(1), "");
  connector_->SetWanted(false);
  connector_->Start(true);  // the kept state is late
  EXPECT_TRUE(Reaches(ConnectionState::kOff));
  connector_->Start(true);  // and here it is
  EXPECT_FALSE(Eventually([&] { return broker_.attempts() > 0; }, 50ms));
  connector_->SetWanted(true);
  EXPECT_TRUE(Eventually([&] { return broker_.opens() == 1; }));
  connector_->Start(false);
  EXPECT_FALSE(Eventually([&] { return broker_.closes() > 0; }, 50ms));
}

TEST_F(ConnectorTest, KeptStateThatComesLateIsTakenOver) {
  StartWithToken();
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
  connector_->Start(false);
  EXPECT_TRUE(Reaches(ConnectionState::kOff));
}

TEST_F(ConnectorTest, OpenSocketOutlivesItsTokenButNotALogout) {
  StartWithToken();
  EXPECT_TRUE(Reaches(ConnectionState::kQuiet));
  connector_->SetToken(std::nullopt, "TOKEN_EXPIRED");
  EXPECT_FALSE(Eventually([&] { return broker_.closes() > 0; }, 30ms));
  connector_->SetToken(std::nullopt, "LOGGED_OUT");
  EXPECT_TRUE(Reaches(ConnectionState::kWaitingForToken));
  EXPECT_EQ(broker_.closes(), 1);
}

TEST_F(ConnectorTest, RequestThatCannotBeSentIsMadeAgain) {
  broker_.RefuseSends(true);
  StartWithToken({.pace = {.batch_gap = 1ms}});
  WantAll();
  EXPECT_TRUE(Eventually([&] { return connector_->Status().failed == 3; }));
  broker_.RefuseSends(false);
  EXPECT_TRUE(Eventually([&] { return !broker_.sent().empty(); }));
  EXPECT_EQ(connector_->Status().failed, 0U);
}

TEST_F(ConnectorTest, GapBeforeTheRunEndsWithTheFrameThatBringsTheLastKeyItsFirstTick) {
  StartWithToken({.gap_patience = 1h});
  silent_ = ids_[1];
  WantAll();
  connector_->SetGapStart(500, "RESTART", "away");
  EXPECT_THAT(Read(open_gaps_), ElementsAre(500));
  EXPECT_TRUE(Eventually([&] { return broker_.sent().size() == 1; }));
  EXPECT_FALSE(Eventually(
      [&] {
        broker_.Frame(800);
        return !Read(gaps_).empty();
      },
      50ms))
      << "one key has not ticked";
  silent_ = 1'000;
  ASSERT_TRUE(Eventually([&] {  // the request is noted a moment after it was sent
    broker_.Frame(900);
    return Read(gaps_).size() == 1;
  }));
  EXPECT_EQ(Read(gaps_).front().cause, "RESTART");
  EXPECT_EQ(Read(gaps_).front().to_ns, 900);
  EXPECT_TRUE(Eventually([&] { return Read(open_gaps_).back() == std::nullopt; }));
}

TEST_F(ConnectorTest, GapLastsWhileKeysWaitToBeAskedFor) {
  Make({.pace = {.batch_keys = 1, .batch_gap = 1h}});
  WantAll();
  connector_->SetGapStart(500, "RESTART", "away");
  connector_->SetToken(Token(1), "");
  connector_->Start(true);
  ASSERT_TRUE(Eventually([&] { return broker_.sent().size() == 1; }));
  broker_.Frame(900);
  EXPECT_FALSE(Eventually([&] { return !Read(gaps_).empty(); }, 50ms)) << "two keys are silent";
  const std::int64_t dropped_ns = clock_.UtcNs();
  connector_->Drop(std::span{ids_}.last(2));
  std::int64_t now = 900;
  EXPECT_TRUE(Eventually([&] {
    broker_.Frame(++now);
    return !Read(gaps_).empty();
  }));
  EXPECT_EQ(Read(gaps_).front().from_ns, 500);
  EXPECT_GE(Read(gaps_).front().to_ns, dropped_ns) << "until then they were wanted";
}

TEST_F(ConnectorTest, GapEndsWithoutAFrameWhenItsPatienceIsOver) {
  const std::int64_t before = clock_.UtcNs();
  Make({.gap_patience = 20ms});
  WantAll();
  connector_->SetGapStart(500, "RESTART", "away");
  connector_->SetToken(Token(1), "");
  connector_->Start(true);
  ASSERT_TRUE(Eventually([&] { return !Read(gaps_).empty(); }));
  EXPECT_GE(Read(gaps_).front().to_ns, before + 20'000'000);
}

struct GapStart {
  std::int64_t from_ns;
  std::string cause;
};

TEST_F(ConnectorTest, OfTwoGapsThatMeetTheEarlierStartIsKept) {
  const std::vector<std::vector<GapStart>> orders = {{{500, "RESTART"}, {700, "CONNECTION_LOST"}},
                                                     {{700, "CONNECTION_LOST"}, {500, "RESTART"}}};
  for (const auto& order : orders) {
    Make({});
    WantAll();
    for (const GapStart& each : order) connector_->SetGapStart(each.from_ns, each.cause, "");
    connector_->SetToken(Token(1), "");
    connector_->Start(true);
    std::int64_t now = 900;
    ASSERT_TRUE(Eventually([&] {
      broker_.Frame(++now);
      return !Read(gaps_).empty();
    }));
    EXPECT_EQ(Read(gaps_).front().from_ns, 500);
    EXPECT_EQ(Read(gaps_).front().cause, "RESTART");
    EXPECT_THAT(Read(open_gaps_), testing::Contains(500));
    connector_.reset();
    gaps_.clear();
    open_gaps_.clear();
  }
}

TEST_F(ConnectorTest, AnyModeKeepsWhatIsThere) {
  Make({});
  ASSERT_TRUE(connector_->Want(std::span{ids_}.first(1), Mode::kLtpc, false));
  ASSERT_TRUE(connector_->Want(ids_, std::nullopt, true));
  EXPECT_EQ(connector_->ModeOf(ids_[0]), Mode::kLtpc);
  EXPECT_EQ(connector_->ModeOf(ids_[1]), Mode::kFull);
  EXPECT_TRUE(listings_.counts(ids_[1]).wanted);
  EXPECT_EQ(connector_->Drop(std::span{ids_}.first(1)).size(), 1U);
  EXPECT_FALSE(listings_.counts(ids_[0]).wanted);
}

}  // namespace
}  // namespace sauda::feed
