// Several connections: what is missing is told, whichever of them ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/feed_pool.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::UnorderedElementsAre;

OpenOutcome NotForAnHour() {
  return {.failure = Error{Code::kUnavailable, "BROKER_DOWN", "down"}, .retry_after = 1h};
}

/// Two connections and one key more than the first one takes in this mode: when the first has room
/// again, that key moves to it.
class PoolGapTest : public PoolTest {
 protected:
  void BeginTwo(Connector::Options options = {}) {
    options.gap_patience = 50ms;
    Make({first_, second_}, options);
    (void)Want(51, Mode::kFullD30);
    ASSERT_TRUE(
        Eventually([&] { return first_.sent().size() == 1 && second_.sent().size() == 1; }));
    ASSERT_THAT(second_.sent().front().keys, ElementsAre(mover_));
    second_.Frame(7, "s " + mover_ + "5");
  }
  void LoseSecond() {
    second_.FailNext(NotForAnHour());
    second_.Drop("gone");
    ASSERT_TRUE(Eventually([&] { return second_.attempts() == 2; }));
  }
  void MakeRoomOnFirst() { EXPECT_EQ(connector_->Drop(std::span{ids_}.first(1)).size(), 1U); }
  bool FirstIsAskedForTheMover(std::size_t times = 1) {
    return Eventually([&] {
      const auto sent = first_.sent();
      return std::count_if(sent.begin(), sent.end(), [&](const SubscriptionRequest& each) {
               return each.keys == std::vector{mover_};
             }) == static_cast<std::ptrdiff_t>(times);
    });
  }
  void ExpectOneGapSinceTheLoss() {
    ASSERT_TRUE(Eventually([&] { return !Gaps().empty(); }));
    EXPECT_FALSE(Eventually([&] { return Gaps().size() > 1; }, 100ms)) << "told once";
    EXPECT_EQ(Gaps().front().from_ns, 7);
    EXPECT_EQ(Gaps().front().cause, "CONNECTION_LOST");
  }

  const std::string mover_ = KeyOf(50);
};

TEST_F(PoolGapTest, AKeyThatLeavesALostConnectionTakesItsGapAlong) {
  BeginTwo();
  LoseSecond();
  MakeRoomOnFirst();
  ASSERT_TRUE(FirstIsAskedForTheMover());
  first_.Frame(20, "s " + mover_ + "9");
  ExpectOneGapSinceTheLoss();
  EXPECT_THAT(encoder_.Of(mover_), ElementsAre(5, 9));
}

TEST_F(PoolGapTest, AConnectionThatIsLostWhileItsKeyMovesLeavesItsGapToTheNewOne) {
  BeginTwo();
  MakeRoomOnFirst();
  ASSERT_TRUE(FirstIsAskedForTheMover());
  first_.Frame(8, "s " + mover_ + "6");
  LoseSecond();
  ASSERT_TRUE(FirstIsAskedForTheMover(2)) << "for a snapshot";
  first_.Frame(20, "s " + mover_ + "6");
  ExpectOneGapSinceTheLoss();
  EXPECT_THAT(encoder_.Of(mover_), ElementsAre(5, 6));
}

TEST_F(PoolGapTest, TheGapOfALostConnectionEndsWhenNothingIsWantedOfItAnyMore) {
  BeginTwo();
  LoseSecond();
  const std::int64_t before = clock_.UtcNs();
  EXPECT_EQ(connector_->Drop(std::span{ids_}.last(1)).size(), 1U);
  ExpectOneGapSinceTheLoss();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_GE(Gaps().front().to_ns, before);
}

