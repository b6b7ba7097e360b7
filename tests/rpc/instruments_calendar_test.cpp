#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/calendar_client/calendar_follower.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/instruments/src/adapters/calendar_file.hpp"
#include "services/instruments/src/rpc/calendar_service.hpp"
#include "tests/support/calendar_fakes.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sauda::instruments {
namespace {

namespace pb = v1alpha1;
using Stub = pb::CalendarService::Stub;
using calendar::IstDate;

constexpr IstDate kToday{2025, 12, 15};  // 09:30, by the clock's start

/// The calendar over a broker of the test, asked by a real client.
class CalendarServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    source_.holidays = {{"2025-12-16", "Poll", {"NSE"}, {}},
                        {"2025-12-17", "Drill", {}, {HoursOn("NSE", {2025, 12, 17}, 600, 660)}}};
    calendar_.Look();
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
    channel_ = *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {});
  }

  template <typename Response, typename Request>
  Result<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request) {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    const auto stub = pb::CalendarService::NewStub(channel_);
    Response response;
    const auto status = (*stub.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromStatus(status);
    return response;
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  FakeCalendarSource source_;
  FakeCalendarFile file_;
  FakeCalendarStore store_;
  MarketCalendar calendar_{{source_, file_, store_, clock_, market_}};
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "instruments"};
  CalendarService service_{{calendar_, market_, calls_}};
  rpc::Server server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(CalendarServiceTest, TellsWhatEachExchangeIsDoing) {
  const auto all = Call(&Stub::GetMarketStatus, pb::GetMarketStatusRequest{});
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->exchanges_size(), 8);
  EXPECT_EQ(all->exchanges(0).exchange(), "NSE");
  EXPECT_EQ(all->exchanges(0).phase(), pb::MARKET_PHASE_OPEN);
  EXPECT_EQ(all->exchanges(0).next_change_ms(), kToday.AtMinute(930));
  EXPECT_TRUE(all->exchanges(0).trading_day());
  EXPECT_EQ(all->now_ms(), market_.NowMs());
  EXPECT_TRUE(all->calendar().simulated());
  EXPECT_TRUE(all->calendar().year_known()) << "the broker has told of 2025";

  clock_.Advance(std::chrono::hours{24});
  pb::GetMarketStatusRequest one;
  one.set_exchange("NSE");
  const auto tomorrow = Call(&Stub::GetMarketStatus, one);
  ASSERT_EQ(tomorrow->exchanges_size(), 1);
  EXPECT_EQ(tomorrow->exchanges(0).phase(), pb::MARKET_PHASE_CLOSED);
  EXPECT_EQ(tomorrow->exchanges(0).next_change_ms(), IstDate({2025, 12, 17}).AtMinute(600));
  EXPECT_FALSE(tomorrow->exchanges(0).trading_day());
  EXPECT_EQ(tomorrow->exchanges(0).why(), "Poll");
  EXPECT_EQ(tomorrow->exchanges(0).origin(), pb::DAY_ORIGIN_BROKER);
  one.set_exchange("LSE");
  EXPECT_EQ(Call(&Stub::GetMarketStatus, one).error().reason, "EXCHANGE_UNKNOWN");
}

