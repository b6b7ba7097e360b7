#include "tests/support/feed_hand_over.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(HandOverTest, WithoutAnOwnerEverybodyIsPublished) {
  Say(kOld, 1);
  Say(kNew, 2);
  EXPECT_THAT(published_, ElementsAre(1, 2));
}

TEST_F(HandOverTest, OutsideAHandOverOnlyTheOwnerIs) {
  hand_over_.Give(kKey, kOld);
  Say(kNew, Numbered(1, true));
  Say(kOld, 1);
  Say(kNew, 2);
  EXPECT_THAT(published_, ElementsAre(1));
  EXPECT_FALSE(hand_over_.ProgressOf(kKey));
}

TEST_F(HandOverTest, TakesOverAtASnapshotThatIsNoNews) {
  hand_over_.Give(kKey, kOld);
  Say(kOld, 1);
  hand_over_.Offer(kKey, kNew);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld);
  Say(kNew, Numbered(1, true));
  EXPECT_TRUE(Switched());
  Say(kOld, 2);
  Say(kNew, 2);
  EXPECT_THAT(published_, ElementsAre(1, 2));
}

TEST_F(HandOverTest, ANewcomerThatIsAheadWaitsForTheOwner) {
  hand_over_.Give(kKey, kOld);
  Say(kOld, 1);
  hand_over_.Offer(kKey, kNew);
  Say(kNew, Numbered(3, true));
  Say(kOld, 2);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld);
  Say(kOld, 3);
  EXPECT_TRUE(Switched());
  Say(kNew, 4);
  Say(kOld, 4);
  EXPECT_THAT(published_, ElementsAre(1, 2, 3, 4));
}

TEST_F(HandOverTest, ANewcomerThatIsBehindIsHeardUntilItHasCaughtUp) {
  hand_over_.Give(kKey, kOld);
  hand_over_.Offer(kKey, kNew);
  for (int number = 1; number <= 3; ++number) Say(kOld, number);
  Say(kNew, Numbered(1, true));
  Say(kNew, 2);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld);
  Say(kNew, 3);
  EXPECT_TRUE(Switched());
  Say(kNew, 4);
  EXPECT_THAT(published_, ElementsAre(1, 2, 3, 4));
}

TEST_F(HandOverTest, ASnapshotIsNewsWhereNothingWasPublished) {
  hand_over_.Give(kKey, kOld);
  hand_over_.Offer(kKey, kNew);
  Say(kNew, Numbered(7, true));
  EXPECT_TRUE(Switched());
  Say(kOld, Numbered(7, true));
  EXPECT_THAT(published_, ElementsAre(7));
}

TEST_F(HandOverTest, ASnapshotInAnotherModeIsNews) {
  hand_over_.Give(kKey, kOld);
  Say(kOld, 7);
  hand_over_.Offer(kKey, kNew);
  Delta full = Numbered(7, true);
  full.form = Form::kMarketFull;
  full.mode = Mode::kFull;
  full.snapshot = false;
  Say(kNew, full);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld) << "a part of a message is no ground to stand on";
  full.snapshot = true;
  Say(kNew, full);
  EXPECT_TRUE(Switched());
  EXPECT_THAT(published_, ElementsAre(7, 7));
  EXPECT_EQ(tick_.mode, Mode::kFull);
}

class HandOverToAnotherModeTest : public HandOverTest {
 protected:
  void SetUp() override {
    hand_over_.Give(kKey, kOld);
    Say(kOld, 7);
    hand_over_.Offer(kKey, kNew);
  }
  static Delta Full(std::int64_t number, bool snapshot = false) {
    Delta full = Numbered(number, snapshot);
    full.mode = Mode::kFull;
    full.totals.volume = 50;  // of which the other mode says nothing
    return full;
  }
};

TEST_F(HandOverToAnotherModeTest, ASnapshotBehindWhatWasPublishedIsHeardAndNotPublished) {
  Say(kOld, 8);
  Say(kNew, Full(7, true));
  Say(kNew, Full(8));
  EXPECT_TRUE(Switched());
  EXPECT_TRUE(hand_over_.StartsAnew(kKey)) << "what is published is in the old mode";
  Say(kOld, 9);
  Say(kNew, Full(9));
  EXPECT_FALSE(hand_over_.StartsAnew(kKey));
  EXPECT_THAT(published_, ElementsAre(7, 8, 9));
  EXPECT_EQ(tick_.mode, Mode::kFull);
}

TEST_F(HandOverToAnotherModeTest, ASnapshotAheadOfWhatWasPublishedWaitsForTheOwner) {
  Say(kNew, Full(9, true));
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->heard);
  EXPECT_FALSE(hand_over_.ProgressOf(kKey)->ahead) << "the volume alone tells nothing";
  Say(kOld, 8);
  Say(kOld, 9);
  EXPECT_TRUE(Switched());
  EXPECT_TRUE(hand_over_.StartsAnew(kKey));
  Say(kNew, Full(9, true));
  EXPECT_FALSE(hand_over_.StartsAnew(kKey));
  EXPECT_THAT(published_, ElementsAre(7, 8, 9, 9)) << "asked for once more, in the new mode";
}

