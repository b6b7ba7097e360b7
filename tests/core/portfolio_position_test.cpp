#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/mark_to_market.hpp"
#include "services/orders/src/core/portfolio/position.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

struct Step {
  Side side;
  std::int64_t quantity;
  const char* price;
};

struct PositionCase {
  std::string name;
  std::vector<Step> steps;
  const char* last;  // price at the end
  std::int64_t quantity;
  const char* average;  // "": nothing is open
  const char* value;
  const char* realised;
  const char* unrealised;
};

/// A future of multiplier 1, worked by hand.
class PositionTest : public testing::TestWithParam<PositionCase> {};

TEST_P(PositionTest, IsWhatTheTradesMake) {
  FedBook fed;
  for (const Step& step : GetParam().steps) {
    const bool buys = step.side == Side::kBuy;
    (fed.*(buys ? &FedBook::Buy : &FedBook::Sell))(Future(), Product::kDelivery, step.quantity,
                                                   step.price, "0");
  }
  const Position position = fed.At(Future(), Product::kDelivery, GetParam().last);
  EXPECT_EQ(position.quantity, GetParam().quantity);
  EXPECT_EQ(position.average_price ? position.average_price->ToString() : "", GetParam().average);
  EXPECT_EQ(position.value.ToString(), GetParam().value);
  EXPECT_EQ(position.realised.ToString(), GetParam().realised);
  ASSERT_TRUE(position.unrealised.has_value());
  EXPECT_EQ(position.unrealised->ToString(), GetParam().unrealised);
  EXPECT_EQ(*position.pnl, position.realised + *position.unrealised);
  EXPECT_EQ(
      position.sell.value - position.buy.value + Amount::Of(D(GetParam().last), position.quantity),
      *position.pnl);
}

constexpr Side kB = Side::kBuy;
constexpr Side kS = Side::kSell;

INSTANTIATE_TEST_SUITE_P(
    HandWorked, PositionTest,
    testing::Values(
        PositionCase{"Long", {{kB, 75, "100"}}, "101.05", 75, "100", "7500", "0", "78.75"},
        PositionCase{"Short", {{kS, 75, "100"}}, "101.05", -75, "100", "-7500", "0", "-78.75"},
        PositionCase{
            "AddedTo", {{kB, 10, "100"}, {kB, 30, "104"}}, "104", 40, "103", "4120", "0", "40"},
        PositionCase{"PartlyClosedTakesTheOldest",
                     {{kB, 10, "100"}, {kB, 10, "110"}, {kS, 10, "120"}},
                     "120",
                     10,
                     "110",
                     "1100",
                     "200",
                     "100"},
        PositionCase{"PartlyClosedAcrossTwo",
                     {{kB, 10, "100"}, {kB, 10, "110"}, {kS, 15, "120"}},
                     "109",
                     5,
                     "110",
                     "550",
                     "250",
                     "-5"},
        PositionCase{"ShortPartlyClosed",
                     {{kS, 10, "100"}, {kS, 10, "90"}, {kB, 12, "95"}},
                     "95",
                     -8,
                     "90",
                     "-720",
                     "40",
                     "-40"},
        PositionCase{
            "SquaredOff", {{kB, 10, "100"}, {kS, 10, "99.95"}}, "1", 0, "", "0", "-0.5", "0"},
        PositionCase{"FlippedToShort",
                     {{kB, 10, "100"}, {kS, 25, "102"}},
                     "101",
                     -15,
                     "102",
                     "-1530",
                     "20",
                     "15"},
        PositionCase{"FlippedToLong",
                     {{kS, 10, "100"}, {kB, 25, "102"}},
                     "101",
                     15,
                     "102",
                     "1530",
                     "-20",
                     "-15"},
        PositionCase{"FlippedTwice",
                     {{kB, 1, "10"}, {kS, 2, "11"}, {kB, 3, "12"}},
                     "12.5",
                     2,
                     "12",
                     "24",
                     "0",
                     "1"},
        PositionCase{"AverageThatDoesNotEnd",
                     {{kB, 1, "100"}, {kB, 2, "100.05"}},
                     "100.05",
                     3,
                     "100.033333333",
                     "300.1",
                     "0",
                     "0.05"},
        PositionCase{"AverageRoundedAwayFrom0",
                     {{kS, 1, "100"}, {kS, 2, "100.1"}},
                     "100",
                     -3,
                     "100.066666667",
                     "-300.2",
                     "0",
                     "0.2"},
        // The broker's own example of its averaging, help page 248590.
        PositionCase{"BrokersExample",
                     {{kB, 225, "10000"}, {kB, 75, "10200"}, {kS, 150, "9950"}},
                     "10100",
                     150,
                     "10100",
                     "1515000",
                     "-7500",
                     "0"}),
    CaseName{});

