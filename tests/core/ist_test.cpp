#include "libs/calendar/ist.hpp"

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda::calendar {
namespace {

struct DateCase {
  std::string name;
  std::int64_t epoch_ms;
  std::string date;
  std::string time;
};
class IstTest : public testing::TestWithParam<DateCase> {};

TEST_P(IstTest, ReadsAnInstantAsIndiaDoes) {
  const auto& row = GetParam();
  EXPECT_EQ(IstDate::Of(row.epoch_ms).ToString(), row.date);
  EXPECT_EQ(FormatIst(row.epoch_ms), row.date + " " + row.time);
  EXPECT_EQ(ParseIst(row.date + " " + row.time).value(), row.epoch_ms / 1'000 * 1'000);
  const auto date = IstDate::Parse(row.date);
  ASSERT_TRUE(date) << date.error().message;
  EXPECT_LE(date->StartMs(), row.epoch_ms);
  EXPECT_GT(date->Plus(1).StartMs(), row.epoch_ms);
}
INSTANTIATE_TEST_SUITE_P(
    Instants, IstTest,
    testing::Values(DateCase{"Epoch", 0, "1970-01-01", "05:30:00"},
                    DateCase{"LastMsOfADay", 1'765'736'999'999, "2025-12-14", "23:59:59"},
                    DateCase{"FirstMsOfADay", 1'765'737'000'000, "2025-12-15", "00:00:00"},
                    DateCase{"LeapDay", 1'709'164'800'000, "2024-02-29", "05:30:00"},
                    DateCase{"YearsEnd", 1'767'205'799'000, "2025-12-31", "23:59:59"}),
    CaseName{});

TEST(IstDateTest, CountsDaysBefore1970Too) {
  EXPECT_EQ(IstDate::Of(-kIstOffsetMs).ToString(), "1970-01-01");
  EXPECT_EQ(IstDate::Of(-kIstOffsetMs - 1).ToString(), "1969-12-31");
  EXPECT_EQ(IstDate::Of(-kIstOffsetMs - kMsPerDay).ToString(), "1969-12-31");
  EXPECT_EQ(IstDate::Of(-kIstOffsetMs - kMsPerDay - 1).ToString(), "1969-12-30");
}

struct TextCase {
  std::string name;
  std::string text;
};
class MalformedDateTest : public testing::TestWithParam<TextCase> {};

TEST_P(MalformedDateTest, IsRefused) {
  EXPECT_EQ(IstDate::Parse(GetParam().text).error().reason, "DATE_MALFORMED");
}
INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedDateTest,
    testing::Values(TextCase{"Empty", ""}, TextCase{"DayZero", "2026-01-00"},
                    TextCase{"Day32", "2026-01-32"}, TextCase{"NoLeapDay", "2026-02-29"},
                    TextCase{"Month13", "2026-13-01"}, TextCase{"Letters", "2026-0a-01"},
                    TextCase{"Signs", "2026--1-01"}, TextCase{"Slashes", "2026/01/01"},
                    TextCase{"Short", "2026-1-1"}, TextCase{"Long", "2026-01-011"}),
    CaseName{});

class MalformedTimeTest : public testing::TestWithParam<TextCase> {};

TEST_P(MalformedTimeTest, IsRefused) {
  EXPECT_EQ(ParseIst(GetParam().text).error().reason, "TIME_MALFORMED");
}
INSTANTIATE_TEST_SUITE_P(Texts, MalformedTimeTest,
                         testing::Values(TextCase{"Empty", ""},
                                         TextCase{"NoSuchDay", "2026-02-30 10:00:00"},
                                         TextCase{"Hour24", "2026-01-01 24:00:00"},
                                         TextCase{"Minute60", "2026-01-01 10:60:00"},
                                         TextCase{"Second60", "2026-01-01 10:00:60"},
                                         TextCase{"WithT", "2026-01-01T10:00:00"},
                                         TextCase{"NoSeconds", "2026-01-01 10:00"}),
                         CaseName{});

struct ExpiryCase {
  std::string name;
  std::string issued;
  std::string expires;
};
class NextTokenExpiryTest : public testing::TestWithParam<ExpiryCase> {};

TEST_P(NextTokenExpiryTest, IsTheNextHalfPastThree) {
  EXPECT_EQ(FormatIst(NextTokenExpiryMs(ParseIst(GetParam().issued).value())), GetParam().expires);
}
INSTANTIATE_TEST_SUITE_P(
    Times, NextTokenExpiryTest,
    testing::Values(ExpiryCase{"Morning", "2026-01-05 09:00:00", "2026-01-06 03:30:00"},
                    ExpiryCase{"JustAfterMidnight", "2026-01-05 00:00:01", "2026-01-05 03:30:00"},
                    ExpiryCase{"JustBefore", "2026-01-05 03:29:59", "2026-01-05 03:30:00"},
                    ExpiryCase{"AtIt", "2026-01-05 03:30:00", "2026-01-06 03:30:00"},
                    ExpiryCase{"YearsEnd", "2025-12-31 23:59:59", "2026-01-01 03:30:00"}),
    CaseName{});

}  // namespace
}  // namespace sauda::calendar