TEST_F(HandOverToAnotherModeTest, APartOfAMessageIsNoBeginning) {
  Say(kOld, 8);
  Say(kNew, Full(7, true));
  Say(kNew, Full(8));
  ASSERT_TRUE(Switched());
  Delta part = Full(9);
  part.form = Form::kMarketFull;
  Say(kNew, part);
  EXPECT_TRUE(hand_over_.StartsAnew(kKey));
  Say(kNew, Full(9, true));
  Say(kNew, part);
  EXPECT_THAT(published_, ElementsAre(7, 8, 9, 9));
}

TEST_F(HandOverToAnotherModeTest, WhatBothModesShowIsCompared) {
  const auto book = [](Mode mode, std::initializer_list<double> bids, bool snapshot) {
    Delta delta = Numbered(9, snapshot);
    delta.mode = mode;
    delta.has_depth = true;
    for (const double bid : bids) delta.depth.push_back({.bid_price = bid});
    return delta;
  };
  Say(kOld, book(Mode::kFull, {10, 9}, true));
  Say(kNew, book(Mode::kFullD30, {11, 10, 9}, true));
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld) << "the same trade, another book";
  Say(kOld, book(Mode::kFull, {11, 10}, false));
  EXPECT_TRUE(Switched());
}

TEST_F(HandOverTest, PartsOfMessagesAreMergedBeforeTheyAreCompared) {
  const auto part = [](std::int64_t open_interest) {
    Delta delta{.key = "K", .form = Form::kMarketFull, .mode = Mode::kFull};
    delta.totals.open_interest = static_cast<double>(open_interest);
    return delta;
  };
  Delta whole = Numbered(1, true);
  whole.form = Form::kMarketFull;
  whole.mode = Mode::kFull;
  hand_over_.Give(kKey, kOld);
  Say(kOld, whole);
  hand_over_.Offer(kKey, kNew);
  Say(kNew, part(8));
  EXPECT_FALSE(hand_over_.ProgressOf(kKey)->heard) << "nothing to merge it into";
  Say(kOld, part(8));
  Say(kNew, whole);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld);
  Say(kNew, part(8));
  EXPECT_TRUE(Switched());
}

TEST_F(HandOverTest, TellsHowFarTheNewcomerIs) {
  hand_over_.Give(kKey, kOld);
  Say(kOld, 1);
  hand_over_.Offer(kKey, kNew);
  Say(kOld, 2);
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->owner_moved);
  Say(kNew, Numbered(4, true));
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->heard);
  EXPECT_FALSE(hand_over_.ProgressOf(kKey)->owner_moved) << "not since it was heard";
  EXPECT_FALSE(hand_over_.ProgressOf(kKey)->moved);
  Say(kNew, 5);
  Say(kOld, 3);
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->moved);
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->owner_moved);
}

struct Beyond {
  std::string name;
  std::int64_t time_ms = 5;
  std::int64_t volume = 50;
  bool ahead = false;
};

class ASnapshotThatDiffers : public HandOverTest, public testing::WithParamInterface<Beyond> {};

TEST_P(ASnapshotThatDiffers, IsAheadWithANewerTrade) {
  const auto whole = [](std::int64_t time_ms, std::int64_t volume, double bids) {
    Delta delta{.key = "K", .form = Form::kMarketFull, .mode = Mode::kFull, .snapshot = true};
    delta.last = LastTrade{.price = 100, .time_ms = time_ms};
    delta.totals = {.volume = volume, .total_buy_quantity = bids};
    return delta;
  };
  hand_over_.Give(kKey, kOld);
  Say(kOld, whole(5, 50, 1));
  hand_over_.Offer(kKey, kNew);
  Say(kNew, whole(GetParam().time_ms, GetParam().volume, 2));
  EXPECT_TRUE(hand_over_.ProgressOf(kKey)->heard);
  EXPECT_EQ(hand_over_.ProgressOf(kKey)->ahead, GetParam().ahead);
}

INSTANTIATE_TEST_SUITE_P(Trades, ASnapshotThatDiffers,
                         testing::Values(Beyond{.name = "TheSameTrade"},
                                         Beyond{.name = "ALaterTime", .time_ms = 6, .ahead = true},
                                         Beyond{.name = "AnEarlierTime", .time_ms = 4},
                                         Beyond{.name = "MoreTraded", .volume = 51, .ahead = true},
                                         Beyond{.name = "LessTraded", .volume = 49}),
                         CaseName{});

TEST_F(HandOverTest, OffersCanBeTakenBackAndKeysBeGivenAway) {
  hand_over_.Give(kKey, kOld);
  Say(kOld, 1);
  hand_over_.Offer(kKey, kNew);
  hand_over_.Withdraw(kKey);
  Say(kNew, Numbered(1, true));
  EXPECT_EQ(hand_over_.OwnerOf(kKey), kOld);
  hand_over_.Give(kKey, kNew);
  Say(kNew, Numbered(2, true));
  hand_over_.Forget(kKey);
  EXPECT_EQ(hand_over_.OwnerOf(kKey), std::nullopt);
  EXPECT_THAT(published_, ElementsAre(1, 2));
  EXPECT_THAT(hand_over_.TakeSettled(), IsEmpty()) << "nobody took over by itself";
}

}  // namespace
}  // namespace sauda::feed
