#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/pnl_days.hpp"
#include "services/orders/src/core/portfolio/pnl_report.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

struct YearCase {
  std::string name;
  std::string text;
  int begins;  // 0: refused
};

class FinancialYearTest : public testing::TestWithParam<YearCase> {};

TEST_P(FinancialYearTest, IsReadInTheBrokersForm) {
  const auto year = FinancialYear::Parse(GetParam().text);
  EXPECT_EQ(year ? year->begins : 0, GetParam().begins);
  if (year) {
    EXPECT_EQ(year->ToString(), GetParam().text);
  } else {
    EXPECT_EQ(year.error().reason, "FINANCIAL_YEAR_INVALID");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, FinancialYearTest,
    testing::Values(YearCase{"This", "2526", 2025}, YearCase{"First", "0001", 2000},
                    YearCase{"Last", "9900", 2099}, YearCase{"NotInARow", "2527", 0},
                    YearCase{"Backwards", "2625", 0}, YearCase{"Same", "2525", 0},
                    YearCase{"Short", "252", 0}, YearCase{"Long", "25266", 0},
                    YearCase{"Empty", "", 0}, YearCase{"Letters", "25a6", 0},
                    YearCase{"Sign", "-126", 0}, YearCase{"OneYear", "2025", 0}),
    CaseName{});

TEST(FinancialYearTest, BeginsInApril) {
  const FinancialYear year{.begins = 2025};
  const IstDate first{.year = 2025, .month = 4, .day = 1};
  const IstDate last{.year = 2026, .month = 3, .day = 31};
  EXPECT_EQ(year.period(), (Period{.from = first, .to = last}));
  EXPECT_EQ(FinancialYear::Of(first), year);
  EXPECT_EQ(FinancialYear::Of(last), year);
  EXPECT_EQ(FinancialYear::Of(first.Plus(-1)).ToString(), "2425");
  EXPECT_EQ(FinancialYear::Of(last.Plus(1)).ToString(), "2627");
}

TEST(PeriodOfTest, IsWhatAllOfItAllows) {
  const FinancialYear year{.begins = 2025};
  EXPECT_EQ(*PeriodOf({.year = year}), year.period());
  EXPECT_EQ(*PeriodOf({.year = year, .from = December(15)}),
            (Period{.from = December(15), .to = year.period().to}));
  EXPECT_EQ(*PeriodOf({.from = December(15), .to = December(15)}),
            (Period{.from = December(15), .to = December(15)}));
  EXPECT_TRUE(PeriodOf({})->Contains(December(15)));
  EXPECT_EQ(PeriodOf({.from = December(16), .to = December(15)}).error().reason, "DATES_INVALID");
  EXPECT_EQ(PeriodOf({.year = year, .from = year.period().to.Plus(1)}).error().reason,
            "DATES_INVALID");
}

/// Share bought on the 15th in two trades and sold on the 16th and the 17th, a crude oil short of
/// one day, an intraday round trip in the future.
FedBook Traded() {
  FedBook fed(15);
  fed.Buy(Share(), Product::kDelivery, 10, "100", "1");
  fed.Buy(Share(), Product::kDelivery, 20, "100.05", "2");
  fed.Begin(16);
  fed.Sell(Share(), Product::kDelivery, 15, "101", "4");
  fed.Sell(Crude(), Product::kIntraday, 1, "5500", "8");
  fed.Buy(Crude(), Product::kIntraday, 1, "5490", "16");
  fed.Begin(17);
  fed.Sell(Share(), Product::kDelivery, 15, "99", "32");
  fed.Buy(Future(), Product::kIntraday, 75, "26000", "64");
  fed.Sell(Future(), Product::kIntraday, 75, "26000.05", "128");
  fed.Begin(18);
  return fed;
}

TEST(PnlReportTest, PairsFirstInFirstOutWithOneRowForADayAndADay) {
  const auto report = MakePnlReport(Traded().closed, {.section = Section::kEquity});
  ASSERT_EQ(report.rows.size(), 2U);
  const PnlRow& first = report.rows[0];
  EXPECT_EQ(first.contract.key, Share().key);
  EXPECT_EQ(first.contract.kind, Kind::kEquity);
  EXPECT_EQ(first.product, Product::kDelivery);
  EXPECT_EQ(first.quantity, 15);
  EXPECT_EQ(first.buy_date, December(15));
  EXPECT_EQ(first.buy_amount, A("1500.25"));  // 10 at 100, 5 at 100.05
  EXPECT_EQ(first.buy_average, D("100.016666667"));
  EXPECT_EQ(first.sell_date, December(16));
  EXPECT_EQ(first.sell_amount, A("1515"));
  EXPECT_EQ(first.sell_average, D("101"));
  EXPECT_EQ(first.profit(), A("14.75"));
  EXPECT_EQ(report.rows[1].profit(), A("-15.75"));
  EXPECT_EQ(report.profit(), A("-1"));
  EXPECT_EQ(report.buy_amount, A("3001"));
  EXPECT_EQ(report.sell_amount, A("3000"));
}

TEST(PnlReportTest, AddsUpToTheBook) {
  const FedBook fed = Traded();
  EXPECT_EQ(MakePnlReport(fed.closed, {}).profit(), fed.book.realised());
  EXPECT_EQ(fed.book.realised(), A("1002.75"));  // -1 + 100 * 10 + 75 * 0.05
}

TEST(PnlReportTest, AShortIsSoldFirstAndTheMultiplierCounts) {
  const auto report = MakePnlReport(Traded().closed, {.section = Section::kCommodity});
  ASSERT_EQ(report.rows.size(), 1U);
  EXPECT_EQ(report.rows[0].quantity, 1);
  EXPECT_EQ(report.rows[0].buy_average, D("5490"));
  EXPECT_EQ(report.rows[0].buy_amount, A("549000"));
  EXPECT_EQ(report.rows[0].profit(), A("1000"));
}

TEST(PnlReportTest, ACarriedShortCountsOnTheDayItIsBoughtBack) {
  FedBook fed(15);
  fed.Sell(Future(), Product::kDelivery, 75, "100");
  fed.Begin(16);
  fed.Buy(Future(), Product::kDelivery, 75, "99");
  const auto of = [&](int day) {
    return MakePnlReport(fed.closed, {.period = Period{December(day), December(day)}}).rows.size();
  };
  EXPECT_EQ(of(15), 0U);
  EXPECT_EQ(of(16), 1U);
}

TEST(PnlReportTest, WhatWasTradedOnDifferentDaysStaysApart) {
  FedBook fed(15);
  fed.Sell(Future(), Product::kDelivery, 75, "100");
  fed.Begin(16);
  fed.Sell(Future(), Product::kDelivery, 75, "101");
  fed.Begin(17);
  fed.Buy(Future(), Product::kDelivery, 150, "99");
  const auto report = MakePnlReport(fed.closed, {});
  ASSERT_EQ(report.rows.size(), 2U);
  EXPECT_EQ(report.rows[0].sell_date, December(15));
  EXPECT_EQ(report.rows[0].profit(), A("75"));
  EXPECT_EQ(report.rows[1].sell_date, December(16));
  EXPECT_EQ(report.rows[1].profit(), A("150"));
}

struct FilterCase {
  std::string name;
  PnlFilter filter;
  const char* profit;
  const char* charges;
};

class PnlFilterTest : public testing::TestWithParam<FilterCase> {};

TEST_P(PnlFilterTest, PicksRowsAndCharges) {
  const FedBook fed = Traded();
  EXPECT_EQ(MakePnlReport(fed.closed, GetParam().filter).profit(), A(GetParam().profit));
  PnlSum sum;
  for (const PnlDay& day : PnlByDay(fed.closed, fed.trades, GetParam().filter)) {
    sum.realised += day.sum.realised;
    sum.charges += day.sum.charges;
  }
  EXPECT_EQ(sum.realised, A(GetParam().profit));
  EXPECT_EQ(sum.charges, A(GetParam().charges));
}

INSTANTIATE_TEST_SUITE_P(
    Filters, PnlFilterTest,
    testing::Values(
        FilterCase{"All", {}, "1002.75", "255"},
        FilterCase{"Equity", {.section = Section::kEquity}, "-1", "39"},
        FilterCase{"Derivatives", {.section = Section::kDerivatives}, "3.75", "192"},
        FilterCase{"Commodity", {.section = Section::kCommodity}, "1000", "24"},
        FilterCase{"Currency", {.section = Section::kCurrency}, "0", "0"},
        FilterCase{"FirstDay", {.period = Period{December(15), December(15)}}, "0", "3"},
        FilterCase{"SecondDay", {.period = Period{December(16), December(16)}}, "1014.75", "28"},
        FilterCase{
            "BothEndsIncluded", {.period = Period{December(16), December(17)}}, "1002.75", "252"},
        FilterCase{"EquityOfADay",
                   {.section = Section::kEquity, .period = Period{December(17), December(17)}},
                   "-15.75",
                   "32"},
        FilterCase{"AnotherYear", {.period = FinancialYear{2024}.period()}, "0", "0"}),
    CaseName{});

TEST(PnlByDayTest, HasADayForEachThatHadTradesOrProfits) {
  const FedBook fed = Traded();
  const auto days = PnlByDay(fed.closed, fed.trades, {});
  ASSERT_EQ(days.size(), 3U);
  EXPECT_EQ(days[0].day, December(15));
  EXPECT_EQ(days[0].sum, (PnlSum{.trades = 2, .realised = {}, .charges = A("3")}));
  EXPECT_EQ(days[1].day, December(16));
  EXPECT_EQ(days[1].sum, (PnlSum{.trades = 3, .realised = A("1014.75"), .charges = A("28")}));
  EXPECT_EQ(days[1].sum.net(), A("986.75"));
  EXPECT_EQ(days[2].sum.trades, 3);
}

TEST(PnlByYearTest, SplitsAtTheEndOfMarch) {
  const IstDate march{.year = 2026, .month = 3, .day = 31};
  const auto sum = [](std::int64_t trades, const char* realised, const char* charges) {
    return PnlSum{.trades = trades, .realised = A(realised), .charges = A(charges)};
  };
  const auto years = PnlByYear({{.day = December(15), .sum = sum(1, "1", "0.1")},
                                {.day = march, .sum = sum(2, "2", "0.2")},
                                {.day = march.Plus(1), .sum = sum(4, "-4", "0.4")}});
  ASSERT_EQ(years.size(), 2U);
  EXPECT_EQ(years[0].year.ToString(), "2526");
  EXPECT_EQ(years[0].sum, sum(3, "3", "0.3"));
  EXPECT_EQ(years[1].year.ToString(), "2627");
  EXPECT_EQ(years[1].sum, sum(4, "-4", "0.4"));
}

}  // namespace
}  // namespace sauda::orders::portfolio
