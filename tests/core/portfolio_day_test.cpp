#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/mark_to_market.hpp"
#include "services/orders/src/core/portfolio/position_book.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

constexpr Product kDelivery = Product::kDelivery;

/// The only holding, at these prices; "" is none.
Holding OnlyHolding(const FedBook& fed, const char* last = "", const char* close = "") {
  Quote quote;
  if (*last != '\0') quote.last = D(last);
  if (*close != '\0') quote.close = D(close);
  const auto holdings = fed.book.Holdings({{Share().instrument_id, quote}});
  EXPECT_EQ(holdings.size(), 1U);
  return holdings.empty() ? Holding{} : holdings.front();
}

TEST(DayTest, WhatIsCarriedStaysAtItsCostAndTheDayIsEmpty) {
  FedBook fed(15);
  fed.Buy(Future(), kDelivery, 15, "2.65", "3");
  fed.Buy(Future(), kDelivery, 15, "2.75");
  fed.Sell(Future(), kDelivery, 10, "3");
  EXPECT_TRUE(fed.Begin(16).empty());
  const Position position = fed.At(Future(), kDelivery, "1.75");
  EXPECT_EQ(position.quantity, 20);
  EXPECT_EQ(position.overnight_quantity(), 20);
  EXPECT_EQ(position.overnight_buy, (Tally{20, A("54.5")}));  // 5 at 2.65, 15 at 2.75
  EXPECT_EQ(position.overnight_sell, Tally{});
  EXPECT_EQ(position.day_buy, Tally{});
  EXPECT_EQ(position.day_sell, Tally{});
  EXPECT_EQ(position.average_price, D("2.725"));
  EXPECT_EQ(position.realised, Amount{});
  EXPECT_EQ(position.charges, Amount{});
  EXPECT_EQ(position.unrealised, A("-19.5"));
  EXPECT_EQ(fed.book.realised(), A("3.5"));  // of the day before: it is not forgotten
}

TEST(DayTest, ACarriedShortIsOvernightSold) {
  FedBook fed(15);
  fed.Sell(Future(), kDelivery, 75, "100");
  fed.Begin(16);
  fed.Buy(Future(), kDelivery, 25, "90");
  const Position position = fed.At(Future(), kDelivery, "95");
  EXPECT_EQ(position.quantity, -50);
  EXPECT_EQ(position.overnight_quantity(), -75);
  EXPECT_EQ(position.overnight_sell, (Tally{75, A("7500")}));
  EXPECT_EQ(position.day_buy, (Tally{25, A("2250")}));
  EXPECT_EQ(position.sell_price, D("100"));
  EXPECT_EQ(position.realised, A("250"));
  EXPECT_EQ(position.unrealised, A("250"));
}

TEST(DayTest, OvernightFiguresStayWhileTheDaySellsThem) {
  FedBook fed(15);
  fed.Buy(Future(), kDelivery, 10, "100");
  fed.Begin(16);
  fed.Sell(Future(), kDelivery, 10, "101");
  const Position position = fed.At(Future(), kDelivery);
  EXPECT_EQ(position.quantity, 0);
  EXPECT_EQ(position.overnight_quantity(), 10);
  EXPECT_EQ(position.overnight_buy, (Tally{10, A("1000")}));
  EXPECT_EQ(position.day_sell, (Tally{10, A("1010")}));
  EXPECT_EQ(position.realised, A("10"));
}

TEST(DayTest, SquaredOffPositionsGoWithTheDay) {
  FedBook fed(15);
  fed.Buy(Future(), Product::kIntraday, 10, "100");
  fed.Sell(Future(), Product::kIntraday, 10, "101");
  EXPECT_EQ(fed.book.Positions({}).size(), 1U);
  EXPECT_TRUE(fed.Begin(16).empty());
  EXPECT_TRUE(fed.book.Positions({}).empty());
  EXPECT_EQ(fed.book.realised(), A("10"));
}

TEST(DayTest, IntradayThatIsLeftOpenIsToldEachDayAndKept) {
  FedBook fed(15);
  fed.Sell(Future(), Product::kIntraday, 75, "100");
  for (const int day : {16, 17}) {
    const auto left = fed.Begin(day);
    ASSERT_EQ(left.size(), 1U) << day;
    EXPECT_EQ(left[0].why, LeftOver::Why::kIntradayOpen);
    EXPECT_EQ(left[0].contract.key, Future().key);
    EXPECT_EQ(left[0].product, Product::kIntraday);
    EXPECT_EQ(left[0].quantity, -75);
    EXPECT_EQ(left[0].value, A("-7500"));
  }
  fed.Buy(Future(), Product::kIntraday, 75, "99");
  EXPECT_TRUE(fed.Begin(18).empty());
  EXPECT_EQ(fed.book.realised(), A("75"));
}