TEST(PositionFieldsTest, OfALongPositionThatWasPartlySold) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 10, "100", "1.25");
  fed.Buy(Future(), Product::kIntraday, 20, "103", "2.5");
  fed.Sell(Future(), Product::kIntraday, 12, "110.05", "0.33");
  const Position position = fed.At(Future(), Product::kIntraday);
  EXPECT_EQ(position.buy, (Tally{30, A("3060")}));
  EXPECT_EQ(position.sell, (Tally{12, A("1320.6")}));
  EXPECT_EQ(position.buy_price, D("102"));
  EXPECT_EQ(position.sell_price, D("110.05"));
  EXPECT_EQ(position.day_buy, position.buy);
  EXPECT_EQ(position.day_sell, position.sell);
  EXPECT_EQ(position.day_buy_price, D("102"));
  EXPECT_EQ(position.day_sell_price, D("110.05"));
  EXPECT_EQ(position.overnight_buy, Tally{});
  EXPECT_EQ(position.overnight_sell, Tally{});
  EXPECT_EQ(position.overnight_quantity(), 0);
  EXPECT_EQ(position.from_holdings, 0);
  EXPECT_EQ(position.charges, A("4.08"));
  EXPECT_EQ(position.realised, A("114.6"));  // 10 * 10.05 + 2 * 7.05
}

TEST(PositionFieldsTest, WhatNeverHappenedHasNoPrice) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 1, "100");
  const Position position = fed.At(Future(), Product::kIntraday);
  EXPECT_FALSE(position.sell_price);
  EXPECT_FALSE(position.day_sell_price);
  EXPECT_FALSE(position.last_price);
  EXPECT_FALSE(position.close_price);
}

TEST(PositionFieldsTest, WithoutALastPriceWhatIsOpenHasNoProfitAtAll) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 2, "100");
  fed.Sell(Future(), Product::kIntraday, 1, "101");
  const Position position = fed.At(Future(), Product::kIntraday);
  EXPECT_EQ(position.realised, A("1"));
  EXPECT_FALSE(position.unrealised);
  EXPECT_FALSE(position.pnl);
}

TEST(PositionFieldsTest, SquaredOffNeedsNoPriceAndStaysInTheList) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 2, "100");
  fed.Sell(Future(), Product::kIntraday, 2, "101");
  const Position position = fed.At(Future(), Product::kIntraday);
  EXPECT_EQ(position.quantity, 0);
  EXPECT_EQ(position.unrealised, Amount{});
  EXPECT_EQ(position.pnl, A("2"));
}

TEST(PositionFieldsTest, LastAndCloseAreShown) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 1, "100");
  const Quotes quotes{{Future().instrument_id, {.last = D("99"), .close = D("98")}}};
  const auto positions = fed.book.Positions(quotes);
  ASSERT_EQ(positions.size(), 1U);
  EXPECT_EQ(positions[0].last_price, D("99"));
  EXPECT_EQ(positions[0].close_price, D("98"));
}

