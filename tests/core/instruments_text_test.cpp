#include <string>

#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/sync_runner.hpp"
#include "services/instruments/src/core/text.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::instruments {
namespace {

struct Text {
  std::string name;
  std::string text;
  bool printable;
};
class PrintableTest : public testing::TestWithParam<Text> {};

TEST_P(PrintableTest, IsUtf8WithoutControlCharacters) {
  EXPECT_EQ(IsPrintable(GetParam().text), GetParam().printable);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, PrintableTest,
    testing::Values(
        Text{"Ascii", "M&M ~", true}, Text{"Tab", "a\tb", false}, Text{"Delete", "\x7f", false},
        Text{"Devanagari", "\xe0\xa4\xb8", true}, Text{"Cut", "\xe0\xa4", false},
        Text{"Lonely", "\x80", false}, Text{"LongerThanNeeded", "\xc1\xbf", false},
        Text{"Two", "\xc2\x80", true}, Text{"ThreeTooLong", "\xe0\x9f\xbf", false},
        Text{"BeforeSurrogates", "\xed\x9f\xbf", true}, Text{"Surrogate", "\xed\xa0\x80", false},
        Text{"Last", "\xf4\x8f\xbf\xbf", true}, Text{"BeyondTheLast", "\xf4\x90\x80\x80", false},
        Text{"FourTooLong", "\xf0\x8f\xbf\xbf", false}, Text{"NoContinuation", "\xe2\x82z", false}),
    CaseName{});

TEST(ShownTest, IsShortAsciiWhateverComes) {
  EXPECT_EQ(Shown("NSE_EQ|M&M"), "NSE_EQ|M&M");
  EXPECT_EQ(Shown("a\xc3\xbd\tb\x7f"), "a???b?");
  EXPECT_EQ(Shown("abcd", 3), "abc");
}

struct Daily {
  std::string name;
  std::string last;
  std::string now;
  bool missed;
};
class MissedDailyTest : public testing::TestWithParam<Daily> {};

TEST_P(MissedDailyTest, IsASyncOlderThanTheLastSixOClock) {
  const auto last = calendar::ParseIst("2025-12-" + GetParam().last);
  const auto now = calendar::ParseIst("2025-12-" + GetParam().now);
  ASSERT_TRUE(last && now);
  EXPECT_EQ(MissedDaily(*last, *now, 360), GetParam().missed);
}
INSTANTIATE_TEST_SUITE_P(
    Times, MissedDailyTest,
    testing::Values(Daily{"JustBefore", "15 05:59:59", "15 06:00:00", true},
                    Daily{"AtIt", "15 06:00:00", "15 06:00:00", false},
                    Daily{"NotYetToday", "14 06:00:00", "15 05:59:59", false},
                    Daily{"DayBeforeMissedToo", "14 05:59:59", "15 05:59:59", true},
                    Daily{"Afternoon", "15 07:00:00", "15 15:00:00", false},
                    Daily{"DaysAgo", "10 06:00:00", "15 15:00:00", true},
                    Daily{"ClockStoodBack", "16 09:00:00", "15 15:00:00", false}),
    CaseName{});

}  // namespace
}  // namespace sauda::instruments