TEST_F(CalendarServiceTest, ListsHolidaysAndTimings) {
  const auto year = Call(&Stub::ListMarketHolidays, pb::ListMarketHolidaysRequest{});
  ASSERT_TRUE(year);
  EXPECT_EQ(year->year(), 2025) << "the market clock's";
  ASSERT_EQ(year->holidays_size(), 2);
  EXPECT_EQ(year->holidays(0).date(), "2025-12-16");
  EXPECT_EQ(year->holidays(0).closed_exchanges(0), "NSE");
  EXPECT_EQ(year->holidays(0).open_exchanges_size(), 7);
  EXPECT_EQ(year->holidays(1).description(), "Drill");
  pb::ListMarketHolidaysRequest other;
  other.set_year(2026);
  EXPECT_EQ(Call(&Stub::ListMarketHolidays, other)->holidays_size(), 17);
  other.set_year(1969);
  EXPECT_EQ(Call(&Stub::ListMarketHolidays, other).error().reason, "YEAR_INVALID");

  pb::GetMarketTimingsRequest day;
  day.set_date("2025-12-17");
  const auto timings = Call(&Stub::GetMarketTimings, day);
  ASSERT_TRUE(timings);
  ASSERT_EQ(timings->exchanges_size(), 8);
  EXPECT_EQ(timings->exchanges(0).sessions(0).open_ms(), IstDate({2025, 12, 17}).AtMinute(600));
  EXPECT_EQ(timings->exchanges(1).origin(), pb::DAY_ORIGIN_RULES);
  EXPECT_EQ(timings->exchanges(1).sessions(0).pre_open_ms(), IstDate({2025, 12, 17}).AtMinute(540));
  day.set_date("2025-12-14");
  EXPECT_EQ(Call(&Stub::GetMarketTimings, day)->exchanges_size(), 0) << "a Sunday";
  day.set_date("tomorrow");
  EXPECT_EQ(Call(&Stub::GetMarketTimings, day).error().reason, "DATE_MALFORMED");
  day.set_date("2025-12-17");
  day.set_exchange("LSE");
  EXPECT_EQ(Call(&Stub::GetMarketTimings, day).error().reason, "EXCHANGE_UNKNOWN");
}

TEST_F(CalendarServiceTest, RefreshesAndSaysWhatFails) {
  source_.holidays.clear();
  ASSERT_TRUE(Call(&Stub::RefreshCalendar, pb::RefreshCalendarRequest{}));
  EXPECT_EQ(Call(&Stub::ListMarketHolidays, pb::ListMarketHolidaysRequest{})->holidays_size(), 0);
  source_.down = true;
  EXPECT_EQ(Call(&Stub::RefreshCalendar, pb::RefreshCalendarRequest{}).error().reason,
            "BROKER_DOWN");
  source_.down = false;
  file_.wrong = true;
  EXPECT_EQ(Call(&Stub::RefreshCalendar, pb::RefreshCalendarRequest{}).error().reason,
            "CALENDAR_FILE_INVALID");
}

TEST_F(CalendarServiceTest, AFollowerKnowsTheSameDaysAndHearsOfChanges) {
  calendar::CalendarKeeper keeper;
  CalendarFollower follower{
      channel_,
      keeper,
      {.retry_every = std::chrono::milliseconds{10}, .ask_every = std::chrono::milliseconds{10}}};
  const auto nse_on = [&](int day) {
    return keeper.Current()->On(calendar::Segment::kNseEquity, {2025, 12, day});
  };
  ASSERT_TRUE(Eventually([&] { return nse_on(16).why == "Poll"; }));
  EXPECT_EQ(nse_on(17),
            calendar_.Current().calendar->On(calendar::Segment::kNseEquity, {2025, 12, 17}));
  EXPECT_EQ(keeper.Current()->SpecialDays({2025, 1, 1}, {2027, 1, 1}),
            calendar_.Current().calendar->SpecialDays({2025, 1, 1}, {2027, 1, 1}));
  const auto version = keeper.version();
  ASSERT_TRUE(follower.Ask());
  EXPECT_EQ(keeper.version(), version) << "the same days are not told again";
  source_.holidays.clear();
  ASSERT_TRUE(calendar_.Refresh());
  ASSERT_TRUE(Eventually([&] { return nse_on(16).origin == calendar::DayOrigin::kRules; }));
  server_.Stop();
  EXPECT_FALSE(follower.Ask());
  EXPECT_EQ(nse_on(17).origin, calendar::DayOrigin::kRules) << "what was said last stays";
}

struct FileCase {
  std::string name;
  std::string text;
  std::string problem;  // part of what is said
};
class CalendarFileTest : public testing::TestWithParam<FileCase> {};

TEST_P(CalendarFileTest, SaysWhatIsWrong) {
  const auto days = ReadCalendarDays(GetParam().text);
  ASSERT_FALSE(days);
  EXPECT_EQ(days.error().reason, "CALENDAR_FILE_INVALID");
  EXPECT_EQ(days.error().code, Code::kFailedPrecondition);
  EXPECT_NE(days.error().message.find(GetParam().problem), std::string::npos)
      << days.error().message;
}

std::string DayWith(const std::string& members) {
  return R"([{"date":"2026-11-08",)" + members + "}]";
}

