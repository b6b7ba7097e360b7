#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/subscription_book.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class BookTest : public testing::Test {
 protected:
  std::vector<InstrumentId> Ids(std::size_t count, std::size_t from = 0) {
    std::vector<InstrumentId> ids(count);
    std::iota(ids.begin(), ids.end(), static_cast<InstrumentId>(from));
    while (listings_.size() < from + count) {
      (void)listings_.Add({.key = "K|" + std::to_string(listings_.size())});
    }
    return ids;
  }
  void Tick(InstrumentId id) { ++listings_.counts(id).ticks; }
  std::vector<InstrumentId> TakeIds() {
    const auto batch = book_.Take(clock_.Now());
    return batch ? batch->ids : std::vector<InstrumentId>{};
  }
  SubscriptionState StateOf(InstrumentId id) const {
    for (const auto& row : book_.Rows()) {
      if (row.id == id) return row.state;
    }
    ADD_FAILURE() << "not in the book";
    return SubscriptionState::kFailed;
  }

  ManualClock clock_;
  Listings listings_;
  SubscriptionBook book_{listings_, {.batch_keys = 3, .batch_gap = 1s, .answer_limit = 60s}};
};

TEST_F(BookTest, AsksInBatchesWithAPauseBetween) {
  ASSERT_TRUE(book_.Want(Ids(5), Mode::kFull));
  EXPECT_FALSE(book_.Take(clock_.Now())) << "no connection yet";
  book_.OnConnected(clock_.Now());
  EXPECT_EQ(book_.NextDue(), clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(0, 1, 2));
  EXPECT_THAT(TakeIds(), ElementsAre());
  EXPECT_EQ(book_.NextDue(), clock_.Now() + 1s);
  clock_.Advance(1s - 1ns);
  EXPECT_THAT(TakeIds(), ElementsAre());
  clock_.Advance(1ns);
  EXPECT_THAT(TakeIds(), ElementsAre(3, 4));
}

TEST_F(BookTest, MixedModesShareABatchsBudget) {
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kFull));
  ASSERT_TRUE(book_.Want(Ids(3, 1), Mode::kLtpc));
  book_.OnConnected(clock_.Now());
  auto batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->mode, Mode::kFull);
  EXPECT_THAT(batch->ids, ElementsAre(0));
  batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->mode, Mode::kLtpc);
  EXPECT_THAT(batch->ids, ElementsAre(1, 2));
  EXPECT_FALSE(book_.Take(clock_.Now()));
}

TEST_F(BookTest, StatesGoFromWaitingToLive) {
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kFull));
  EXPECT_EQ(StateOf(0), SubscriptionState::kWaiting);
  book_.OnConnected(clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(0));
  EXPECT_EQ(StateOf(0), SubscriptionState::kAsked);
  Tick(0);
  EXPECT_EQ(StateOf(0), SubscriptionState::kLive);
  EXPECT_EQ(book_.NextDue(), std::nullopt);
  book_.OnDisconnected();
  EXPECT_EQ(StateOf(0), SubscriptionState::kWaiting);
  EXPECT_EQ(book_.NextDue(), std::nullopt);
  book_.OnConnected(clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(0)) << "restored on the new connection";
  EXPECT_EQ(StateOf(0), SubscriptionState::kAsked) << "old ticks do not count";
}

TEST_F(BookTest, SilentKeyIsToldApartAndAskedForAgain) {
  ASSERT_TRUE(book_.Want(Ids(2), Mode::kFull));
  book_.OnConnected(clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(0, 1));
  Tick(1);
  EXPECT_EQ(book_.NextDue(), clock_.Now() + 60s);
  clock_.Advance(60s);
  EXPECT_THAT(TakeIds(), ElementsAre(0));
  EXPECT_EQ(StateOf(0), SubscriptionState::kSilent);
  EXPECT_EQ(book_.RowOf(0)->failure, "NO_TICK");
  EXPECT_EQ(book_.RowOf(0)->attempts, 2U);
  EXPECT_EQ(book_.RowOf(1)->attempts, 1U);
  Tick(0);
  EXPECT_EQ(StateOf(0), SubscriptionState::kLive);
  EXPECT_EQ(book_.RowOf(0)->failure, "") << "it is over";
}

