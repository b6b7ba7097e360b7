#include <gtest/gtest.h>

#include "simulator/src/core/market_generated.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::sim {
namespace {

constexpr std::int64_t kMondayMs = 1'765'737'000'000;  // 2025-12-15 00:00 IST
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 1'440 * kMinuteMs;
constexpr std::int64_t kHolidayMs = 1'795'458'600'000;  // 2026-11-24 00:00 IST
constexpr std::int64_t At(std::int64_t hour, std::int64_t minute) {
  return (hour * 60 + minute) * kMinuteMs;
}

struct StatusCase {
  std::string name;
  std::string segment;
  std::int64_t ms;
  SegmentStatus status;
};
class SegmentStatusTest : public testing::TestWithParam<StatusCase> {};

TEST_P(SegmentStatusTest, FollowsTheDay) {
  EXPECT_EQ(StatusAt(GetParam().segment, GetParam().ms), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Day, SegmentStatusTest,
    testing::Values(
        StatusCase{"Night", "NSE_EQ", kMondayMs, SegmentStatus::kNormalClose},
        StatusCase{"PreOpen", "NSE_EQ", kMondayMs + At(9, 0), SegmentStatus::kPreOpenStart},
        StatusCase{"PreOpenEnds", "BSE_EQ", kMondayMs + At(9, 8), SegmentStatus::kPreOpenEnd},
        StatusCase{"LastMsBeforeOpen", "NSE_EQ", kMondayMs + At(9, 15) - 1,
                   SegmentStatus::kPreOpenEnd},
        StatusCase{"Open", "NSE_EQ", kMondayMs + At(9, 15), SegmentStatus::kNormalOpen},
        StatusCase{"LastMs", "NSE_FO", kMondayMs + At(15, 30) - 1, SegmentStatus::kNormalOpen},
        StatusCase{"Closed", "NSE_FO", kMondayMs + At(15, 30), SegmentStatus::kNormalClose},
        StatusCase{"DerivativesLongerSinceAugust2026", "NSE_FO", 1'785'695'400'000 + At(15, 39),
                   SegmentStatus::kNormalOpen},
        StatusCase{"ClosingSession", "NSE_EQ", kMondayMs + At(15, 45),
                   SegmentStatus::kClosingStart},
        StatusCase{"ClosingEnds", "NSE_EQ", kMondayMs + At(16, 0), SegmentStatus::kClosingEnd},
        StatusCase{"CurrencyEarly", "NCD_FO", kMondayMs + At(9, 0), SegmentStatus::kNormalOpen},
        StatusCase{"CommodityLate", "MCX_FO", kMondayMs + At(23, 29), SegmentStatus::kNormalOpen},
        StatusCase{"Holiday", "NSE_EQ", kHolidayMs + At(11, 0), SegmentStatus::kNormalClose},
        StatusCase{"HolidayEvening", "MCX_FO", kHolidayMs + At(18, 0), SegmentStatus::kNormalOpen},
        StatusCase{"DerivativesPreOpen", "NSE_FO", kMondayMs + At(9, 5),
                   SegmentStatus::kPreOpenStart},
        StatusCase{"Sunday", "MCX_FO", kMondayMs - kDayMs + At(12, 0),
                   SegmentStatus::kNormalClose}),
    CaseName{});

TEST(MarketHoursTest, KnowTheLastSessionAcrossAWeekend) {
  const Session friday = LastSession("NSE_EQ", kMondayMs + At(9, 15) - 1);
  EXPECT_EQ(friday.open_ms, kMondayMs - 3 * kDayMs + At(9, 15));
  EXPECT_EQ(friday.close_ms, kMondayMs - 3 * kDayMs + At(15, 30));
  EXPECT_EQ(LastSession("NSE_EQ", kMondayMs + At(9, 15)).close_ms, kMondayMs + At(15, 30));
  EXPECT_EQ(CloseMs("NSE_FO", kMondayMs + At(23, 59)), kMondayMs + At(15, 30));
  EXPECT_EQ(CloseMs("NSE_FO", kMondayMs - 1), kMondayMs - 1) << "a Sunday";
  EXPECT_EQ(IstMidnightMs(kMondayMs + At(23, 59)), kMondayMs);
  EXPECT_EQ(IstMidnightMs(kMondayMs - 1), kMondayMs - kDayMs);
}

TEST(MarketHoursTest, StartAGeneratedMarketWhileItTrades) {
  EXPECT_EQ(DefaultStartMs(kMondayMs + At(11, 0)), kMondayMs + At(11, 0));
  EXPECT_EQ(DefaultStartMs(kMondayMs + At(20, 0)), kMondayMs + At(9, 20));
  EXPECT_EQ(DefaultStartMs(kMondayMs + At(8, 0)), kMondayMs - 3 * kDayMs + At(9, 20));
  EXPECT_EQ(DefaultStartMs(kMondayMs - kDayMs), kMondayMs - 3 * kDayMs + At(9, 20));
  EXPECT_EQ(DefaultStartMs(kHolidayMs + At(11, 0)), kHolidayMs - kDayMs + At(9, 20));
}

}  // namespace
}  // namespace sauda::sim
