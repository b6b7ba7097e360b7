// Several connections: what moves between them is published once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/connector.hpp"
#include "services/feed/src/ingest.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_exchange.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

BrokerToken TokenOf(std::uint64_t version) { return {.text = Secret{"token"}, .version = version}; }

/// Writes down each key's numbers as they are published. Thread-safe.
class NumberKeeper final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    const std::lock_guard lock{mutex_};
    numbers_[tick.listing->key].push_back(tick.last->quantity);
    return {.instrument = id, .seq = tick.seq};
  }
  Update AsSnapshot(const Update& update) const override { return update; }
  std::vector<std::int64_t> Of(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return numbers_[key];
  }
  std::int64_t LastOf(const std::string& key) {
    const auto numbers = Of(key);
    return numbers.empty() ? 0 : numbers.back();
  }

 private:
  std::mutex mutex_;  // guards numbers_
  std::map<std::string, std::vector<std::int64_t>> numbers_;
};

/// A pool and everything between its sockets and the encoder.
class PoolFixture : public testing::Test {
 protected:
  void Make(const Pool::Brokers& brokers, Connector::Options options = {}) {
    options.backoff = {.first = 1ms, .most = 2ms};
    ingest_ = std::make_unique<Ingest>(
        decoder_, encoder_, listings_, hand_over_, journal_,
        Ingest::Outlets{.publish = [](std::span<const Update>) { return true; },
                        .on_broker_time = [](const Ingest::Times&) {},
                        .on_market_status = [](const SegmentStatus&) {},
                        .on_bad_frame = [](const Error&, std::size_t) {}});
    connector_ = std::make_unique<Connector>(
        brokers, listings_, hand_over_, clock_, options,
        Connector::Events{.on_frame = [this](const BrokerFrame& f) { ingest_->OnFrame(f); },
                          .on_wanted = [](std::size_t) {},
                          .on_open = [](bool) {},
                          .on_state = [](ConnectionState) {},
                          .on_gap =
                              [this](const Gap& gap) {
                                const std::lock_guard lock{mutex_};
                                gaps_.push_back(gap);
                              },
                          .on_attempt_failed = [](const Error&) {},
                          .on_alert = [](bool) {},
                          .on_token_refused = [](std::uint64_t) {},
                          .on_lost = [](const std::string&) {}});
    connector_->SetToken(TokenOf(1), "");
    connector_->Start(true);
  }
  std::vector<InstrumentId> Want(std::size_t count, Mode mode) {
    std::vector<InstrumentId> ids;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = KeyOf(ids_.size() + i);
      ids.push_back(listings_.Add({.key = key}));
    }
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    EXPECT_TRUE(connector_->Want(ids, mode, false));
    return ids;
  }
  /// `a`, `b`, …, `ba`, …
  static std::string KeyOf(std::size_t number) {
    std::string key{static_cast<char>('a' + number % 26)};
    return number < 26 ? key : KeyOf(number / 26) + key;
  }
  std::vector<Gap> Gaps() {
    const std::lock_guard lock{mutex_};
    return gaps_;
  }

  SystemClock clock_;
  NumberDecoder decoder_;
  NumberKeeper encoder_;
  Listings listings_;
  HandOver hand_over_;
  std::vector<InstrumentId> ids_;
  std::mutex mutex_;  // guards gaps_
  std::vector<Gap> gaps_;
  /// Counts instead of writing lines, of which there would be very many.
  struct NoJournal final : FrameJournal {
    bool WantsState(std::int64_t) const override { return false; }
    void PushState(const LatestTicks&) override {}
    void PushFrame(const JournaledFrame& frame) override { ticks += frame.ticks(); }
    void SetOpenGap(std::uint32_t, std::optional<std::int64_t>) override {}
    void PushGap(const Gap&) override {}
    std::uint64_t ticks = 0;
  } journal_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<Connector> connector_;  // last: its events use the rest
};