TEST_F(BookTest, BatchThatCouldNotBeSentIsAskedForWithALaterOne) {
  ASSERT_TRUE(book_.Want(Ids(3), Mode::kFull));
  book_.OnConnected(clock_.Now());
  const auto batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  book_.OnSendFailed(*batch, "FEED_BUSY");
  EXPECT_EQ(book_.Count(SubscriptionState::kFailed), 3U);
  EXPECT_EQ(book_.RowOf(2)->failure, "FEED_BUSY");
  EXPECT_THAT(TakeIds(), ElementsAre());
  clock_.Advance(1s);
  EXPECT_THAT(TakeIds(), ElementsAre(0, 1, 2));
  EXPECT_EQ(StateOf(2), SubscriptionState::kAsked) << "it may be silent, it was not refused";
  EXPECT_EQ(book_.RowOf(2)->attempts, 2U);
  book_.OnDisconnected();
  EXPECT_EQ(book_.RowOf(2)->attempts, 0U) << "each connection counts its own";
}

TEST_F(BookTest, KnowsWhenEveryKeyWasAskedFor) {
  ASSERT_TRUE(book_.Want(Ids(4), Mode::kFull));
  EXPECT_FALSE(book_.AllAsked()) << "no connection yet";
  book_.OnConnected(clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(0, 1, 2));
  EXPECT_FALSE(book_.AllAsked());
  clock_.Advance(1s);
  const auto last = book_.Take(clock_.Now());
  ASSERT_TRUE(last);
  EXPECT_TRUE(book_.AllAsked()) << "answered or not";
  book_.OnSendFailed(*last, "FEED_BUSY");
  EXPECT_FALSE(book_.AllAsked());
}

TEST_F(BookTest, EndsAtTheBrokerWhatIsWantedNoMore) {
  ASSERT_TRUE(book_.Want(Ids(3), Mode::kFull));
  book_.OnConnected(clock_.Now());
  (void)TakeIds();
  const InstrumentId ids[] = {1, 77};
  EXPECT_THAT(book_.Drop(ids), ElementsAre(1));
  clock_.Advance(1s);
  const auto batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->subscribe);
  EXPECT_THAT(batch->ids, ElementsAre(1));
  book_.OnSendFailed(*batch, "FEED_BUSY");
  clock_.Advance(1s);
  EXPECT_THAT(TakeIds(), ElementsAre(1)) << "said again after a failure";
}

TEST_F(BookTest, WantedAgainBeforeItWasSaidIsJustAskedFor) {
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kFull));
  book_.OnConnected(clock_.Now());
  (void)TakeIds();
  (void)book_.Drop(Ids(1));
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kLtpc));
  const auto batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->subscribe);
  EXPECT_EQ(batch->mode, Mode::kLtpc);
}

TEST_F(BookTest, OnlyAnotherModeAsksAgain) {
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kFull));
  book_.OnConnected(clock_.Now());
  (void)TakeIds();
  Tick(0);
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kFull));
  EXPECT_EQ(book_.ModeOf(0), Mode::kFull);
  EXPECT_EQ(StateOf(0), SubscriptionState::kLive);
  ASSERT_TRUE(book_.Want(Ids(1), Mode::kLtpc));
  EXPECT_EQ(book_.ModeOf(0), Mode::kLtpc);
  EXPECT_EQ(StateOf(0), SubscriptionState::kWaiting);
}

TEST_F(BookTest, AskedForAgainWithTheNextBatch) {
  ASSERT_TRUE(book_.Want(Ids(2), Mode::kFull));
  book_.OnConnected(clock_.Now());
  EXPECT_EQ(book_.AskedAt(1), std::nullopt);
  (void)TakeIds();
  EXPECT_EQ(book_.AskedAt(1), clock_.Now());
  Tick(0);
  Tick(1);
  book_.AskAgain(std::vector<InstrumentId>{1, 7});
  EXPECT_FALSE(book_.AllAsked());
  EXPECT_EQ(StateOf(1), SubscriptionState::kWaiting);
  EXPECT_FALSE(book_.RowOf(7));
  EXPECT_THAT(TakeIds(), ElementsAre(1));
}

