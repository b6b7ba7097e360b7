#include "libs/calendar/calendar.hpp"

#include <gtest/gtest.h>

namespace sauda::calendar {
namespace {

using enum Segment;

constexpr IstDate kSunday{2026, 2, 1};    // the Budget was read on this Sunday
constexpr IstDate kMonday{2026, 2, 2};    // a regular day
constexpr IstDate kHoliday{2026, 1, 26};  // Republic Day

constexpr int At(int hour, int minute) { return hour * 60 + minute; }

SpecialDay Special(IstDate date, Segment segment, std::vector<Hours> sessions,
                   DayOrigin origin = DayOrigin::kBroker, std::string why = "why") {
  return {date, segment, {std::move(sessions), std::move(why), origin}};
}

TEST(CalendarTest, WithoutSpecialDaysItIsTheRules) {
  const Calendar calendar;
  EXPECT_EQ(calendar.On(kNseEquity, kMonday),
            (Day{{{At(9, 0), At(9, 15), At(15, 30)}}, "", DayOrigin::kRules}));
  EXPECT_EQ(calendar.On(kNseEquity, kSunday), (Day{{}, "", DayOrigin::kRules}));
  EXPECT_EQ(calendar.On(kNseEquity, kHoliday), (Day{{}, "Holiday", DayOrigin::kShipped}));
  EXPECT_EQ(calendar.On(kNseEquity, {2026, 11, 8}),
            (Day{{{At(18, 0), At(18, 0), At(19, 15)}}, "Muhurat trading", DayOrigin::kShipped}));
}

TEST(CalendarTest, ASpecialDayIsOfItsSegmentAndDateAlone) {
  const Calendar calendar{{Special(kSunday, kNseEquity, {{At(9, 0), At(9, 15), At(15, 30)}})}};
  EXPECT_TRUE(calendar.IsTradingDay(kNseEquity, kSunday));
  EXPECT_FALSE(calendar.IsTradingDay(kBseEquity, kSunday));
  EXPECT_FALSE(calendar.IsTradingDay(kNseEquity, kSunday.Plus(7)));
  EXPECT_EQ(calendar.OpenMs(kNseEquity, kSunday), kSunday.AtMinute(At(9, 15)));
  const Session friday = calendar.SessionAt(kNseEquity, kSunday.Plus(-2).AtMinute(At(16, 0)));
  EXPECT_EQ(friday.phase, Phase::kClosed);
  EXPECT_EQ(friday.next_change_ms, kSunday.AtMinute(At(9, 0))) << "not Monday";
}

TEST(CalendarTest, ADayThatIsClosedHasNoSession) {
  const Calendar calendar{{Special(kMonday, kNseEquity, {})}};
  EXPECT_FALSE(calendar.IsTradingDay(kNseEquity, kMonday));
  EXPECT_FALSE(calendar.OpenMs(kNseEquity, kMonday));
  EXPECT_EQ(calendar.SessionAt(kNseEquity, kMonday.AtMinute(At(10, 0))).next_change_ms,
            kMonday.Plus(1).AtMinute(At(9, 0)));
}

TEST(CalendarTest, ADayMayHaveSeveralSessions) {
  // A drill of the disaster site: two short sessions on a Saturday.
  const IstDate saturday{2026, 3, 7};
  const Calendar calendar{
      {Special(saturday, kNseEquity,
               {{At(9, 0), At(9, 15), At(10, 0)}, {At(11, 15), At(11, 30), At(12, 30)}})}};
  const auto phase = [&](int hour, int minute) {
    return calendar.SessionAt(kNseEquity, saturday.AtMinute(At(hour, minute))).phase;
  };
  EXPECT_EQ(phase(8, 59), Phase::kClosed);
  EXPECT_EQ(phase(9, 14), Phase::kPreOpen);
  EXPECT_EQ(phase(9, 59), Phase::kOpen);
  EXPECT_EQ(phase(10, 0), Phase::kClosed);
  EXPECT_EQ(phase(11, 15), Phase::kPreOpen);
  EXPECT_EQ(phase(12, 29), Phase::kOpen);
  EXPECT_EQ(phase(12, 30), Phase::kClosed);
  EXPECT_EQ(calendar.SessionAt(kNseEquity, saturday.AtMinute(At(10, 0))).next_change_ms,
            saturday.AtMinute(At(11, 15)));
  EXPECT_EQ(calendar.OpenMs(kNseEquity, saturday), saturday.AtMinute(At(9, 15)));
}

TEST(CalendarTest, TheHigherOriginCountsThenTheLater) {
  const Hours short_day{At(9, 0), At(9, 15), At(12, 0)};
  const auto close_of = [&](const std::vector<SpecialDay>& days) {
    const auto sessions = Calendar{days}.On(kNseEquity, kMonday).sessions;
    return sessions.empty() ? 0 : sessions.front().close;
  };
  const auto file = Special(kMonday, kNseEquity, {short_day}, DayOrigin::kFile);
  const auto broker = Special(kMonday, kNseEquity, {}, DayOrigin::kBroker);
  EXPECT_EQ(close_of({file, broker}), At(12, 0));
  EXPECT_EQ(close_of({broker, file}), At(12, 0));
  const auto broker_later = Special(kMonday, kNseEquity, {short_day}, DayOrigin::kBroker);
  EXPECT_EQ(close_of({broker, broker_later}), At(12, 0));
  EXPECT_EQ(close_of({broker_later, broker}), 0);
}

TEST(CalendarTest, ListsEverySpecialDayByDate) {
  const Calendar calendar{{Special(kSunday, kNseEquity, {{At(9, 0), At(9, 15), At(15, 30)}}),
                           Special(kHoliday, kCommodity, {}, DayOrigin::kFile, "Closed")}};
  const auto days = calendar.SpecialDays({2026, 1, 26}, {2026, 2, 28});
  ASSERT_EQ(days.size(), 9U) << "Republic Day of eight segments, and the Sunday";
  EXPECT_EQ(days.front().date, kHoliday);
  EXPECT_EQ(days.back().date, kSunday);
  EXPECT_EQ(calendar.SpecialDays({2026, 1, 27}, {2026, 1, 31}).size(), 0U);
}

TEST(CalendarTest, KnowsTheYearsOfWhichHolidaysAreTold) {
  const Calendar shipped;
  EXPECT_TRUE(shipped.Knows(2026));
  EXPECT_FALSE(shipped.Knows(2027));
  const Hours late{At(9, 0), At(9, 0), At(23, 55)};
  EXPECT_FALSE(
      (Calendar{{Special({2027, 1, 4}, kCommodity, {late}, DayOrigin::kBroker, "")}}.Knows(2027)))
      << "the hours of a day are no list of holidays";
  EXPECT_TRUE((Calendar{{Special({2027, 1, 26}, kNseEquity, {})}}.Knows(2027)));
}

TEST(CalendarTest, SessionsAreInOrderAndApart) {
  EXPECT_TRUE(AreSessions({}));
  EXPECT_TRUE(AreSessions({{0, 0, 1'440}}));
  EXPECT_TRUE(AreSessions({{540, 555, 600}, {601, 601, 700}}));
  EXPECT_FALSE(AreSessions({{540, 555, 600}, {600, 601, 700}})) << "one session then";
  EXPECT_FALSE(AreSessions({{540, 555, 555}}));
  EXPECT_FALSE(AreSessions({{556, 555, 600}}));
  EXPECT_FALSE(AreSessions({{-1, 555, 600}}));
  EXPECT_FALSE(AreSessions({{540, 555, 1'441}}));
  EXPECT_FALSE(AreSessions({{601, 601, 700}, {540, 555, 600}}));
}

TEST(CalendarTest, ExchangesGoByTheBrokersNames) {
  for (const Segment segment : kAllSegments) {
    EXPECT_EQ(SegmentOfExchange(ExchangeOf(segment)), segment);
  }
  EXPECT_EQ(SegmentOfExchange("NFO"), kNseDerivatives);
  EXPECT_FALSE(SegmentOfExchange("NSE_FO"));
  EXPECT_FALSE(SegmentOfExchange(""));
}

TEST(TradingHoursTest, FollowWhatTheKeeperHas) {
  CalendarKeeper keeper;
  const TradingHours hours{kNseEquity, &keeper};
  EXPECT_FALSE(hours.On(kSunday));
  const auto before = hours.version();
  keeper.Replace(
      Calendar{{Special(kSunday, kNseEquity,
                        {{At(9, 0), At(9, 15), At(10, 0)}, {At(11, 0), At(11, 0), At(12, 0)}})}});
  EXPECT_NE(hours.version(), before);
  ASSERT_TRUE(hours.On(kSunday));
  EXPECT_EQ(*hours.On(kSunday), (Hours{At(9, 0), At(9, 15), At(12, 0)}));
  EXPECT_FALSE((TradingHours{kBseEquity, &keeper}.On(kSunday)));
  EXPECT_FALSE(TradingHours{kNseEquity}.On(kSunday)) << "without a keeper: as shipped";
  EXPECT_EQ(*TradingHours{}.On(kSunday), (Hours{0, 0, 1'440})) << "no segment: around the clock";
}

}  // namespace
}  // namespace sauda::calendar
