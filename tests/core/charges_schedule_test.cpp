#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "libs/charges/charges.hpp"
#include "libs/charges/tables.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/charges_makers.hpp"

namespace sauda::charges {
namespace {

using enum Exchange;
using enum Kind;
using enum Side;

struct Change {
  std::string name;
  ChargedOrder order;  // of the last day before
  Day first = 0;       // day after
  Amount Charges::*what = nullptr;
  std::string before;  // for a crore
  std::string after;
};
class ChargesChangeTest : public testing::TestWithParam<Change> {};

TEST_P(ChargesChangeTest, HoldsFromItsFirstDay) {
  const Change& change = GetParam();
  ChargedOrder order = change.order;
  EXPECT_EQ(((*LineCharges(order, kCrore)).*change.what).ToString(), change.before);
  order.day = change.first;
  EXPECT_EQ(((*LineCharges(order, kCrore)).*change.what).ToString(), change.after);
  order.day = kToday;
  EXPECT_EQ(((*LineCharges(order, kCrore)).*change.what).ToString(), change.after);
}

// Finance Act 2026, NSE/FATAX/73524: from 1 April 2026.
INSTANTIATE_TEST_SUITE_P(FinanceAct2026, ChargesChangeTest,
                         testing::Values(Change{"StockFutures",
                                                {kNse, kStockFutures, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "2000",
                                                "5000"},
                                         Change{"IndexFutures",
                                                {kBse, kIndexFutures, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "2000",
                                                "5000"},
                                         Change{"StockOptions",
                                                {kBse, kStockOptions, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "10000",
                                                "15000"},
                                         Change{"IndexOptions",
                                                {kNse, kIndexOptions, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "10000",
                                                "15000"},
                                         Change{"NotOfBuyers",
                                                {kNse, kIndexOptions, kBuy, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "0",
                                                "0"},
                                         Change{"NotOfShares",
                                                {kNse, kEquityDelivery, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "10000",
                                                "10000"},
                                         Change{"NotOfIntraday",
                                                {kNse, kEquityIntraday, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "2500",
                                                "2500"},
                                         Change{"NotOfCommodities",
                                                {kMcx, kCommodityOptions, kSell, 2026'03'31},
                                                2026'04'01,
                                                &Charges::stt,
                                                "5000",
                                                "5000"}),
                         CaseName{});

// NSE/FA/73061: from 1 March 2026; what was IPFT is in the charge.
INSTANTIATE_TEST_SUITE_P(NseCircular2026, ChargesChangeTest,
                         testing::Values(Change{"Delivery",
                                                {kNse, kEquityDelivery, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "297",
                                                "306.99"},
                                         Change{"DeliveryIpft",
                                                {kNse, kEquityDelivery, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::ipft,
                                                "10",
                                                "0.01"},
                                         Change{"Intraday",
                                                {kNse, kEquityIntraday, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "297",
                                                "306.99"},
                                         Change{"Futures",
                                                {kNse, kStockFutures, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "173",
                                                "182.99"},
                                         Change{"FuturesIpft",
                                                {kNse, kIndexFutures, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::ipft,
                                                "10",
                                                "0.01"},
                                         Change{"Options",
                                                {kNse, kIndexOptions, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "3503",
                                                "3552.99"},
                                         Change{"OptionsIpft",
                                                {kNse, kStockOptions, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::ipft,
                                                "50",
                                                "0.01"},
                                         Change{"NotOfCurrencies",
                                                {kNse, kCurrencyFutures, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "35",
                                                "35"},
                                         Change{"NotOfBse",
                                                {kBse, kIndexOptions, kBuy, 2026'02'28},
                                                2026'03'01,
                                                &Charges::transaction,
                                                "3250",
                                                "3250"}),
                         CaseName{});

TEST(ChargesChangeTest, UpstoxTakesATenthOfAPercentIntradayFromMarch2025) {
  const Fill fill = At("100", 100);
  EXPECT_EQ(LineCharges({kNse, kEquityIntraday, kBuy, 2025'02'28}, fill)->brokerage, Rupees("5"));
  EXPECT_EQ(LineCharges({kNse, kEquityIntraday, kBuy, 2025'03'01}, fill)->brokerage, Rupees("10"));
}

TEST(ChargesScheduleTest, KnowsWhatIsTradedFromOctober2024On) {
  for (const Exchange exchange : kExchanges) {
    for (const Kind kind : kKinds) {
      for (const Side side : kSides) {
        SCOPED_TRACE(testing::Message() << "exchange " << static_cast<int>(exchange) << " kind "
                                        << static_cast<int>(kind));
        const std::string known = IsTraded(exchange, kind) ? "" : "CHARGES_UNKNOWN";
        ChargedOrder order{exchange, kind, side, 2024'09'30};
        EXPECT_EQ(ReasonOf(LineCharges(order, kCrore)), "CHARGES_UNKNOWN");
        for (const Day day : {2024'10'01, 2025'02'28, 2025'03'01, 2025'12'31, 2026'02'28,
                              2026'03'01, 2026'03'31, 2026'04'01, kToday}) {
          order.day = day;
          EXPECT_EQ(ReasonOf(LineCharges(order, kCrore)), known) << day;
        }
      }
    }
  }
}

TEST(ChargesScheduleTest, KnowsDematAndExerciseFromOctober2024On) {
  EXPECT_EQ(ReasonOf(DematCharges(2024'09'30, 1)), "CHARGES_UNKNOWN");
  EXPECT_EQ(ReasonOf(DematCharges(2024'10'01, 1)), "");
  EXPECT_EQ(ReasonOf(ExerciseCharges(kIndexOptions, 2024'09'30, kCrore)), "CHARGES_UNKNOWN");
  EXPECT_EQ(ExerciseCharges(kIndexOptions, 2024'10'01, kCrore)->stt, Rupees("12500"));
  for (const Kind kind : kKinds) {
    if (kind == kIndexOptions) continue;
    EXPECT_EQ(ReasonOf(ExerciseCharges(kind, kToday, kCrore)), "CHARGES_UNKNOWN");
  }
}

/// Rows of a table that hold for a kind on a day.
template <typename Rows>
auto RowsFor(const Rows& rows, Kind kind, Day day) {
  return std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.days.Contain(day) && tables::Contains(row.kinds, kind);
  });
}

TEST(ChargesScheduleTest, HasOneRowForEachKindAndDay) {
  for (const Kind kind : kKinds) {
    for (const Day day : {2024'10'01, 2025'02'28, 2025'03'01, 2026'02'28, 2026'03'01, 2026'03'31,
                          2026'04'01, kToday}) {
      SCOPED_TRACE(testing::Message() << "kind " << static_cast<int>(kind) << " day " << day);
      EXPECT_EQ(RowsFor(tables::kTransactionTax, kind, day), 1);
      EXPECT_EQ(RowsFor(tables::kStampDuty, kind, day), 1);
      EXPECT_EQ(RowsFor(tables::kBrokerage, kind, day), 1);
      EXPECT_EQ(RowsFor(tables::kExerciseTax, kind, day), kind == kIndexOptions ? 1 : 0);
    }
  }
}

struct GroupCase {
  std::string name;
  std::string group;
  std::string transaction;  // for a crore; none: unknown
};
class BseGroupTest : public testing::TestWithParam<GroupCase> {};

TEST_P(BseGroupTest, SetsTheChargeOrIsRefused) {
  const auto charges =
      LineCharges({kBse, kEquityIntraday, kSell, kToday, GetParam().group}, kCrore);
  EXPECT_EQ(charges ? charges->transaction.ToString() : "", GetParam().transaction);
  EXPECT_EQ(ReasonOf(charges), GetParam().transaction.empty() ? "CHARGES_UNKNOWN" : "");
}

INSTANTIATE_TEST_SUITE_P(Groups, BseGroupTest,
                         testing::Values(GroupCase{"A", "A", "375"}, GroupCase{"B", "B", "375"},
                                         GroupCase{"T", "T", "375"}, GroupCase{"M", "M", "275"},
                                         GroupCase{"Ms", "MS", "275"}, GroupCase{"Mt", "MT", "275"},
                                         GroupCase{"Ts", "TS", "275"}, GroupCase{"X", "X", "10000"},
                                         GroupCase{"Xt", "XT", "10000"},
                                         GroupCase{"Z", "Z", "10000"}, GroupCase{"Zp", "ZP", ""},
                                         GroupCase{"Bonds", "F", ""}, GroupCase{"None", "", ""},
                                         GroupCase{"Space", " ", ""}, GroupCase{"Two", "A B", ""},
                                         GroupCase{"Small", "a", ""}),
                         CaseName{});

TEST(BseGroupTest, MattersForSharesAtBseAlone) {
  EXPECT_TRUE(LineCharges({kNse, kEquityDelivery, kBuy, kToday, "EQ"}, kCrore));
  EXPECT_TRUE(LineCharges({kBse, kIndexOptions, kBuy, kToday, "CE"}, kCrore));
}

}  // namespace
}  // namespace sauda::charges