TEST(DayTest, DaysGoForward) {
  FedBook fed(16);
  const auto begin = [&](int day, int settled) {
    const auto begun =
        fed.book.BeginDay({.date = December(day), .settled_through = December(settled)});
    return begun ? "" : begun.error().reason;
  };
  EXPECT_EQ(begin(16, 15), "DAY_NOT_LATER");
  EXPECT_EQ(begin(15, 14), "DAY_NOT_LATER");
  EXPECT_EQ(begin(17, 17), "SETTLEMENT_INVALID");
  EXPECT_EQ(begin(17, 13), "SETTLEMENT_INVALID");
  EXPECT_EQ(fed.book.day().date, December(16));
  EXPECT_EQ(begin(17, 16), "");
  EXPECT_EQ(fed.book.day().date, December(17));
}

TEST(HoldingTest, APurchaseIsAPositionThenT1ThenSettled) {
  FedBook fed(15);
  fed.Buy(Share(), kDelivery, 10, "100.05");
  EXPECT_EQ(fed.At(Share(), kDelivery).quantity, 10);
  EXPECT_TRUE(fed.book.Holdings({}).empty());

  fed.Begin(16);
  EXPECT_TRUE(fed.book.Positions({}).empty());
  const Holding young = OnlyHolding(fed, "101", "100");
  EXPECT_EQ(young.quantity, 0);
  EXPECT_EQ(young.t1_quantity, 10);
  EXPECT_EQ(young.free_quantity(), 10);
  EXPECT_EQ(young.average_price, D("100.05"));
  EXPECT_EQ(young.invested, A("1000.5"));
  EXPECT_EQ(young.pnl, A("9.5"));
  EXPECT_EQ(young.day_change, D("1"));
  EXPECT_EQ(young.day_change_percentage, D("1"));

  fed.Begin(17);
  const Holding settled = OnlyHolding(fed);
  EXPECT_EQ(settled.quantity, 10);
  EXPECT_EQ(settled.t1_quantity, 0);
}

TEST(HoldingTest, TheWeekendDoesNotSettle) {
  FedBook fed(19);
  fed.Buy(Share(), kDelivery, 10, "100");
  const MarketDay monday{.date = December(22), .settled_through = December(18)};
  ASSERT_TRUE(fed.book.BeginDay(monday));
  EXPECT_EQ(OnlyHolding(fed).t1_quantity, 10);
}

TEST(HoldingTest, WithoutPricesThereIsNoProfit) {
  FedBook fed(15);
  fed.Buy(Share(), kDelivery, 10, "100");
  fed.Begin(16);
  EXPECT_FALSE(OnlyHolding(fed).pnl);
  EXPECT_FALSE(OnlyHolding(fed, "", "99").pnl);
  EXPECT_FALSE(OnlyHolding(fed, "", "99").day_change);
  EXPECT_FALSE(OnlyHolding(fed, "99", "").day_change);
  EXPECT_EQ(OnlyHolding(fed, "99", "").pnl, A("-10"));
  const auto totals = TotalsOf(fed.book.Holdings({}));
  EXPECT_FALSE(totals.pnl());
  ASSERT_EQ(totals.unpriced.size(), 1U);
  EXPECT_EQ(totals.unpriced[0].key, Share().key);
  EXPECT_EQ(totals.invested, A("1000"));
}

TEST(HoldingTest, OnlySharesBoughtForDeliveryAreHeld) {
  FedBook fed(15);
  fed.Buy(Share(), Product::kMtf, 10, "100");
  fed.Buy(Future(), kDelivery, 75, "100");
  fed.Begin(16);
  EXPECT_TRUE(fed.book.Holdings({}).empty());
  EXPECT_EQ(fed.At(Share(), Product::kMtf).overnight_quantity(), 10);
  EXPECT_EQ(fed.At(Future(), kDelivery).overnight_quantity(), 75);
}

/// 60 at 100 and 40 at 110, held since the 15th and the 16th; the 17th begins.
FedBook HoldsAHundred() {
  FedBook fed(15);
  fed.Buy(Share(), kDelivery, 60, "100");
  fed.Begin(16);
  fed.Buy(Share(), kDelivery, 40, "110");
  fed.Begin(17);
  return fed;
}

TEST(HoldingTest, ASaleShowsAsANegativePositionAndUsesTheOldest) {
  FedBook fed = HoldsAHundred();
  fed.Sell(Share(), kDelivery, 70, "120");
  const Position position = fed.At(Share(), kDelivery);
  EXPECT_EQ(position.quantity, -70);
  EXPECT_EQ(position.from_holdings, 70);
  EXPECT_EQ(position.realised, A("1300"));  // 60 * 20 + 10 * 10
  EXPECT_EQ(position.unrealised, Amount{}) << "it is closed: no price is needed";
  EXPECT_EQ(position.pnl, A("1300"));
  const Holding holding = OnlyHolding(fed, "115");
  EXPECT_EQ(holding.quantity, 60);
  EXPECT_EQ(holding.t1_quantity, 40);
  EXPECT_EQ(holding.cnc_used_quantity, 70);
  EXPECT_EQ(holding.free_quantity(), 30);
  EXPECT_EQ(holding.average_price, D("110"));
  EXPECT_EQ(holding.pnl, A("150"));

  fed.Begin(18);
  EXPECT_TRUE(fed.book.Positions({}).empty());
  const Holding rest = OnlyHolding(fed);
  EXPECT_EQ(rest.quantity, 30);
  EXPECT_EQ(rest.cnc_used_quantity, 0);
  EXPECT_EQ(rest.average_price, D("110"));
  EXPECT_EQ(fed.book.realised(), A("1300"));
  ASSERT_EQ(fed.closed.size(), 2U);
  EXPECT_EQ(fed.closed[0].quantity, 60);
  EXPECT_EQ(fed.closed[0].buy_day, December(15));
  EXPECT_EQ(fed.closed[0].sell_day, December(17));
  EXPECT_EQ(fed.closed[0].closed_on, December(17));
  EXPECT_EQ(fed.closed[1].buy_day, December(16));
}

