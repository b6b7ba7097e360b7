#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/auth/src/core/token_ladder.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::auth {
namespace {

std::int64_t At(const std::string& ist) { return *calendar::ParseIst(ist); }

std::vector<Token> Access(const std::string& expires) {
  return {{.text = Secret{"t"}, .kind = TokenKind::kAccess, .expires_ms = At(expires)}};
}

struct DueCase {
  std::string name;
  std::string expires;  // of the access token
  std::string now;
  std::string due;   // when the account lacks a token; "now", or none
  std::string step;  // of the ladder
};
class TokenDueTest : public testing::TestWithParam<DueCase> {};

// 2026-07-13 is a Monday; 2026-01-26, a Monday, is a holiday of all markets; the Tuesday before
// 2026-03-03 begins with a holiday of the stock exchanges, when commodities trade in the evening.
TEST_P(TokenDueTest, FollowsTheMarketsNotTheNight) {
  const DueCase& c = GetParam();
  const auto due = TokenDueMs(Access(c.expires), At(c.now));
  if (c.due.empty()) {
    EXPECT_FALSE(due) << *due;
  } else {
    ASSERT_TRUE(due);
    EXPECT_EQ(*due, c.due == "now" ? 0 : At(c.due) - At(c.now));
  }
  EXPECT_EQ(NameOf(StepOf(due)), c.step);
}
INSTANTIATE_TEST_SUITE_P(
    Days, TokenDueTest,
    testing::Values(
        DueCase{"InTheSession", "2026-07-14 03:30:00", "2026-07-13 11:00:00", "2026-07-14 09:00:00",
                "none"},
        DueCase{"AnHourBeforeItDies", "2026-07-14 03:30:00", "2026-07-14 02:30:00",
                "2026-07-14 09:00:00", "none"},
        DueCase{"ThatNight", "2026-07-14 03:30:00", "2026-07-14 03:31:00", "2026-07-14 09:00:00",
                "none"},
        DueCase{"JustBeforeTheHour", "2026-07-14 03:30:00", "2026-07-14 07:59:59",
                "2026-07-14 09:00:00", "none"},
        DueCase{"TheHour", "2026-07-14 03:30:00", "2026-07-14 08:00:00", "2026-07-14 09:00:00",
                "60m"},
        DueCase{"BeforeTheQuarter", "2026-07-14 03:30:00", "2026-07-14 08:44:59",
                "2026-07-14 09:00:00", "60m"},
        DueCase{"TheQuarter", "2026-07-14 03:30:00", "2026-07-14 08:45:00", "2026-07-14 09:00:00",
                "15m"},
        DueCase{"FiveMinutes", "2026-07-14 03:30:00", "2026-07-14 08:55:00", "2026-07-14 09:00:00",
                "5m"},
        DueCase{"ASecond", "2026-07-14 03:30:00", "2026-07-14 08:59:59", "2026-07-14 09:00:00",
                "5m"},
        DueCase{"AtTheOpening", "2026-07-14 03:30:00", "2026-07-14 09:00:00", "now", "missing"},
        DueCase{"InTheEveningOfCommodities", "2026-07-14 03:30:00", "2026-07-14 23:00:00", "now",
                "missing"},
        DueCase{"AfterTheLastMarket", "2026-07-14 03:30:00", "2026-07-14 23:30:00", "", "none"},
        DueCase{"TheDayAfterIsNobodysConcern", "2026-07-14 03:30:00", "2026-07-15 09:00:00", "",
                "none"},
        DueCase{"AMonthLater", "2026-07-14 03:30:00", "2026-08-14 09:30:00", "", "none"},
        DueCase{"Saturday", "2026-07-18 03:30:00", "2026-07-18 09:30:00", "2026-07-20 09:00:00",
                "none"},
        DueCase{"MondayMorning", "2026-07-18 03:30:00", "2026-07-20 08:50:00",
                "2026-07-20 09:00:00", "15m"},
        DueCase{"AHoliday", "2026-01-24 03:30:00", "2026-01-26 09:30:00", "2026-01-27 09:00:00",
                "none"},
        DueCase{"AHolidaysEveningSession", "2026-03-03 03:30:00", "2026-03-03 16:10:00",
                "2026-03-03 17:00:00", "60m"},
        DueCase{"OneThatDiesInTheSession", "2026-07-14 10:00:00", "2026-07-14 09:50:00",
                "2026-07-14 10:00:00", "15m"},
        DueCase{"OneThatDiedInTheSession", "2026-07-14 10:00:00", "2026-07-14 10:00:00", "now",
                "missing"}),
    CaseName{});

TEST(TokenDueTest, NobodyIsAskedForATokenWhoNeverHadOne) {
  EXPECT_FALSE(TokenDueMs({}, At("2026-07-14 09:30:00")));
  const std::vector<Token> year{{.text = Secret{"t"},
                                 .kind = TokenKind::kAnalytics,
                                 .expires_ms = At("2027-07-14 03:30:00")}};
  EXPECT_FALSE(TokenDueMs(year, At("2026-07-14 09:30:00")));
}

TEST(TokenDueByCalendarTest, FollowsTheDaysOfTheCalendar) {
  // A Sunday session that nothing but the broker knows of, and a Monday on which nothing trades.
  std::vector<calendar::SpecialDay> days{
      {{2026, 7, 12}, calendar::Segment::kNseEquity, {{{600, 600, 700}}, "Drill"}}};
  for (const auto segment : calendar::kAllSegments) {
    days.push_back({{2026, 7, 13}, segment, {{}, "Poll"}});
  }
  const calendar::Calendar calendar{days};
  const auto due = [&](const char* expires, const char* now) {
    return TokenDueMs(Access(expires), At(now), calendar);
  };
  EXPECT_EQ(due("2026-07-11 03:30:00", "2026-07-12 09:00:00"), 3'600'000);
  EXPECT_EQ(due("2026-07-13 03:30:00", "2026-07-13 08:59:00"), 86'400'000 + 60'000);
}

TEST(TokenLadderTest, SaysEachStepOnceAndAgainAfterANewToken) {
  TokenLadder ladder;
  std::vector<std::string> told;
  const auto look = [&](const std::string& account, const std::string& expires,
                        const std::string& now) {
    const auto step = ladder.Climb(account, TokenDueMs(Access(expires), At(now)));
    if (step) told.push_back(account + " " + std::string{NameOf(*step)});
  };
  for (const char* now : {"02:30:00", "03:30:00", "08:00:00", "08:00:01", "08:46:00", "08:56:00",
                          "08:57:00", "09:00:00", "09:01:00", "15:00:00"}) {
    look("a", "2026-07-14 03:30:00", std::string{"2026-07-14 "} + now);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"a 60m", "a 15m", "a 5m", "a missing"}));
  told.clear();
  look("b", "2026-07-14 03:30:00", "2026-07-14 08:58:00");
  EXPECT_EQ(told, std::vector<std::string>{"b 5m"}) << "of another account, and the steps missed";
  told.clear();
  look("a", "2026-07-15 03:30:00", "2026-07-14 15:01:00");
  look("a", "2026-07-15 03:30:00", "2026-07-15 08:30:00");
  EXPECT_EQ(told, std::vector<std::string>{"a 60m"});
}

}  // namespace
}  // namespace sauda::auth