INSTANTIATE_TEST_SUITE_P(
    Wrong, CalendarFileTest,
    testing::Values(
        FileCase{"NoJson", "date: today", "JSON list"}, FileCase{"Empty", "", "JSON list"},
        FileCase{"AnObject", "{}", "JSON list"}, FileCase{"NoDay", "[5]", "must be an object"},
        FileCase{"NoDate", R"([{"sessions":[]}])", "`date`"},
        FileCase{"WrongDate", R"([{"date":"2026-02-30","sessions":[]}])", "`date`"},
        FileCase{"NoSessions", R"([{"date":"2026-11-08"}])", "`sessions` must be a list"},
        FileCase{"UnknownMember", DayWith(R"("sessions":[],"closed":true)"), "`closed`"},
        FileCase{"UnknownInSession",
                 DayWith(R"("sessions":[{"open":"09:15","close":"15:30","end":"x"}])"), "`end`"},
        FileCase{"NoClose", DayWith(R"("sessions":[{"open":"09:15"}])"), "2026-11-08"},
        FileCase{"HourTooHigh", DayWith(R"("sessions":[{"open":"09:15","close":"25:00"}])"),
                 "times such as"},
        FileCase{"NoTime", DayWith(R"("sessions":[{"open":"9:15","close":"15:30"}])"),
                 "times such as"},
        FileCase{"Backwards", DayWith(R"("sessions":[{"open":"15:30","close":"09:15"}])"),
                 "in order"},
        FileCase{"PreOpenAfterOpen",
                 DayWith(R"("sessions":[{"pre_open":"09:16","open":"09:15","close":"10:00"}])"),
                 "in order"},
        FileCase{"Overlap", DayWith(R"("sessions":[{"open":"09:15","close":"12:00"},
                                        {"open":"11:00","close":"13:00"}])"),
                 "in order"},
        FileCase{"UnknownExchange", DayWith(R"("sessions":[],"exchanges":["NSE_EQ"])"), "NSE_EQ"},
        FileCase{"NoExchange", DayWith(R"("sessions":[],"exchanges":[])"), "`exchanges`"}),
    CaseName{});

TEST(CalendarFileTest, ReadsDaysOfSomeOrAllExchanges) {
  const auto days = ReadCalendarDays(R"([
      // Comments may say why.
      {"date": "2026-11-08", "description": "Muhurat", "exchanges": ["NSE", "NFO"],
       "sessions": [{"pre_open": "17:45", "open": "18:00", "close": "19:00"},
                    {"open": "20:00", "close": "24:00"}]},
      {"date": "2026-12-31", "sessions": []}])");
  ASSERT_TRUE(days) << days.error().message;
  ASSERT_EQ(days->size(), 10U);
  EXPECT_EQ(days->front(), (calendar::SpecialDay{{2026, 11, 8},
                                                 calendar::Segment::kNseEquity,
                                                 {{{1'065, 1'080, 1'140}, {1'200, 1'200, 1'440}},
                                                  "Muhurat",
                                                  calendar::DayOrigin::kFile}}));
  EXPECT_EQ(days->back().day.why, "Closed");
}

TEST(CalendarFileTest, IsReadAgainWhenItChanges) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "days.json";
  JsonCalendarFile file{path.string()};
  EXPECT_TRUE(file.Changed());
  EXPECT_EQ(file.Read().error().reason, "CALENDAR_FILE_INVALID") << "it is not there";
  EXPECT_FALSE(file.Changed());
  std::ofstream{path} << R"([{"date":"2026-12-31","sessions":[]}])";
  EXPECT_TRUE(file.Changed());
  EXPECT_EQ(file.Read()->size(), 8U);
  EXPECT_FALSE(file.Changed());
  std::ofstream{path} << "[]";
  EXPECT_TRUE(file.Changed());
  EXPECT_TRUE(file.Read()->empty());
  std::ofstream{path} << std::string(300'000, ' ');
  EXPECT_EQ(file.Read().error().reason, "CALENDAR_FILE_INVALID") << "too long";
  JsonCalendarFile none{""};
  EXPECT_FALSE(none.Changed());
  EXPECT_TRUE(none.Read()->empty());
}

}  // namespace
}  // namespace sauda::instruments
