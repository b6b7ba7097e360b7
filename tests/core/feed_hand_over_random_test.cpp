#include <cstdlib>
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/feed_hand_over.hpp"

namespace sauda::feed {
namespace {

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
  /// `new_mode` is the new socket's; the old one's is LTPC.
  Run Play(std::uint32_t seed, std::int64_t period = 1'000, Mode new_mode = Mode::kLtpc) {
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
      const std::size_t before = published_.size();
      Delta delta = Numbered(number % period, snapshot);
      if (socket == kNew) delta.mode = new_mode;
      Say(socket, delta);
      if (published_.size() == before) return;
      const bool only_the_mode_is_news = snapshot && !run.numbers.empty() &&
                                         new_mode != Mode::kLtpc && run.numbers.back() == number;
      if (!only_the_mode_is_news) run.numbers.push_back(number);
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

class HandOverToAMode : public HandOverAtRandom, public testing::WithParamInterface<Mode> {};

TEST_P(HandOverToAMode, EachNumberIsPublishedOnceInOrderHoweverTheSocketsInterleave) {
  for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    const Run run = Play(seed, 1'000, GetParam());
    // One that was ahead of an owner that had said nothing yet begins where it is.
    const std::int64_t first = run.numbers.empty() ? 0 : run.numbers.front();
    ASSERT_LE(first, run.asks_after);
    std::vector<std::int64_t> expected;
    for (auto number = first; number <= run.last; ++number) expected.push_back(number);
    ASSERT_EQ(run.numbers, expected);
    ASSERT_EQ(hand_over_.OwnerOf(kKey), kNew);
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, HandOverToAMode, testing::Values(Mode::kLtpc, Mode::kFull),
                         [](const auto& mode) {
                           return mode.param == Mode::kLtpc ? "TheSame" : "Another";
                         });

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
