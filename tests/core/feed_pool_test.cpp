// Several connections: what moves between them is published once.

#include "tests/support/feed_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A pool with an exchange that never rests.
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
  /// Ends the feeder, waits until all is read, and looks at the numbers since a key's `begins_`.
  void ExpectEachNumberOnce() {
    feeder_.request_stop();
    feeder_.join();
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const std::string key = KeyOf(i);
      ASSERT_TRUE(Eventually([&] { return encoder_.LastOf(key) == exchange_->NumberOf(key); }))
          << key;
      const auto published = encoder_.Of(key);
      const auto numbers = std::span{published}.subspan(begins_[key]);
      std::int64_t expected = numbers.front();
      for (const std::int64_t number : numbers) ASSERT_EQ(number, expected++) << key;
    }
  }
  void TearDown() override {
    feeder_ = {};
    if (connector_) connector_->Stop();
  }

  std::unique_ptr<NumberedExchange> exchange_;
  std::vector<std::unique_ptr<NumberedExchange::Socket>> sockets_;
  /// How many numbers of a key had been published when it was wanted again.
  std::map<std::string, std::size_t> begins_;
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

// One connection takes 50 keys in this mode. Without one of them the one on the second connection
// can move to where it was, which frees the second; and the one that was dropped comes back there,
// to move in the next round.
TEST_F(PoolUnderLoadTest, AKeyThatMovesLosesAndDoublesNothing) {
  Begin(2, 2, 51, Mode::kFullD30);
  std::size_t mover = 50;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto dropped = std::span{ids_}.subspan(i, 1);
    ASSERT_EQ(hand_over_.OwnerOf(ids_[mover]), 1U) << i;
    (void)connector_->Drop(dropped);
    ASSERT_TRUE(Eventually([&] { return exchange_->open() == 1; })) << i;
    EXPECT_EQ(hand_over_.OwnerOf(ids_[mover]), 0U) << i;
    EXPECT_EQ(exchange_->Carriers(KeyOf(mover)), 1U) << i;
    begins_[KeyOf(i)] = encoder_.Of(KeyOf(i)).size();
    ASSERT_TRUE(connector_->Want(dropped, Mode::kFullD30, false));
    ASSERT_TRUE(Eventually([&] { return encoder_.Of(KeyOf(i)).size() > begins_[KeyOf(i)]; })) << i;
    mover = i;
  }
  ExpectEachNumberOnce();
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
  const Error refused{Code::kPermissionDenied, "FEED_REFUSED", "one too many"};
  second_.FailNext({.failure = refused});
  second_.FailNext({.failure = refused, .retry_after = 1h});  // a third attempt might succeed
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
