#include <gtest/gtest.h>

#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/rate_limits.hpp"
#include "simulator/src/core/tickets.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::sim {
namespace {

using std::chrono::seconds;

TEST(FaultsTest, HappenAsOftenAsAsked) {
  const ManualClock clock;
  Faults faults;
  ASSERT_TRUE(faults.Add({.target = FaultTarget::kRest, .kind = FaultKind::kStatus, .count = 2},
                         clock.Now()));
  EXPECT_FALSE(faults.TakeHttp(FaultTarget::kOrders, clock.Now()));
  EXPECT_TRUE(faults.TakeHttp(FaultTarget::kRest, clock.Now()));
  EXPECT_TRUE(faults.TakeHttp(FaultTarget::kRest, clock.Now()));
  EXPECT_FALSE(faults.TakeHttp(FaultTarget::kRest, clock.Now()));
}

TEST(FaultsTest, HappenAsLongAsAsked) {
  ManualClock clock;
  Faults faults;
  ASSERT_TRUE(faults.Add(
      {.target = FaultTarget::kFeed, .kind = FaultKind::kStall, .until = clock.Now() + seconds{5}},
      clock.Now()));
  clock.Advance(seconds{4});
  EXPECT_TRUE(faults.Holds(FaultTarget::kFeed, FaultKind::kStall, clock.Now()));
  clock.Advance(seconds{1});
  EXPECT_FALSE(faults.Holds(FaultTarget::kFeed, FaultKind::kStall, clock.Now()));
  EXPECT_TRUE(faults.List(clock.Now()).empty());
}

TEST(FaultsTest, WithoutCountHappenOnceAndStallsStay) {
  ManualClock clock;
  Faults faults;
  ASSERT_TRUE(faults.Add({.target = FaultTarget::kFeed, .kind = FaultKind::kDrop}, clock.Now()));
  const auto stall =
      faults.Add({.target = FaultTarget::kFeed, .kind = FaultKind::kStall}, clock.Now());
  EXPECT_TRUE(faults.TakeConnection(FaultTarget::kFeed, FaultKind::kDrop, clock.Now()));
  EXPECT_FALSE(faults.TakeConnection(FaultTarget::kFeed, FaultKind::kDrop, clock.Now()));
  clock.Advance(std::chrono::hours{1});
  EXPECT_TRUE(faults.Holds(FaultTarget::kFeed, FaultKind::kStall, clock.Now()));
  EXPECT_EQ(faults.Clear(*stall), 1U);
  EXPECT_FALSE(faults.Holds(FaultTarget::kFeed, FaultKind::kStall, clock.Now()));
}

TEST(FaultsTest, RefusesWhatMakesNoSense) {
  const ManualClock clock;
  Faults faults;
  EXPECT_EQ(faults.Add({.target = FaultTarget::kRest, .kind = FaultKind::kDrop}, clock.Now())
                .error()
                .reason,
            "FAULT_NOT_FOR_TARGET");
  EXPECT_EQ(faults.Add({.target = FaultTarget::kFeed, .kind = FaultKind::kLate}, clock.Now())
                .error()
                .reason,
            "FAULT_NOT_FOR_TARGET");
  EXPECT_EQ(faults.Add({.kind = FaultKind::kStatus, .status = 200}, clock.Now()).error().reason,
            "FAULT_STATUS_INVALID");
  for (std::size_t i = 0; i < Faults::kMax; ++i) ASSERT_TRUE(faults.Add({}, clock.Now()));
  EXPECT_EQ(faults.Add({}, clock.Now()).error().reason, "TOO_MANY_FAULTS");
}

TEST(FaultsTest, NamesReadBack) {
  for (int i = 0; i < 6; ++i) {
    const auto target = static_cast<FaultTarget>(i);
    EXPECT_EQ(FaultTargetOf(ToText(target)), target);
  }
  for (int i = 0; i < 14; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    EXPECT_EQ(FaultKindOf(ToText(kind)), kind);
  }
  EXPECT_FALSE(FaultKindOf("flood"));
}

TEST(RateLimitsTest, CountEachWindow) {
  ManualClock clock;
  RateLimits limits;
  const RateLimit two_a_second{.per_second = 2, .per_minute = 3};
  EXPECT_TRUE(limits.Allow("orders", two_a_second, clock.Now()));
  EXPECT_TRUE(limits.Allow("orders", two_a_second, clock.Now()));
  EXPECT_FALSE(limits.Allow("orders", two_a_second, clock.Now()));
  EXPECT_TRUE(limits.Allow("other", two_a_second, clock.Now()));
  clock.Advance(seconds{1});
  EXPECT_TRUE(limits.Allow("orders", two_a_second, clock.Now()));
  EXPECT_FALSE(limits.Allow("orders", two_a_second, clock.Now()));  // three in this minute
  clock.Advance(seconds{59});
  EXPECT_TRUE(limits.Allow("orders", two_a_second, clock.Now()));
}

TEST(RateLimitsTest, ZeroIsNoLimit) {
  const ManualClock clock;
  RateLimits limits;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(limits.Allow("orders", {}, clock.Now()));
}

TEST(TicketsTest, WorkOnceAndForAMinute) {
  ManualClock clock;
  int made = 0;
  Tickets tickets{[&made] { return "code" + std::to_string(++made); }};
  const std::string first = tickets.New("note", clock.Now());
  const std::string second = tickets.New("", clock.Now());
  EXPECT_EQ(tickets.Take(first, clock.Now()), "note");
  EXPECT_FALSE(tickets.Take(first, clock.Now()));
  clock.Advance(Tickets::kLife);
  EXPECT_FALSE(tickets.Take(second, clock.Now()));
}

TEST(TicketsTest, TheOldestMakeRoom) {
  ManualClock clock;
  int made = 0;
  Tickets tickets{[&made] { return "code" + std::to_string(++made); }};
  const std::string oldest = tickets.New("", clock.Now());
  clock.Advance(std::chrono::milliseconds{1});
  for (std::size_t i = 0; i < Tickets::kMax; ++i) tickets.New("", clock.Now());
  EXPECT_FALSE(tickets.Take(oldest, clock.Now()));
  EXPECT_TRUE(tickets.Take("code2", clock.Now()));
}

}  // namespace
}  // namespace sauda::sim
