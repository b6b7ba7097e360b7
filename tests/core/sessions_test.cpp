#include "libs/calendar/sessions.hpp"

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda::calendar {
namespace {

struct SessionCase {
  std::string name;
  Segment segment;
  std::string at;
  Phase phase;
  std::string until;
};
class SessionAtTest : public testing::TestWithParam<SessionCase> {};

TEST_P(SessionAtTest, GivesPhaseAndItsEnd) {
  const auto& row = GetParam();
  const Session session = SessionAt(row.segment, ParseIst(row.at).value());
  EXPECT_EQ(session.phase, row.phase);
  EXPECT_EQ(FormatIst(session.next_change_ms), row.until);
}

using enum Segment;
using enum Phase;

INSTANTIATE_TEST_SUITE_P(
    Equity, SessionAtTest,
    testing::Values(
        SessionCase{"BeforePreOpen", kNseEquity, "2025-12-15 08:59:59", kClosed,
                    "2025-12-15 09:00:00"},
        SessionCase{"PreOpen", kNseEquity, "2025-12-15 09:00:00", kPreOpen, "2025-12-15 09:15:00"},
        SessionCase{"LastOfPreOpen", kBseEquity, "2025-12-15 09:14:59", kPreOpen,
                    "2025-12-15 09:15:00"},
        SessionCase{"Open", kNseEquity, "2025-12-15 09:15:00", kOpen, "2025-12-15 15:30:00"},
        SessionCase{"LastSecond", kBseEquity, "2025-12-15 15:29:59", kOpen, "2025-12-15 15:30:00"},
        SessionCase{"Closed", kNseEquity, "2025-12-15 15:30:00", kClosed, "2025-12-16 09:00:00"},
        SessionCase{"FridayEvening", kNseEquity, "2025-12-12 18:00:00", kClosed,
                    "2025-12-15 09:00:00"},
        SessionCase{"Saturday", kNseEquity, "2025-12-13 10:00:00", kClosed, "2025-12-15 09:00:00"},
        SessionCase{"Holiday", kNseEquity, "2026-01-26 10:00:00", kClosed, "2026-01-27 09:00:00"},
        SessionCase{"LongWeekend", kNseEquity, "2026-04-30 16:00:00", kClosed,
                    "2026-05-04 09:00:00"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Derivatives, SessionAtTest,
    testing::Values(SessionCase{"NoPreOpenBefore2025December8", kNseDerivatives,
                                "2025-12-05 09:10:00", kClosed, "2025-12-05 09:15:00"},
                    SessionCase{"PreOpenSince2025December8", kNseDerivatives, "2025-12-08 09:10:00",
                                kPreOpen, "2025-12-08 09:15:00"},
                    SessionCase{"UntilHalfPastBefore2026August3", kNseDerivatives,
                                "2026-07-31 15:29:59", kOpen, "2026-07-31 15:30:00"},
                    SessionCase{"ClosedAtHalfPastBefore2026August3", kBseDerivatives,
                                "2026-07-31 15:30:00", kClosed, "2026-08-03 09:00:00"},
                    SessionCase{"UntilTwentyToFourSince", kBseDerivatives, "2026-08-03 15:39:59",
                                kOpen, "2026-08-03 15:40:00"},
                    SessionCase{"ClosedAtTwentyToFourSince", kNseDerivatives, "2026-08-03 15:40:00",
                                kClosed, "2026-08-04 09:00:00"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    CurrencyAndCommodity, SessionAtTest,
    testing::Values(SessionCase{"CurrencyOpens", kNseCurrency, "2025-12-15 09:00:00", kOpen,
                                "2025-12-15 17:00:00"},
                    SessionCase{"CurrencyCloses", kBseCurrency, "2025-12-15 17:00:00", kClosed,
                                "2025-12-16 09:00:00"},
                    SessionCase{"CommodityEvening", kCommodity, "2025-12-15 23:29:59", kOpen,
                                "2025-12-15 23:30:00"},
                    SessionCase{"CommodityCloses", kNseCommodity, "2025-12-15 23:30:00", kClosed,
                                "2025-12-16 09:00:00"},
                    SessionCase{"HolidayMorning", kCommodity, "2026-01-15 10:00:00", kClosed,
                                "2026-01-15 17:00:00"},
                    SessionCase{"HolidayEvening", kCommodity, "2026-01-15 17:00:00", kOpen,
                                "2026-01-15 23:55:00"},
                    SessionCase{"ClosedAllDay", kCommodity, "2026-01-26 18:00:00", kClosed,
                                "2026-01-27 09:00:00"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(Muhurat, SessionAtTest,
                         testing::Values(SessionCase{"Before", kNseEquity, "2026-11-08 17:59:59",
                                                     kClosed, "2026-11-08 18:00:00"},
                                         SessionCase{"During", kNseEquity, "2026-11-08 18:00:00",
                                                     kOpen, "2026-11-08 19:15:00"},
                                         SessionCase{"After", kNseEquity, "2026-11-08 19:15:00",
                                                     kClosed, "2026-11-09 09:00:00"}),
                         CaseName{});

TEST(SessionsTest, NextChangeIsAlwaysLater) {
  for (const Segment segment : {kNseEquity, kNseDerivatives, kNseCurrency, kCommodity}) {
    const std::int64_t from_ms = IstDate{2026, 1, 1}.StartMs();
    for (auto at_ms = from_ms; at_ms < from_ms + 366 * kMsPerDay;) {
      const Session session = SessionAt(segment, at_ms);
      ASSERT_GT(session.next_change_ms, at_ms);
      ASSERT_EQ(SessionAt(segment, session.next_change_ms - 1).phase, session.phase);
      at_ms = session.next_change_ms;
      ASSERT_NE(SessionAt(segment, at_ms).phase, session.phase);
    }
  }
}

TEST(SessionsTest, TradingDaysHaveAnOpening) {
  EXPECT_TRUE(IsTradingDay(kNseEquity, {2025, 12, 15}));
  EXPECT_EQ(OpenMs(kNseEquity, {2025, 12, 15}), ParseIst("2025-12-15 09:15:00").value());
  EXPECT_FALSE(IsTradingDay(kNseEquity, {2026, 1, 15}));
  EXPECT_FALSE(OpenMs(kNseEquity, {2026, 1, 15}));
  EXPECT_TRUE(IsTradingDay(kCommodity, {2026, 1, 15}));
  EXPECT_EQ(OpenMs(kCommodity, {2026, 1, 15}), ParseIst("2026-01-15 17:00:00").value());
}

TEST(SessionsTest, SegmentsGoByTheBrokersNames) {
  EXPECT_EQ(SegmentOf("NSE_INDEX"), kNseEquity);
  EXPECT_EQ(SegmentOf("NCD_FO"), kNseCurrency);
  EXPECT_EQ(SegmentOf("MCX_INDEX"), kCommodity);
  EXPECT_EQ(SegmentOf("NSE_COM"), kNseCommodity);
  EXPECT_FALSE(SegmentOf("GLOBAL_INDEX"));
  EXPECT_FALSE(SegmentOf("nse_eq"));
  EXPECT_FALSE(SegmentOf(""));
}

}  // namespace
}  // namespace sauda::calendar