// Two connections that both carry two modes are full; a few keys more, and each takes one mode
// alone. What has to go to the other one finds no room there before that has let go. Then there is
// no pause between the batches: nobody brings these keys.
TEST_F(PoolTest, KeysInEachOthersWayMissWhatComesAfterTheLastFrameOfTheirOldConnection) {
  Make({first_, second_}, {.pace = {.batch_keys = 4'600, .batch_gap = 1h},
                           .hand_over_limit = 20ms,
                           .gap_patience = 50ms});
  (void)Want(1'500, Mode::kFull);
  (void)Want(2'000, Mode::kLtpc);
  (void)Want(400, Mode::kFull);
  (void)Want(1'500, Mode::kLtpc);
  const auto all_asked = [&] { return connector_->Status().asked == ids_.size(); };
  ASSERT_TRUE(Eventually(all_asked));
  first_.Frame(1, "s " + KeyOf(3'499) + "5");
  first_.Frame(200, "s " + KeyOf(0) + "5");
  second_.Frame(1, "s " + KeyOf(3'500) + "5");
  second_.Frame(100, "s " + KeyOf(3'900) + "5");
  (void)Want(700, Mode::kLtpc);
  ASSERT_TRUE(Eventually([&] { return Gaps().size() == 2; }));
  for (const Gap& gap : Gaps()) EXPECT_EQ(gap.cause, "HAND_OVER");
  EXPECT_THAT(Gaps(), UnorderedElementsAre(Field(&Gap::from_ns, 100), Field(&Gap::from_ns, 200)));
  EXPECT_TRUE(Eventually(all_asked));
  EXPECT_EQ(hand_over_.OwnerOf(ids_[3'499]), 1U);
  EXPECT_EQ(hand_over_.OwnerOf(ids_[3'500]), 0U);
}

// An old socket that is half-open: what it has not brought is known from the new one's snapshot
// alone.
TEST_F(PoolTest, ASnapshotWithANewerTradeThanTheOldConnectionBroughtIsAGap) {
  Begin(1, {.hand_over_limit = 20ms});
  first_.Frame(1, "s a5@100");
  BeginRelay();
  second_.Frame(2, "s a6@120");
  ASSERT_TRUE(OwnedBy(1));
  ASSERT_TRUE(Eventually([&] {
    second_.Frame(9, "s a6@120");
    return !Gaps().empty();
  }));
  EXPECT_EQ(Gaps().front().cause, "HAND_OVER");
  EXPECT_EQ(Gaps().front().from_ns, 1);
  EXPECT_EQ(encoder_.LastOf("a"), 6);
}

struct Ending {
  std::string name;
  void (*end)(Connector& connector, ScriptedBroker& next);
};

class ARelayThatEndsEarly : public PoolTest, public testing::WithParamInterface<Ending> {};

TEST_P(ARelayThatEndsEarly, LeavesItsGapToTheOldConnection) {
  Begin(2, {.hand_over_limit = 1s, .gap_patience = 1h});
  first_.Frame(1, "s a5 b5");
  BeginRelay();
  second_.Frame(2, "s a6");
  second_.Frame(3, "a7");
  first_.Frame(4, "b6");
  ASSERT_TRUE(Eventually([&] { return hand_over_.OwnerOf(ids_[0]) == 1U; })) << "it is late";
  ASSERT_EQ(hand_over_.OwnerOf(ids_[1]), 0U);
  GetParam().end(*connector_, second_);
  ASSERT_TRUE(OwnedBy(0));
  std::int64_t now = 9;
  ASSERT_TRUE(Eventually([&] {
    connector_->SetWanted(true);
    first_.Frame(++now, "s a8 b8");
    return !Gaps().empty();
  }));
  EXPECT_EQ(Gaps().front().from_ns, 1);
  EXPECT_EQ(Gaps().front().cause, "HAND_OVER");
}

INSTANTIATE_TEST_SUITE_P(
    Ways, ARelayThatEndsEarly,
    testing::Values(Ending{"Lost", [](Connector&, ScriptedBroker& next) { next.Drop("gone"); }},
                    Ending{"Disconnected",
                           [](Connector& all, ScriptedBroker&) { all.SetWanted(false); }}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