TEST(PositionFieldsTest, AMultiplierCountsInMoneyAndNotInQuantityOrPrice) {
  FedBook fed;
  fed.Buy(Crude(), Product::kDelivery, 2, "5500");
  fed.Sell(Crude(), Product::kDelivery, 1, "5510");
  const Position position = fed.At(Crude(), Product::kDelivery, "5495");
  EXPECT_EQ(position.quantity, 1);
  EXPECT_EQ(position.average_price, D("5500"));
  EXPECT_EQ(position.buy_price, D("5500"));
  EXPECT_EQ(position.value, A("550000"));
  EXPECT_EQ(position.buy.value, A("1100000"));
  EXPECT_EQ(position.realised, A("1000"));
  EXPECT_EQ(position.unrealised, A("-500"));
}

TEST(PositionFieldsTest, TheLargestTradesThereMayBeAreExact) {
  FedBook fed;
  Contract largest = Crude();
  largest.multiplier = 100'000;
  fed.Buy(largest, Product::kDelivery, 1'000'000'000, "9000000000.000000001");
  fed.Buy(largest, Product::kDelivery, 1'000'000'000, "9000000000.000000001");
  fed.Sell(largest, Product::kDelivery, 1'000'000'000, "9000000000.000000002");
  const Position position = fed.At(largest, Product::kDelivery, "9000000000");
  EXPECT_EQ(position.realised, A("100000"));
  EXPECT_EQ(position.unrealised, A("-100000"));
  EXPECT_EQ(position.average_price, D("9000000000.000000001"));
  EXPECT_EQ(position.buy.value.ToString(), "1800000000000000000200000");
}

TEST(PositionFieldsTest, ProductsOfOneInstrumentAreApart) {
  FedBook fed;
  fed.Buy(Share(), Product::kDelivery, 10, "100");
  fed.Sell(Share(), Product::kIntraday, 10, "110");
  EXPECT_EQ(fed.At(Share(), Product::kDelivery).quantity, 10);
  EXPECT_EQ(fed.At(Share(), Product::kIntraday).quantity, -10);
  EXPECT_EQ(fed.book.realised(), Amount{});
}

TEST(MarkToMarketTest, AddsUpAndSubtractsCharges) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 2, "100", "1.11");
  fed.Sell(Future(), Product::kIntraday, 1, "103", "0.22");
  fed.Sell(Crude(), Product::kDelivery, 1, "5500", "20");
  const auto totals =
      MarkToMarket(fed.book.Positions({{Future().instrument_id, {.last = D("99")}},
                                       {Crude().instrument_id, {.last = D("5500.5")}}}));
  EXPECT_EQ(totals.realised, A("3"));
  EXPECT_EQ(totals.unrealised(), A("-51"));
  EXPECT_EQ(totals.gross(), A("-48"));
  EXPECT_EQ(totals.charges, A("21.33"));
  EXPECT_EQ(totals.net(), A("-69.33"));
  EXPECT_TRUE(totals.unpriced.empty());
}

TEST(MarkToMarketTest, NamesWhatHasNoPriceAndGivesNoTotalThatNeedsIt) {
  FedBook fed;
  fed.Buy(Future(), Product::kIntraday, 2, "100");
  fed.Sell(Crude(), Product::kDelivery, 3, "5500");
  const auto totals =
      MarkToMarket(fed.book.Positions({{Future().instrument_id, {.last = D("101")}}}));
  EXPECT_EQ(totals.priced_unrealised, A("2"));
  EXPECT_FALSE(totals.unrealised());
  EXPECT_FALSE(totals.gross());
  EXPECT_FALSE(totals.net());
  ASSERT_EQ(totals.unpriced.size(), 1U);
  EXPECT_EQ(totals.unpriced[0].contract.key, Crude().key);
  EXPECT_EQ(totals.unpriced[0].product, Product::kDelivery);
  EXPECT_EQ(totals.unpriced[0].quantity, -3);
}

TEST(MarkToMarketTest, OfAnEmptyBookIsZero) {
  const auto totals = MarkToMarket({});
  EXPECT_EQ(totals.net(), Amount{});
}

}  // namespace
}  // namespace sauda::orders::portfolio
