// The feed's fault table, its nights: tokens that end, silence, and connections that die in it.
#include <cstdlib>
#include <set>

#include "tests/support/feed_under_fault.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

using FeedNightFaults = FeedUnderFault;

constexpr std::int64_t kHalfPastThreeMs = 1'784'066'400'000;  // 2026-07-15 03:30 IST
constexpr std::int64_t kHourMs = 3'600'000;

TEST_F(FeedNightFaults, ATokenThatEndsAtHalfPastThreeIsWaitedFor) {
  auth_answers_ = true;
  Begin({.rate = 100, .start_ms = kHalfPastThreeMs - 8'000}, {}, 4);
  AwaitSteady();
  ASSERT_LT(MarketMs(), kHalfPastThreeMs) << "the machine is too slow for this test";
  ASSERT_TRUE(Eventually([&] { return MarketMs() > kHalfPastThreeMs; }));
  EXPECT_EQ(FalseAlarms({}), 0) << "an open connection outlives its token";

  FaultRow row{.name = "TokenEndsAt0330", .detect_limit = 1};
  const Monotonic made = clock_.Now();
  Fault(FeedFault("drop"));
  ASSERT_TRUE(Eventually([&] { return Is(ConnectionState::kWaitingForToken); }));
  row.detected = SecondsSince(made);
  EXPECT_FALSE(Eventually([&] { return Metric("connect_failures_total") > 1; }, 3s))
      << "nobody knocks without a token";
  const auto ticks = Ticks();
  LogIn();
  const Monotonic arrived = clock_.Now();
  GiveToken();
  MeasureRecovery(row, ticks, arrived);
  Judge(row, kOneLossAndAFailure);
}

TEST_F(FeedNightFaults, ATokenThatAuthDoesNotTakeBackIsTriedWithPatience) {
  Begin({.rate = 100}, {}, 4);
  AwaitSteady();
  FaultRow row{.name = "TokenRefusedForGood", .detect_limit = 1};
  const Monotonic made = clock_.Now();
  Fault(FeedFault("expire-tokens"));
  Fault(FeedFault("drop"));
  ASSERT_TRUE(Eventually([&] { return Is(ConnectionState::kWaitingForToken); }));
  row.detected = SecondsSince(made);
  // With pauses of up to 1 s, 2 s and 4 s there may be some, but no storm of them.
  EXPECT_FALSE(Eventually([&] { return Metric("connect_failures_total") > 8; }, 4s));
  EXPECT_TRUE(Is(ConnectionState::kWaitingForToken));
  const auto ticks = Ticks();
  LogIn();
  const Monotonic arrived = clock_.Now();
  GiveToken();
  MeasureRecovery(row, ticks, arrived);
  Caused caused = kOneLoss;
  caused.failed_attempts = Metric("connect_failures_total");
  Judge(row, caused);
}

// From 00:30 to the opening, an hour in a second. Pings every second instead of 30, with 1 s
// instead of 10 for the answer, so that some are answered; the token ends on the way.
TEST_F(FeedNightFaults, ASilentNightIsQuiet) {
  always_open_ = false;
  Config settings;
  settings.ping_every = 1s;
  settings.pong_limit = 1s;
  settings.stale_after = 1s;  // instead of 10, of the alert on silence too
  Begin({.speed = "3600", .rate = 100, .start_ms = kHalfPastThreeMs - 3 * kHourMs}, settings, 4);
  ASSERT_TRUE(Eventually([&] {
    const std::vector<std::uint64_t> none(ids_.size());
    return Ticking(none) == ids_.size() && Is(ConnectionState::kQuiet);
  })) << "once the snapshots are there";
  AddRules(settings.stale_after);
  std::set<ConnectionState> states;
  bool token_ended = false;
  ASSERT_TRUE(Eventually(
      [&] {
        states.insert(feed().Status().state);
        const std::int64_t now_ms = MarketMs();
        if (now_ms > kHalfPastThreeMs && !token_ended) {
          token_ended = true;
          feed().SetToken(std::nullopt, "TOKEN_EXPIRED");
        }
        return now_ms > kHalfPastThreeMs + 4 * kHourMs;
      },
      30s));
  EXPECT_EQ(states, std::set{ConnectionState::kQuiet});
  EXPECT_EQ(FalseAlarms({}), 0);

  FaultRow row{.name = "SilentNight"};
  const auto ticks = Ticks();
  ASSERT_TRUE(Eventually([&] { return Is(ConnectionState::kLive); })) << "the market opens";
  MeasureRecovery(row, ticks, clock_.Now());
  Judge(row, {});
}

// The market is closed, so nothing is due, and yet the broker is missed. Pings every 3 s, 1 s for
// the answer.
TEST_F(FeedNightFaults, AHalfOpenConnectionIsDeadAndNotQuiet) {
  always_open_ = false;
  Config settings;
  settings.ping_every = 3s;
  settings.pong_limit = 1s;
  Begin({.start_ms = kHalfPastThreeMs - 3 * kHourMs}, settings, 4);
  AwaitSteady();
  ASSERT_TRUE(Is(ConnectionState::kQuiet));
  FaultRow row{.name = "HalfOpenAtNight", .detect_limit = 4};
  const Monotonic made = clock_.Now();
  Fault(FeedFault("half-open"));
  ASSERT_TRUE(Eventually([&] { return Metric("connection_losses_total") > 0; }));
  row.detected = SecondsSince(made);
  const auto ticks = Ticks();
  const Monotonic over = clock_.Now();
  Admin("DELETE", "/faults");
  MeasureRecovery(row, ticks, over);  // by the snapshots
  EXPECT_TRUE(Eventually([&] { return Is(ConnectionState::kQuiet); }));
  Judge(row, kOneLoss);
}

// The defaults: 30 s and 10 s. About a minute long, so only when it is asked for.
TEST_F(FeedNightFaults, AHalfOpenConnectionIsStaleThenDeadAtFullLength) {
  if (std::getenv("SAUDA_TEST_FULL_LENGTH") == nullptr) {
    GTEST_SKIP() << "SAUDA_TEST_FULL_LENGTH asks for it; ./sauda test long does";
  }
  Begin({.rate = 100}, {}, 4);
  AwaitSteady(/*measured=*/true);
  FaultRow row{.name = "HalfOpenFullLength", .detect_limit = 40};
  const Monotonic made = clock_.Now();
  Fault(FeedFault("half-open"));
  ASSERT_TRUE(Eventually([&] { return Is(ConnectionState::kStale); }));
  EXPECT_LE(SecondsSince(made), 5 + 1 + kSlack);
  EXPECT_EQ(Metric("connection_losses_total"), 0) << "stale is not dead";
  ASSERT_TRUE(Eventually([&] { return Metric("connection_losses_total") > 0; }, 60s));
  row.detected = SecondsSince(made);
  const auto ticks = Ticks();
  const Monotonic over = clock_.Now();
  Admin("DELETE", "/faults");
  MeasureRecovery(row, ticks, over);
  Caused caused = kOneLoss;
  caused.stale = 1;
  Judge(row, caused);
}

}  // namespace
}  // namespace sauda::feed
