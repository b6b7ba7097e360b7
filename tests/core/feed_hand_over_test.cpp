#include <deque>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/hand_over.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr InstrumentId kKey = 3;
constexpr HandOver::Socket kOld = 0;
constexpr HandOver::Socket kNew = 1;

/// The broker's numbers are the quantity of the last trade.
Delta Numbered(std::int64_t number, bool snapshot = false) {
  return {.key = "K",
          .snapshot = snapshot,
          .last = LastTrade{.price = 100, .time_ms = 5, .quantity = number}};
}

/// One key, what is published of it, and the rules.
class HandOverTest : public testing::Test {
 protected:
  void Say(HandOver::Socket socket, const Delta& delta) {
    if (!hand_over_.Takes(socket, kKey, delta, tick_)) return;
    Merge(tick_, delta);
    tick_.listing = listing_;
    published_.push_back(tick_.last->quantity);
    hand_over_.OnPublished(kKey, tick_);
  }
  void Say(HandOver::Socket socket, std::int64_t number) { Say(socket, Numbered(number)); }
  bool Switched() {
    const auto settled = hand_over_.TakeSettled();
    return settled == std::vector<InstrumentId>{kKey} && hand_over_.OwnerOf(kKey) == kNew;
  }

  std::shared_ptr<const Listing> listing_ = ListingOf("K");
  HandOver hand_over_;
  Tick tick_;
  std::vector<std::int64_t> published_;
};

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

/// The broker numbers a key's messages; each socket reads them at its own pace, and the new one
/// begins with a snapshot of where the broker stands when it asks.
class HandOverAtRandom : public HandOverTest {
 protected:
  struct Run {
    std::int64_t asks_after = 0;  // the message that the new one's snapshot is of
    std::int64_t last = 0;
    std::vector<std::int64_t> numbers;  // of the messages that were published
  };

  /// With a `period` a message says only how its number stands in it, so that a state recurs.
  Run Play(std::uint32_t seed, std::int64_t period = 1'000) {
    std::mt19937 random{seed};
    hand_over_.Forget(kKey);
    hand_over_.Give(kKey, kOld);
    tick_ = {};
    published_.clear();
    std::deque<Message> old_socket;
    std::deque<Message> new_socket;
    Run run{.asks_after = static_cast<std::int64_t>(1 + random() % 4),
            .last = static_cast<std::int64_t>(5 + random() % 40)};
    const auto read = [&](HandOver::Socket socket, std::deque<Message>& messages) {
      if (messages.empty()) return;
      const auto [number, snapshot] = messages.front();
      messages.pop_front();
      Say(socket, Numbered(number % period, snapshot));
      if (published_.size() > run.numbers.size()) run.numbers.push_back(number);
    };
    std::int64_t sent = 0;
    while (sent < run.last || !old_socket.empty() || !new_socket.empty()) {
      switch (random() % 3) {
        case 0:
          if (sent == run.last) break;
          ++sent;
          old_socket.push_back({sent, sent == 1});
          if (sent > run.asks_after) new_socket.push_back({sent, false});
          if (sent != run.asks_after) break;
          hand_over_.Offer(kKey, kNew);
          new_socket.push_back({sent, true});
          break;
        case 1:
          read(kOld, old_socket);
          break;
        default:
          read(kNew, new_socket);
      }
    }
    return run;
  }

 private:
  struct Message {
    std::int64_t number = 0;
    bool snapshot = false;
  };
};

TEST_F(HandOverAtRandom, EachNumberIsPublishedOnceInOrderHoweverTheSocketsInterleave) {
  for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    const Run run = Play(seed);
    // One that was ahead of an owner that had said nothing yet begins where it is.
    const std::int64_t first = run.numbers.empty() ? 0 : run.numbers.front();
    ASSERT_LE(first, run.asks_after);
    std::vector<std::int64_t> expected;
    for (auto number = first; number <= run.last; ++number) expected.push_back(number);
    ASSERT_EQ(run.numbers, expected);
    ASSERT_EQ(hand_over_.OwnerOf(kKey), kNew);
  }
}

// What the comparison cannot see: two sockets in the same state, a round of states apart. The one
// that takes over leaves that round out, or says it again; what is published goes on as it must.
TEST_F(HandOverAtRandom, WhereAStateRecursARoundOfStatesMayBeLostOrDoubled) {
  constexpr std::int64_t kPeriod = 3;
  constexpr int kRuns = 2'000;
  int wrong_runs = 0;
  std::int64_t lost = 0;
  std::int64_t doubled = 0;
  for (std::uint32_t seed = 0; seed < kRuns; ++seed) {
    SCOPED_TRACE(seed);
    Run run = Play(seed, kPeriod);
    run.numbers.push_back(run.last + 1);  // the round may be the last one
    int jumps = 0;
    for (std::size_t i = 1; i < run.numbers.size(); ++i) {
      const std::int64_t left_out = run.numbers[i] - run.numbers[i - 1] - 1;
      if (left_out == 0) continue;
      ++jumps;
      ASSERT_EQ(left_out % kPeriod, 0);
      (left_out > 0 ? lost : doubled) += std::abs(left_out);
    }
    ASSERT_LE(jumps, 1) << "where it changes hands";
    wrong_runs += jumps;
  }
  RecordProperty("wrong_runs", wrong_runs);
  RecordProperty("lost", static_cast<int>(lost));
  RecordProperty("doubled", static_cast<int>(doubled));
  EXPECT_GT(lost, 0);
  EXPECT_GT(doubled, 0);
  EXPECT_LT(wrong_runs, kRuns / 2);
}

}  // namespace
}  // namespace sauda::feed
