#include <gtest/gtest.h>

#include "services/feed/src/core/connection_rule.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr Monotonic kNow{1h};

struct JudgeCase {
  std::string name;
  ConnectionFacts facts;
  ConnectionState state;
};

class JudgeTest : public testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeTest, FollowsTheRule) {
  EXPECT_EQ(Judge(GetParam().facts, kNow, 10s), GetParam().state);
}

ConnectionFacts Open(std::size_t asked, bool due, std::chrono::nanoseconds silence) {
  return {.open = true, .asked = asked, .due = due, .last_tick = kNow - silence};
}

ConnectionFacts Ticking(std::chrono::nanoseconds spacing, bool unmeasured,
                        std::chrono::nanoseconds silence) {
  ConnectionFacts facts = Open(5, true, silence);
  facts.p99_spacing = spacing;
  facts.unmeasured = unmeasured;
  return facts;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, JudgeTest,
    testing::Values(
        JudgeCase{"Off", {.wanted = false, .open = true}, ConnectionState::kOff},
        JudgeCase{"NoToken", {.has_token = false}, ConnectionState::kWaitingForToken},
        JudgeCase{"OpenSocketOutlivesItsToken",
                  {.has_token = false, .open = true},
                  ConnectionState::kQuiet},
        JudgeCase{"NotOpen", {}, ConnectionState::kConnecting},
        JudgeCase{"Lost", {.lost = true}, ConnectionState::kDead},
        JudgeCase{"LostWithoutAToken",
                  {.has_token = false, .lost = true},
                  ConnectionState::kWaitingForToken},
        JudgeCase{"NothingSubscribed", Open(0, true, 1h), ConnectionState::kQuiet},
        JudgeCase{"MarketsClosed", Open(5, false, 1h), ConnectionState::kQuiet},
        JudgeCase{"SilentToTheLimit", Open(5, true, 10s), ConnectionState::kLive},
        JudgeCase{"SilentBeyondIt", Open(5, true, 10s + 1ns), ConnectionState::kStale},
        JudgeCase{"QuickKeysToTheirLimit", Ticking(1s, false, 5s), ConnectionState::kLive},
        JudgeCase{"QuickKeysBeyondIt", Ticking(1s, true, 5s + 1ns), ConnectionState::kStale},
        JudgeCase{"SlowKeysHaveTheirTime", Ticking(60s, false, 64s), ConnectionState::kLive},
        JudgeCase{"SlowKeysBeyondIt", Ticking(60s, false, 64s + 1ns), ConnectionState::kStale},
        JudgeCase{"SlowKeysBesideOneNotMeasured", Ticking(60s, true, 10s + 1ns),
                  ConnectionState::kStale}),
    CaseName{});

struct CombineCase {
  std::string name;
  std::vector<ConnectionState> states;
  ConnectionState together;
};

class CombineTest : public testing::TestWithParam<CombineCase> {};

TEST_P(CombineTest, IsTheFirstThatOneOfThemIs) {
  EXPECT_EQ(Combine(GetParam().states), GetParam().together);
}

INSTANTIATE_TEST_SUITE_P(
    Connections, CombineTest,
    testing::Values(CombineCase{"None", {}, ConnectionState::kConnecting},
                    CombineCase{"One", {ConnectionState::kStale}, ConnectionState::kStale},
                    CombineCase{"LiveBesideQuiet",
                                {ConnectionState::kQuiet, ConnectionState::kLive},
                                ConnectionState::kLive},
                    CombineCase{"StaleBesideLive",
                                {ConnectionState::kLive, ConnectionState::kStale},
                                ConnectionState::kStale},
                    CombineCase{"OneIsNotThereYet",
                                {ConnectionState::kStale, ConnectionState::kConnecting},
                                ConnectionState::kConnecting},
                    CombineCase{"OneIsLost",
                                {ConnectionState::kConnecting, ConnectionState::kDead},
                                ConnectionState::kDead},
                    CombineCase{"OneIsRefused",
                                {ConnectionState::kConnecting, ConnectionState::kWaitingForToken},
                                ConnectionState::kWaitingForToken},
                    CombineCase{"Off",
                                {ConnectionState::kWaitingForToken, ConnectionState::kOff},
                                ConnectionState::kOff},
                    CombineCase{"AllQuiet",
                                {ConnectionState::kQuiet, ConnectionState::kQuiet},
                                ConnectionState::kQuiet}),
    CaseName{});

struct MovingCase {
  std::string name;
  std::string key;
  bool moving;
};

class MovingTest : public testing::TestWithParam<MovingCase> {};

TEST_P(MovingTest, GoesByTheSegment) {
  const SegmentStatus segments{{"NSE_EQ", "NORMAL_OPEN"},    {"BSE_EQ", "NORMAL_CLOSE"},
                               {"NSE_FO", "PRE_OPEN_START"}, {"BSE_FO", "PRE_OPEN_END"},
                               {"MCX_FO", "CLOSING_START"},  {"NCD_FO", "CLOSING_END"}};
  EXPECT_EQ(IsMoving(segments, GetParam().key), GetParam().moving);
}

INSTANTIATE_TEST_SUITE_P(Segments, MovingTest,
                         testing::Values(MovingCase{"Open", "NSE_EQ|A", true},
                                         MovingCase{"Closed", "BSE_EQ|A", false},
                                         MovingCase{"PreOpen", "NSE_FO|1", true},
                                         MovingCase{"PreOpenOver", "BSE_FO|1", false},
                                         MovingCase{"Closing", "MCX_FO|1", true},
                                         MovingCase{"ClosingOver", "NCD_FO|1", false},
                                         MovingCase{"NothingSaid", "NSE_INDEX|Nifty 50", true},
                                         MovingCase{"NoSegment", "junk", true}),
                         CaseName{});

}  // namespace
}  // namespace sauda::feed
