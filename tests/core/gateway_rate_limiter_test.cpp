#include <gtest/gtest.h>

#include "services/gateway/src/core/rate_limiter.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::gateway {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public testing::Test {
 protected:
  bool Passes(const std::string& client) { return !limiter_.Take(client, clock_.Now()); }

  ManualClock clock_;
  RateLimiter limiter_{{.burst = 3, .per_minute = 60, .most_clients = 4}};
};

TEST_F(RateLimiterTest, LetsABurstThroughAndThenOneASecond) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Passes("a")) << i;
  EXPECT_EQ(limiter_.Take("a", clock_.Now()), 1s);
  clock_.Advance(400ms);
  EXPECT_EQ(limiter_.Take("a", clock_.Now()), 600ms) << "asking in vain costs nothing";
  clock_.Advance(600ms);
  EXPECT_TRUE(Passes("a"));
  EXPECT_FALSE(Passes("a"));
  clock_.Advance(10min);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Passes("a")) << "a rest saves up no more than a burst";
  EXPECT_FALSE(Passes("a"));
}

TEST_F(RateLimiterTest, CountsEachClientForItself) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Passes("a"));
  EXPECT_FALSE(Passes("a"));
  EXPECT_TRUE(Passes("b"));
}

TEST_F(RateLimiterTest, ForgetsWhoHasRestedAndBoundsTheOthers) {
  for (const char* client : {"a", "b", "c", "d"}) EXPECT_TRUE(Passes(client));
  for (int i = 0; i < 100; ++i) (void)Passes("new " + std::to_string(i));
  EXPECT_LE(limiter_.clients(), 5U) << "there is one bucket for whom there is no room";
  EXPECT_FALSE(Passes("another"));
  clock_.Advance(3s);
  EXPECT_TRUE(Passes("another"));
  EXPECT_EQ(limiter_.clients(), 1U) << "all were full again";
}

}  // namespace
}  // namespace sauda::gateway
