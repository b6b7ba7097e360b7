// The hand-over under a load, judged by the simulator's own numbering: with a connection to spare
// no update is missed and none is published twice; without one what is missed is in a gap of two
// seconds at most. Each case prints what it has counted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/numbered_feed.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Field;
using testing::IsEmpty;

/// Of as many keys as by default, but 20 ms apart instead of 1 s.
constexpr SubscriptionBook::Pace kQuickPace{.batch_keys = 50, .batch_gap = 20ms};
constexpr std::int64_t kLongestGapMs = 2'000;

class HandOverUnderLoadTest : public NumberedFeedTest {
 protected:
  void ExpectNothingMissedOrDoubled(const std::string& name) {
    const HandOverCount count = Count(name);
    EXPECT_EQ(count.missed, 0U);
    EXPECT_EQ(count.doubled, 0U);
    EXPECT_EQ(count.unknown, 0U);
    EXPECT_THAT(Gaps(), IsEmpty());
    EXPECT_EQ(losses_, 0U);
  }
  void ExpectMissedInShortGapsAlone(const std::string& name) {
    const HandOverCount count = Count(name);
    EXPECT_EQ(count.untold, 0U);
    EXPECT_EQ(count.doubled, 0U);
    EXPECT_EQ(count.unknown, 0U);
    EXPECT_THAT(Gaps(), Each(Field(&Gap::cause, "HAND_OVER")));
    EXPECT_LE(count.longest_gap_ms, kLongestGapMs);
    EXPECT_EQ(losses_, 0U);
  }
  /// New tokens, one after the other, under way on `used` connections.
  void ChangeTokens(int times, std::size_t used) {
    for (int i = 0; i < times; ++i) {
      const std::uint64_t opens = opens_ + used;
      GiveNewToken();
      ASSERT_TRUE(Eventually([&] { return opens_ == opens; }, 20s)) << i;
      ASSERT_TRUE(Eventually([&] { return Sessions() == used; }, 20s)) << i;
      AwaitTicks(5);
    }
  }
};