TEST_F(BookTest, InAHurryThereIsNoPause) {
  ASSERT_TRUE(book_.Want(Ids(7), Mode::kFull));
  book_.OnConnected(clock_.Now(), true);
  EXPECT_THAT(TakeIds(), ElementsAre(0, 1, 2));
  EXPECT_EQ(book_.NextDue(), clock_.Now());
  EXPECT_THAT(TakeIds(), ElementsAre(3, 4, 5));
  EXPECT_THAT(TakeIds(), ElementsAre(6));
  ASSERT_TRUE(book_.Want(Ids(6, 7), Mode::kFull));
  EXPECT_THAT(TakeIds(), ElementsAre(7, 8)) << "that is over: two of this second's three";
  EXPECT_THAT(TakeIds(), ElementsAre());
}

TEST_F(BookTest, AHurryEndsWithAFailure) {
  ASSERT_TRUE(book_.Want(Ids(3), Mode::kFull));
  book_.OnConnected(clock_.Now(), true);
  const auto batch = book_.Take(clock_.Now());
  ASSERT_TRUE(batch);
  book_.OnSendFailed(*batch, "FEED_BUSY");
  EXPECT_THAT(TakeIds(), ElementsAre());
}

TEST_F(BookTest, RateIsOfTheLastMinute) {
  ASSERT_TRUE(book_.Want(Ids(3), Mode::kFull));
  book_.OnConnected(clock_.Now());
  (void)TakeIds();
  EXPECT_DOUBLE_EQ(book_.Rate(clock_.Now()), 3.0 / 60);
  clock_.Advance(61s);
  EXPECT_DOUBLE_EQ(book_.Rate(clock_.Now()), 0);
}

struct LimitCase {
  std::string name;
  Mode mode;
  std::size_t before_in_another;  // keys in LTPC, or in FULL when `mode` is LTPC
  std::size_t keys;
  bool taken;
};

class LimitTest : public BookTest, public testing::WithParamInterface<LimitCase> {};

TEST_P(LimitTest, HoldsAtBothSides) {
  const auto& row = GetParam();
  const Mode other = row.mode == Mode::kLtpc ? Mode::kFull : Mode::kLtpc;
  ASSERT_TRUE(book_.Want(Ids(row.before_in_another), other));
  const auto taken = book_.Want(Ids(row.keys, row.before_in_another), row.mode);
  EXPECT_EQ(taken.has_value(), row.taken);
  if (!taken) {
    EXPECT_EQ(taken.error().reason, "SUBSCRIPTION_LIMIT");
    EXPECT_EQ(book_.size(), row.before_in_another) << "all or nothing";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Limits, LimitTest,
    testing::Values(LimitCase{"LtpcMost", Mode::kLtpc, 0, 5'000, true},
                    LimitCase{"LtpcOneMore", Mode::kLtpc, 0, 5'001, false},
                    LimitCase{"GreeksMost", Mode::kOptionGreeks, 0, 3'000, true},
                    LimitCase{"GreeksOneMore", Mode::kOptionGreeks, 0, 3'001, false},
                    LimitCase{"FullMost", Mode::kFull, 0, 2'000, true},
                    LimitCase{"FullOneMore", Mode::kFull, 0, 2'001, false},
                    LimitCase{"D30Most", Mode::kFullD30, 0, 50, true},
                    LimitCase{"D30OneMore", Mode::kFullD30, 0, 51, false},
                    LimitCase{"MixedFullMost", Mode::kFull, 1, 1'500, true},
                    LimitCase{"MixedFullOneMore", Mode::kFull, 1, 1'501, false},
                    LimitCase{"MixedLtpcMost", Mode::kLtpc, 1, 2'000, true},
                    LimitCase{"MixedLtpcOneMore", Mode::kLtpc, 1, 2'001, false},
                    LimitCase{"OthersWereTooMany", Mode::kFull, 2'001, 1, false},
                    LimitCase{"MixedD30StaysAtFifty", Mode::kFullD30, 1, 51, false}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