/// The same with an exchange that never rests.
class PoolUnderLoadTest : public PoolFixture {
 protected:
  void Begin(std::size_t sockets, std::size_t most_open, std::size_t keys, Mode mode) {
    exchange_ = std::make_unique<NumberedExchange>(most_open);
    Pool::Brokers brokers;
    for (std::size_t i = 0; i < sockets; ++i) {
      sockets_.push_back(std::make_unique<NumberedExchange::Socket>(*exchange_));
      brokers.emplace_back(*sockets_.back());
    }
    Make(brokers, {.pace = {.batch_keys = 20, .batch_gap = 1ms},
                   .hand_over_limit = 1h});  // a slow machine is no dead socket
    (void)Want(keys, mode);
    feeder_ = std::jthread{[this](const std::stop_token& stop) {
      std::minstd_rand random{7};
      while (!stop.stop_requested()) exchange_->Say(KeyOf(random() % ids_.size()));
    }};
    EXPECT_TRUE(Eventually([&] { return AllHeard(); }));
  }
  bool AllHeard() {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (encoder_.LastOf(KeyOf(i)) == 0) return false;
    }
    return true;
  }
  /// Ends the feeder, waits until all is read, and looks at the numbers.
  void ExpectEachNumberOnce(std::size_t first_key = 0) {
    feeder_.request_stop();
    feeder_.join();
    for (std::size_t i = first_key; i < ids_.size(); ++i) {
      const std::string key = KeyOf(i);
      ASSERT_TRUE(Eventually([&] { return encoder_.LastOf(key) == exchange_->NumberOf(key); }))
          << key;
      std::int64_t expected = encoder_.Of(key).front();
      for (const std::int64_t number : encoder_.Of(key)) ASSERT_EQ(number, expected++) << key;
    }
  }
  void TearDown() override {
    feeder_ = {};
    if (connector_) connector_->Stop();
  }

  std::unique_ptr<NumberedExchange> exchange_;
  std::vector<std::unique_ptr<NumberedExchange::Socket>> sockets_;
  std::jthread feeder_;
};

TEST_F(PoolUnderLoadTest, ATokenChangeWithAConnectionToSpareLosesAndDoublesNothing) {
  Begin(2, 2, 30, Mode::kFull);
  for (std::uint64_t version = 2; version <= 8; ++version) {
    connector_->SetToken(TokenOf(version), "");
    ASSERT_TRUE(Eventually([&] {
      return connector_->Status().connects == version && exchange_->open() == 1;
    })) << version;
  }
  ExpectEachNumberOnce();
  EXPECT_THAT(Gaps(), IsEmpty());
  EXPECT_EQ(connector_->Status().state, ConnectionState::kLive);
}

TEST_F(PoolUnderLoadTest, SeveralConnectionsFollowATokenOneAfterTheOther) {
  Begin(3, 3, 60, Mode::kFullD30);
  EXPECT_EQ(exchange_->open(), 2U);
  connector_->SetToken(TokenOf(2), "");
  EXPECT_TRUE(
      Eventually([&] { return connector_->Status().connects == 4 && exchange_->open() == 2; }));
  ExpectEachNumberOnce();
  EXPECT_THAT(Gaps(), IsEmpty());
}

// One connection takes 50 keys in this mode. Without the first of them the last can move to where
// it was, which frees the second connection.
TEST_F(PoolUnderLoadTest, AKeyThatMovesLosesAndDoublesNothing) {
  Begin(2, 2, 51, Mode::kFullD30);
  const std::string mover = KeyOf(50);
  for (int i = 0; i < 5; ++i) {
    (void)connector_->Drop(std::span{ids_}.first(1));
    ASSERT_TRUE(Eventually([&] { return exchange_->open() == 1; })) << i;
    ASSERT_TRUE(connector_->Want(std::span{ids_}.first(1), Mode::kFullD30, false));
    ASSERT_TRUE(Eventually([&] { return exchange_->open() == 2; })) << i;
    EXPECT_EQ(exchange_->Carriers(mover), 1U);
  }
  ExpectEachNumberOnce(1);
  EXPECT_THAT(Gaps(), IsEmpty());
}

