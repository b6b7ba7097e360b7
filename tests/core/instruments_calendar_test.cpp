#include <algorithm>

#include <gtest/gtest.h>

#include "services/instruments/src/core/calendar/broker_days.hpp"
#include "services/instruments/src/core/calendar/holiday_list.hpp"
#include "services/instruments/src/core/calendar/market_calendar.hpp"
#include "tests/support/calendar_fakes.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::instruments {
namespace {

using calendar::Calendar;
using calendar::Day;
using calendar::DayOrigin;
using calendar::Hours;
using calendar::IstDate;
using enum calendar::Segment;

constexpr IstDate kDay{2025, 12, 15};  // a Monday, on which the clock starts
constexpr IstDate kNext{2025, 12, 16};

std::string TextOf(const std::vector<calendar::SpecialDay>& days) {
  std::string text;
  for (const auto& each : days) {
    text += each.date.ToString() + " " + std::string{calendar::ExchangeOf(each.segment)};
    for (const Hours& hours : each.day.sessions) {
      text += " " + std::to_string(hours.pre_open) + "/" + std::to_string(hours.open) + "-" +
              std::to_string(hours.close);
    }
    text += each.day.why.empty() ? "; " : " " + each.day.why + "; ";
  }
  return text;
}

struct HolidayCase {
  std::string name;
  BrokerHoliday told;
  std::string days;
};
class BrokerHolidayTest : public testing::TestWithParam<HolidayCase> {};

TEST_P(BrokerHolidayTest, MakesDays) {
  EXPECT_EQ(TextOf(DaysOf(std::vector{GetParam().told})), GetParam().days);
}

INSTANTIATE_TEST_SUITE_P(
    Told, BrokerHolidayTest,
    testing::Values(
        HolidayCase{"Closed",
                    {"2026-01-26", "Republic Day", {"NSE", "NFO"}, {}},
                    "2026-01-26 NSE Republic Day; 2026-01-26 NFO Republic Day; "},
        HolidayCase{"EveningSession",
                    {"2026-03-03", "Holi", {}, {HoursOn("MCX", {2026, 3, 3}, 1'020, 1'435)}},
                    "2026-03-03 MCX 1020/1020-1435 Holi; "},
        HolidayCase{"OpenGoesBeforeClosed",
                    {"2026-03-03", "Holi", {"MCX"}, {HoursOn("MCX", {2026, 3, 3}, 1'020, 1'435)}},
                    "2026-03-03 MCX 1020/1020-1435 Holi; "},
        HolidayCase{"RegularHoursHaveTheirPreOpen",
                    {"2026-04-01", "Settlement", {}, {HoursOn("NSE", {2026, 4, 1}, 555, 930)}},
                    "2026-04-01 NSE 540/555-930 Settlement; "},
        HolidayCase{"FromThePreOpenOn",
                    {"2026-02-01", "Budget", {}, {HoursOn("NSE", {2026, 2, 1}, 540, 930)}},
                    "2026-02-01 NSE 540/555-930 Budget; "},
        HolidayCase{
            "TwoSessions",
            {"2026-03-07",
             "Drill",
             {},
             {HoursOn("NSE", {2026, 3, 7}, 690, 750), HoursOn("NSE", {2026, 3, 7}, 555, 600)}},
            "2026-03-07 NSE 555/555-600 690/690-750 Drill; "},
        HolidayCase{
            "UnknownExchange", {"2026-01-26", "x", {"LSE", "BSE"}, {}}, "2026-01-26 BSE x; "},
        HolidayCase{"NoDate", {"26 January", "x", {"NSE"}, {}}, ""},
        HolidayCase{"HoursOfAnotherDay",
                    {"2026-03-03", "x", {}, {HoursOn("MCX", {2026, 3, 4}, 1'020, 1'435)}},
                    ""},
        HolidayCase{"HoursBackwards",
                    {"2026-03-03", "x", {}, {HoursOn("MCX", {2026, 3, 3}, 1'435, 1'020)}},
                    ""},
        HolidayCase{
            "OverlappingHours",
            {"2026-03-07",
             "x",
             {},
             {HoursOn("NSE", {2026, 3, 7}, 555, 700), HoursOn("NSE", {2026, 3, 7}, 600, 750)}},
            ""}),
    CaseName{});

TEST(BrokerTimingsTest, OnlyWhatDiffersIsADay) {
  const std::vector<BrokerHours> told{HoursOn("NSE", kDay, 555, 930),
                                      HoursOn("MCX", kDay, 540, 1'435)};
  EXPECT_EQ(TextOf(DaysOf(kDay, told, Calendar{})), "2025-12-15 MCX 540/540-1435; ");
  EXPECT_EQ(TextOf(DaysOf(kDay, {}, Calendar{})), "") << "an empty answer says nothing";
}

TEST(BrokerTimingsTest, AHolidayKeepsItsName) {
  const Calendar known{DaysOf({{"2025-12-15", "Short", {}, {HoursOn("NSE", kDay, 555, 700)}}})};
  EXPECT_EQ(TextOf(DaysOf(kDay, {HoursOn("NSE", kDay, 555, 720)}, known)),
            "2025-12-15 NSE 555/555-720 Short; ");
}

TEST(HolidayListTest, GathersTheExchangesOfADate) {
  const auto holidays = HolidaysOf(Calendar{}, 2026);
  ASSERT_EQ(holidays.size(), 17U) << "sixteen of the table, and Muhurat";
  EXPECT_EQ(holidays.front().date, (IstDate{2026, 1, 15}));
  EXPECT_EQ(holidays.front().closed.size(), 6U);
  EXPECT_EQ(holidays.front().open.size(), 2U) << "commodities, in the evening";
  EXPECT_EQ(holidays[1].closed.size(), 8U) << "Republic Day";
  const auto muhurat = std::find_if(holidays.begin(), holidays.end(), [](const Holiday& each) {
    return each.date == IstDate{2026, 11, 8};
  });
  ASSERT_NE(muhurat, holidays.end());
  EXPECT_EQ(muhurat->description, "Muhurat trading");
  EXPECT_TRUE(muhurat->closed.empty());
  EXPECT_EQ(muhurat->open.size(), 8U);
  EXPECT_TRUE(HolidaysOf(Calendar{}, 2030).empty());
}

TEST(HolidayListTest, NamesWhatIsAsAlwaysToo) {
  const Calendar calendar{{{kDay, kNseEquity, {{}, "Closed", DayOrigin::kFile}},
                           {kNext, kCommodity, {{{540, 540, 1'435}}, "", DayOrigin::kBroker}}}};
  const auto holidays = HolidaysOf(calendar, 2025);
  ASSERT_EQ(holidays.size(), 1U) << "other hours alone are no holiday";
  EXPECT_EQ(holidays.front().closed, std::vector{kNseEquity});
  EXPECT_EQ(holidays.front().open.size(), 7U);
  EXPECT_EQ(holidays.front().origin, DayOrigin::kFile);
}

class MarketCalendarTest : public testing::Test {
 protected:
  Day On(calendar::Segment segment, IstDate date) {
    return calendar_.Current().calendar->On(segment, date);
  }
  CalendarState State() { return calendar_.Current().state; }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  FakeCalendarSource source_;
  FakeCalendarFile file_;
  FakeCalendarStore store_;
  MarketCalendar calendar_{{source_, file_, store_, clock_, market_}};
};

TEST_F(MarketCalendarTest, IsTheRulesBeforeAnybodyAnswers) {
  source_.down = true;
  store_.down = true;
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kDay).origin, DayOrigin::kRules);
  EXPECT_EQ(State().broker_answered_ms, 0);
  EXPECT_NE(State().failure.find("BROKER_DOWN"), std::string::npos);
  EXPECT_NE(State().revision, 0);
}

TEST_F(MarketCalendarTest, TakesTheBrokersDaysAndKeepsThem) {
  source_.holidays = {{"2025-12-16", "Poll", {"NSE"}, {}}};
  source_.timings[kDay] = {HoursOn("MCX", kDay, 540, 1'435)};
  const auto before = State().revision;
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kNext), (Day{{}, "Poll", DayOrigin::kBroker}));
  EXPECT_EQ(On(kCommodity, kDay).sessions, (std::vector<Hours>{{540, 540, 1'435}}));
  EXPECT_EQ(State().broker_answered_ms, clock_.UtcNs() / 1'000'000);
  EXPECT_EQ(State().failure, "");
  EXPECT_NE(State().revision, before);
  EXPECT_EQ(store_.days.size(), 2U);

  // Another one that starts without the broker has them too, and the same number for them.
  FakeCalendarSource away;
  away.down = true;
  MarketCalendar other{{away, file_, store_, clock_, market_}};
  other.Look();
  EXPECT_EQ(other.Current().calendar->On(kNseEquity, kNext).why, "Poll");
  EXPECT_EQ(other.Current().state.revision, State().revision);
}

TEST_F(MarketCalendarTest, AsksOnceADayAndAgainOnTheNext) {
  calendar_.Look();
  clock_.Advance(std::chrono::hours{1});
  calendar_.Look();
  EXPECT_EQ(source_.asked, 1);
  clock_.Advance(std::chrono::hours{14});  // 00:30 of the next day
  calendar_.Look();
  EXPECT_EQ(source_.asked, 2);
}

TEST_F(MarketCalendarTest, AsksAgainAfterAFailureWithLongerWaits) {
  source_.down = true;
  for (int second = 0; second < 3'600; ++second) {
    calendar_.Look();
    clock_.Advance(std::chrono::seconds{1});
  }
  EXPECT_GE(source_.asked, 7);
  EXPECT_LE(source_.asked, 120) << "not every second";
  source_.down = false;
  source_.holidays = {{"2025-12-16", "Poll", {"NSE"}, {}}};
  clock_.Advance(std::chrono::minutes{10});
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kNext).why, "Poll");
  EXPECT_EQ(State().failure, "");
}

TEST_F(MarketCalendarTest, WhatTheBrokerTakesBackIsGoneAndThePastStays) {
  source_.holidays = {{"2025-12-15", "Today", {"NSE"}, {}}, {"2025-12-17", "Strike", {"NSE"}, {}}};
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, {2025, 12, 17}).why, "Strike");
  clock_.Advance(std::chrono::hours{24});
  source_.holidays.clear();
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, {2025, 12, 17}).origin, DayOrigin::kRules);
  EXPECT_EQ(On(kNseEquity, kDay).why, "Today") << "it was closed on that day";
}

TEST_F(MarketCalendarTest, AStoreThatComesLateIsReadAndWritten) {
  store_.down = true;
  store_.days = {{{2025, 12, 10}, kNseEquity, {{}, "Past", DayOrigin::kBroker}},
                 {{2025, 12, 18}, kNseEquity, {{}, "Taken back", DayOrigin::kBroker}}};
  source_.holidays = {{"2025-12-16", "Poll", {"NSE"}, {}}};
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, {2025, 12, 10}).why, "");
  store_.down = false;
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, {2025, 12, 10}).why, "Past");
  EXPECT_EQ(On(kNseEquity, {2025, 12, 18}).why, "") << "the broker has answered since";
  EXPECT_EQ(On(kNseEquity, kNext).why, "Poll");
  EXPECT_EQ(store_.days.size(), 2U);
}

TEST_F(MarketCalendarTest, TheFileGoesBeforeTheBroker) {
  source_.holidays = {{"2025-12-16", "Poll", {"NSE", "BSE"}, {}}};
  file_.days = {{kNext, kNseEquity, {{{540, 555, 930}}, "Trading after all", DayOrigin::kFile}}};
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kNext).why, "Trading after all");
  EXPECT_EQ(On(kBseEquity, kNext).why, "Poll");
  EXPECT_EQ(store_.days.size(), 2U) << "the broker's two alone are kept";

  file_.days.clear();
  file_.changed = true;
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kNext).why, "Poll");
}