TEST_F(HandOverUnderLoadTest, ATokenChangeOfOneConnection) {
  Begin({.listed = 300, .rate = 10'000, .pace = kQuickPace});
  (void)Add(300, Mode::kFull);
  AwaitTicks(5);
  ASSERT_NO_FATAL_FAILURE(ChangeTokens(3, 1));
  ExpectNothingMissedOrDoubled("token, one connection of two");
}

TEST_F(HandOverUnderLoadTest, ATokenChangeOfTwoConnections) {
  Begin({.listed = 300, .rate = 8'000, .plus_plan = true, .sockets = 3, .pace = kQuickPace});
  (void)Add(60, Mode::kFullD30);
  (void)Add(240, Mode::kFull);
  AwaitTicks(5);
  ASSERT_NO_FATAL_FAILURE(ChangeTokens(2, 2));
  ExpectNothingMissedOrDoubled("token, two connections of three");
}

// A connection takes 50 keys of this mode. Without ten of them, those on the second connection move
// to the first; the ten come back on the second one, to move in the next round.
TEST_F(HandOverUnderLoadTest, KeysMoveToWhereThereIsRoomAgain) {
  Begin({.listed = 300, .rate = 8'000, .plus_plan = true, .pace = kQuickPace});
  const auto deep = Add(60, Mode::kFullD30);
  (void)Add(240, Mode::kFull);
  AwaitTicks(5);
  auto movers = std::span{deep}.last(10);
  for (std::size_t round = 0; round < 3; ++round) {
    ASSERT_TRUE(OwnedBy(movers, 1)) << round;
    const auto dropped = std::span{deep}.subspan(10 * round, 10);
    EXPECT_EQ(connector_->Drop(dropped).size(), dropped.size());
    ASSERT_TRUE(Eventually([&] { return OwnedBy(movers, 0) && Sessions() == 1; })) << round;
    AwaitTicks(5);
    for (const InstrumentId id : dropped) BeginAt(id);
    Want(dropped, Mode::kFullD30);
    AwaitTicks(5);
    movers = dropped;
  }
  ExpectNothingMissedOrDoubled("keys move in their mode");
}

// The 50 of this mode that the first connection takes are there, so that whatever else is asked for
// in it moves to the second one, and back again when it is not any more.
TEST_F(HandOverUnderLoadTest, KeysMoveBecauseTheyAreAskedForInAnotherMode) {
  Begin({.listed = 300, .rate = 8'000, .plus_plan = true, .pace = kQuickPace});
  (void)Add(50, Mode::kFullD30);
  const auto plain = Add(250, Mode::kFull);
  AwaitTicks(5);
  for (std::size_t round = 0; round < 5; ++round) {
    const auto movers = std::span{plain}.subspan(40 * round, 40);
    ASSERT_TRUE(OwnedBy(movers, 0)) << round;
    Want(movers, Mode::kFullD30);
    ASSERT_TRUE(Eventually([&] { return OwnedBy(movers, 1); })) << round;
    AwaitTicks(5);
    for (const InstrumentId id : movers) EXPECT_TRUE(published_.Is(id, Mode::kFullD30)) << round;
    Want(movers, Mode::kFull);
    ASSERT_TRUE(Eventually([&] { return OwnedBy(movers, 0) && Sessions() == 1; })) << round;
    AwaitTicks(5);
    for (const InstrumentId id : movers) EXPECT_TRUE(published_.Is(id, Mode::kFull)) << round;
  }
  ExpectNothingMissedOrDoubled("keys move in another mode");
}

// The two connections of the Basic plan, both in use: one takes 2000 keys.
TEST_F(HandOverUnderLoadTest, ATokenChangeWithoutAConnectionToSpare) {
  Begin({.listed = 2'100, .rate = 5'000, .pace = kQuickPace});
  (void)Add(2'100, Mode::kFull);
  AwaitTicks(3);
  ASSERT_EQ(Sessions(), 2U);
  GiveNewToken();
  ASSERT_TRUE(Eventually([&] { return opens_ == 4 && Gaps().size() == 2; }, 20s));
  AwaitTicks(3);
  ExpectMissedInShortGapsAlone("token, none to spare");
}

TEST_F(HandOverUnderLoadTest, ATokenChangeWhereTheBrokerRefusesAConnectionMore) {
  Begin({.listed = 300, .rate = 10'000, .pace = kQuickPace});
  (void)Add(300, Mode::kFull);
  AwaitTicks(5);
  ASSERT_NO_FATAL_FAILURE(OpenBystander());
  GiveNewToken();
  ASSERT_TRUE(Eventually([&] { return opens_ == 2 && Gaps().size() == 1; }, 20s));
  AwaitTicks(5);
  EXPECT_GE(failures_, 1U);
  ExpectMissedInShortGapsAlone("token, one more is refused");
}

// Two connections that both carry two modes are full. With a few keys more each has to take one
// mode alone, and what has to go to the other finds no room there before that has let go.
TEST_F(HandOverUnderLoadTest, KeysThatAreInEachOthersWayMoveWithoutAConnectionToSpare) {
  Begin({.listed = 6'100, .rate = 10'000, .pace = kQuickPace});
  const auto first_full = Add(1'500, Mode::kFull);
  const auto first_prices = Add(2'000, Mode::kLtpc);
  const auto second_full = Add(400, Mode::kFull);
  const auto second_prices = Add(1'500, Mode::kLtpc);
  AwaitTicks(1);
  ASSERT_TRUE(OwnedBy(first_prices, 0) && OwnedBy(second_full, 1));
  (void)Add(700, Mode::kLtpc);
  ASSERT_TRUE(Eventually(
      [&] { return OwnedBy(first_prices, 1) && OwnedBy(second_full, 0) && Gaps().size() == 2; },
      20s));
  AwaitTicks(1);
  EXPECT_EQ(opens_, 2U);
  ExpectMissedInShortGapsAlone("keys move, none to spare");
}

}  // namespace
}  // namespace sauda::feed