TEST_F(PoolUnderLoadTest, WithoutAConnectionToSpareEachBreaksInItsTurn) {
  Begin(2, 2, 51, Mode::kFullD30);
  connector_->SetToken(TokenOf(2), "");
  EXPECT_TRUE(Eventually([&] { return connector_->Status().connects == 4; }));
  EXPECT_TRUE(Eventually([&] { return Gaps().size() == 2; }));
  for (const Gap& gap : Gaps()) {
    EXPECT_EQ(gap.cause, "HAND_OVER");
    EXPECT_LE(gap.to_ns - gap.from_ns, 2'000'000'000);
  }
}

TEST_F(PoolUnderLoadTest, ARefusedSecondConnectionBreaksTheFirst) {
  Begin(2, 1, 3, Mode::kFull);
  connector_->SetToken(TokenOf(2), "");
  EXPECT_TRUE(Eventually([&] { return Gaps().size() == 1; }));
  EXPECT_EQ(Gaps().front().cause, "HAND_OVER");
  EXPECT_EQ(connector_->Status().connects, 2U);
}

/// The same with sockets that the test plays.
class PoolTest : public PoolFixture {
 protected:
  void Begin(std::size_t keys, Connector::Options options = {}) {
    Make({first_, second_}, options);
    (void)Want(keys, Mode::kFull);
    ASSERT_TRUE(Eventually([&] { return first_.sent().size() == 1; }));
  }
  void BeginRelay() {
    connector_->SetToken(TokenOf(2), "");
    ASSERT_TRUE(Eventually([&] { return second_.sent().size() == 1; }));
  }
  bool OwnedBy(HandOver::Socket socket) {
    return Eventually([&] {
      return std::all_of(ids_.begin(), ids_.end(),
                         [&](InstrumentId id) { return hand_over_.OwnerOf(id) == socket; });
    });
  }

  void TearDown() override { connector_.reset(); }  // before its brokers

  ScriptedBroker first_;
  ScriptedBroker second_;
};

TEST_F(PoolTest, TheOldConnectionIsClosedOnceAllKeysHaveChangedHands) {
  Begin(2);
  first_.Frame(1, "s a5 b5");
  BeginRelay();
  EXPECT_EQ(second_.last_version(), 2U);
  second_.Frame(2, "s a5");
  EXPECT_FALSE(Eventually([&] { return first_.closes() > 0; }, 50ms));
  second_.Frame(3, "s b6");
  first_.Frame(4, "b6 a6");
  second_.Frame(5, "a6");
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1; }));
  EXPECT_THAT(encoder_.Of("a"), ElementsAre(5, 6));
  EXPECT_THAT(encoder_.Of("b"), ElementsAre(5, 6));
  EXPECT_EQ(connector_->Status().connects, 2U);
  EXPECT_THAT(Gaps(), IsEmpty());
}

TEST_F(PoolTest, WhenTheNewConnectionIsLostTheOldOneHasItsKeysBack) {
  Begin(2);
  first_.Frame(1, "s a5 b5");
  BeginRelay();
  second_.Frame(2, "s a5");
  second_.Frame(3, "a6");
  second_.Drop("at once");
  ASSERT_TRUE(OwnedBy(0));
  ASSERT_TRUE(Eventually([&] { return first_.sent().size() == 2; })) << "for a snapshot";
  EXPECT_THAT(first_.sent().back().keys, ElementsAre("a"));
  ASSERT_TRUE(Eventually([&] {
    first_.Frame(9, "s a8");
    return !Gaps().empty();
  }));
  EXPECT_EQ(Gaps().front().from_ns, 3);
  EXPECT_EQ(encoder_.LastOf("a"), 8);
  EXPECT_EQ(first_.closes(), 0);
}

TEST_F(PoolTest, WhenTheOldConnectionIsLostTheNewOneTakesItsKeysAtOnce) {
  Begin(2);
  first_.Frame(1, "s a5 b5");
  BeginRelay();
  second_.Frame(2, "s a5 b9");
  first_.Drop("gone");
  ASSERT_TRUE(OwnedBy(1));
  ASSERT_TRUE(Eventually([&] { return second_.sent().size() == 2; })) << "for a snapshot";
  EXPECT_THAT(second_.sent().back().keys, ElementsAre("b"));
  ASSERT_TRUE(Eventually([&] {
    second_.Frame(9, "s b9");
    return !Gaps().empty();
  }));
  EXPECT_EQ(Gaps().front().cause, "CONNECTION_LOST");
  EXPECT_EQ(Gaps().front().from_ns, 1);
  EXPECT_EQ(encoder_.LastOf("b"), 9);
  EXPECT_TRUE(Eventually([&] { return first_.closes() == first_.opens() - 1; }))
      << "the lost one is none, and one that came back is closed";
}