TEST(HoldingTest, WhatIsBoughtBackOnTheDayWasIntradayAndLeavesTheAverage) {
  FedBook fed = HoldsAHundred();
  fed.Sell(Share(), kDelivery, 75, "120");
  EXPECT_EQ(fed.book.realised(), A("1350"));
  fed.Buy(Share(), kDelivery, 75, "121");
  EXPECT_EQ(fed.book.realised(), A("-75"));
  EXPECT_EQ(fed.At(Share(), kDelivery).from_holdings, 0);
  const Holding holding = OnlyHolding(fed);
  EXPECT_EQ(holding.cnc_used_quantity, 0);
  EXPECT_EQ(holding.free_quantity(), 100);
  EXPECT_EQ(holding.average_price, D("104"));
  fed.Begin(18);
  EXPECT_EQ(OnlyHolding(fed).average_price, D("104"));
  EXPECT_EQ(fed.book.realised(), A("-75"));
}

TEST(HoldingTest, ASaleTakesTheDaysPurchasesBeforeTheHoldings) {
  FedBook fed = HoldsAHundred();
  fed.Buy(Share(), kDelivery, 10, "119");
  fed.Sell(Share(), kDelivery, 30, "120");
  EXPECT_EQ(fed.At(Share(), kDelivery).quantity, -20);
  EXPECT_EQ(fed.At(Share(), kDelivery).realised, A("410"));  // 10 * 1 + 20 * 20
  EXPECT_EQ(OnlyHolding(fed).cnc_used_quantity, 20);
}

TEST(HoldingTest, SoldOutItStaysUntilTheDayEnds) {
  FedBook fed = HoldsAHundred();
  fed.Sell(Share(), kDelivery, 100, "105");
  const Holding holding = OnlyHolding(fed);
  EXPECT_EQ(holding.free_quantity(), 0);
  EXPECT_FALSE(holding.average_price);
  EXPECT_EQ(holding.invested, Amount{});
  EXPECT_EQ(holding.pnl, Amount{});
  fed.Begin(18);
  EXPECT_TRUE(fed.book.Holdings({}).empty());
  EXPECT_EQ(fed.book.realised(), A("100"));
}

TEST(HoldingTest, WhatIsSoldAndNotOwnedIsShortAndTold) {
  FedBook fed = HoldsAHundred();
  fed.Sell(Share(), kDelivery, 110, "120");
  const Position position = fed.At(Share(), kDelivery);
  EXPECT_EQ(position.quantity, -110);
  EXPECT_EQ(position.from_holdings, 100);
  EXPECT_EQ(position.realised, A("1600"));
  EXPECT_FALSE(position.unrealised);
  EXPECT_EQ(fed.At(Share(), kDelivery, "121").unrealised, A("-10"));
  const auto totals = MarkToMarket(fed.book.Positions({}));
  ASSERT_EQ(totals.unpriced.size(), 1U);
  EXPECT_EQ(totals.unpriced[0].quantity, -10);

  const auto left = fed.Begin(18);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].why, LeftOver::Why::kSoldNotOwned);
  EXPECT_EQ(left[0].quantity, -10);
  EXPECT_EQ(left[0].value, A("-1200"));
  fed.Buy(Share(), kDelivery, 10, "119");
  EXPECT_EQ(fed.book.realised(), A("1610"));
  EXPECT_TRUE(fed.Begin(19).empty());
  EXPECT_TRUE(fed.book.Holdings({}).empty());
}

TEST(HoldingTest, AnIntradaySaleLeavesThemAlone) {
  FedBook fed = HoldsAHundred();
  fed.Sell(Share(), Product::kIntraday, 50, "120");
  EXPECT_EQ(OnlyHolding(fed).cnc_used_quantity, 0);
  EXPECT_EQ(fed.At(Share(), Product::kIntraday, "121").unrealised, A("-50"));
}

TEST(PercentMovedTest, IsOfWhereItWas) {
  EXPECT_EQ(PercentMoved(D("200"), D("201")), D("0.5"));
  EXPECT_EQ(PercentMoved(D("3"), D("2")), D("-33.333333333"));
  EXPECT_EQ(PercentMoved(D("0.05"), D("5000000")), std::nullopt) << "more than a Decimal holds";
  EXPECT_EQ(PercentMoved(D("0"), D("1")), std::nullopt);
  EXPECT_EQ(PercentMoved(D("-1"), D("1")), std::nullopt);
}

}  // namespace
}  // namespace sauda::orders::portfolio