TEST_F(MarketCalendarTest, AWrongFileLeavesItsDaysAndSaysSo) {
  file_.days = {{kNext, kNseEquity, {{}, "Closed", DayOrigin::kFile}}};
  calendar_.Look();
  file_.wrong = true;
  file_.changed = true;
  calendar_.Look();
  EXPECT_EQ(On(kNseEquity, kNext).why, "Closed");
  EXPECT_NE(State().failure.find("CALENDAR_FILE_INVALID"), std::string::npos);
  EXPECT_EQ(calendar_.Refresh().error().reason, "CALENDAR_FILE_INVALID");
  file_.wrong = false;
  EXPECT_TRUE(calendar_.Refresh());
  EXPECT_EQ(State().failure, "");
}

TEST_F(MarketCalendarTest, RefreshAsksWhateverIsDue) {
  calendar_.Look();
  source_.holidays = {{"2025-12-16", "Poll", {"NSE"}, {}}};
  EXPECT_TRUE(calendar_.Refresh());
  EXPECT_EQ(On(kNseEquity, kNext).why, "Poll");
  source_.down = true;
  EXPECT_EQ(calendar_.Refresh().error().reason, "BROKER_DOWN");
  EXPECT_EQ(On(kNseEquity, kNext).why, "Poll");
}

}  // namespace
}  // namespace sauda::instruments