TEST_F(PoolTest, ADeadOldConnectionIsNotAwaited) {
  Begin(1, {.hand_over_limit = 20ms});
  first_.Frame(1, "s a5");
  BeginRelay();
  second_.Frame(2, "s a6");
  second_.Frame(3, "a7");
  ASSERT_TRUE(OwnedBy(1));
  ASSERT_TRUE(Eventually([&] {
    second_.Frame(9, "s a7");
    return !Gaps().empty();
  }));
  EXPECT_EQ(Gaps().front().cause, "HAND_OVER");
  EXPECT_EQ(Gaps().front().from_ns, 1);
  EXPECT_EQ(encoder_.LastOf("a"), 7);
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1; }));
}

TEST_F(PoolTest, ASnapshotThatDiffersInAQuietMarketIsNoGap) {
  Begin(1, {.hand_over_limit = 20ms});
  first_.Frame(1, "s a5");
  BeginRelay();
  second_.Frame(2, "s a6");
  ASSERT_TRUE(OwnedBy(1));
  ASSERT_TRUE(Eventually([&] { return second_.sent().size() == 2; })) << "to be published";
  second_.Frame(3, "s a6");
  EXPECT_THAT(encoder_.Of("a"), ElementsAre(5, 6));
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1; }));
  EXPECT_THAT(Gaps(), IsEmpty());
}

TEST_F(PoolTest, KeysWantedDuringAHandOverGoToBoth) {
  Begin(1);
  first_.Frame(1, "s a5");
  BeginRelay();
  const auto late = Want(1, Mode::kFull);
  EXPECT_TRUE(Eventually([&] { return first_.sent().size() == 2 && second_.sent().size() == 2; }));
  first_.Frame(2, "s b1");
  second_.Frame(3, "s a5 b1");
  ASSERT_TRUE(OwnedBy(1));
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1; }));
  EXPECT_THAT(encoder_.Of("b"), ElementsAre(1));
  EXPECT_THAT(connector_->Drop(late), SizeIs(1));
  EXPECT_TRUE(Eventually([&] { return !second_.sent().back().subscribe; }));
}

TEST_F(PoolTest, DisconnectEndsAHandOver) {
  Begin(1);
  first_.Frame(1, "s a5");
  BeginRelay();
  connector_->SetWanted(false);
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1 && second_.closes() == 1; }));
  EXPECT_TRUE(Eventually([&] { return connector_->Status().state == ConnectionState::kOff; }));
  connector_->SetWanted(true);
  EXPECT_TRUE(Eventually([&] { return first_.opens() == 2; }));
  EXPECT_EQ(first_.last_version(), 2U);
}

TEST_F(PoolTest, ARefusedConnectionIsTriedAgainWithTheNextToken) {
  Begin(1);
  first_.Frame(1, "s a5");
  for (int i = 0; i < 2; ++i) {
    second_.FailNext({.failure = Error{Code::kPermissionDenied, "FEED_REFUSED", "one too many"}});
  }
  connector_->SetToken(TokenOf(2), "");
  ASSERT_TRUE(Eventually([&] { return first_.opens() == 2; })) << "it broke first";
  EXPECT_EQ(second_.attempts(), 2);
  std::int64_t now = 1;
  ASSERT_TRUE(Eventually([&] {
    first_.Frame(++now, "s a6");
    return !Gaps().empty();
  }));
  connector_->SetToken(TokenOf(3), "");
  EXPECT_TRUE(Eventually([&] { return second_.opens() == 1; }));
  EXPECT_EQ(first_.opens(), 2);
}

TEST_F(PoolTest, NothingOpensWithoutAToken) {
  Begin(1);
  first_.Frame(1, "s a5");
  connector_->SetToken(std::nullopt, "TOKEN_EXPIRED");
  EXPECT_FALSE(Eventually([&] { return first_.closes() > 0; }, 50ms));
  first_.Drop("the token is over");
  EXPECT_TRUE(
      Eventually([&] { return connector_->Status().state == ConnectionState::kWaitingForToken; }));
  EXPECT_FALSE(Eventually([&] { return first_.opens() > 1; }, 50ms));
}

}  // namespace
}  // namespace sauda::feed
