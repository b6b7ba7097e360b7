#include "libs/base/backoff.hpp"

#include <gtest/gtest.h>

namespace sauda {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, FirstAttemptIsAtOnceAndLaterOnesStayUnderADoublingCeiling) {
  Backoff backoff{{.first = milliseconds{1'000}, .most = milliseconds{30'000}}, 7};
  EXPECT_EQ(backoff.Next(), milliseconds{0});
  for (const int ceiling : {1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
    const auto wait = backoff.Next();
    EXPECT_GE(wait, milliseconds{0});
    EXPECT_LE(wait, milliseconds{ceiling});
  }
}

TEST(BackoffTest, JitterIsFull) {
  Backoff backoff{{.first = milliseconds{1'000}, .most = milliseconds{1'000}}, 7};
  (void)backoff.Next();
  int low = 0;
  for (int i = 0; i < 1'000; ++i) low += backoff.Next() < milliseconds{500} ? 1 : 0;
  EXPECT_GT(low, 400);
  EXPECT_LT(low, 600);
}

TEST(BackoffTest, ResetStartsAgain) {
  Backoff backoff{{}, 7};
  (void)backoff.Next();
  (void)backoff.Next();
  EXPECT_EQ(backoff.attempts(), 2U);
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), milliseconds{0});
}

TEST(BackoffTest, NeverOverflowsHoweverLong) {
  Backoff backoff{{}, 7};
  for (int i = 0; i < 10'000; ++i) EXPECT_LE(backoff.Next(), milliseconds{30'000});
}

}  // namespace
}  // namespace sauda
