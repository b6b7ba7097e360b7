#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/conversion.hpp"
#include "services/orders/src/core/portfolio/mark_to_market.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

constexpr Product kIntraday = Product::kIntraday;
constexpr Product kDelivery = Product::kDelivery;
constexpr Product kMtf = Product::kMtf;
constexpr Side kBuy = Side::kBuy;
constexpr Side kSell = Side::kSell;

Conversion Of(const Contract& contract, Product from, Product to, Side side,
              std::int64_t quantity) {
  return {.instrument_id = contract.instrument_id,
          .from = from,
          .to = to,
          .side = side,
          .quantity = quantity};
}

/// On the 17th: 50 shares held and 20 of them sold, 30 long and funded since the 16th and 5 more
/// today, 40 short intraday; a future long 75 for delivery since the 16th.
FedBook Mixed() {
  FedBook fed(15);
  fed.Buy(Share(), kDelivery, 50, "100");
  fed.Begin(16);
  fed.Buy(Share(), kMtf, 30, "101");
  fed.Buy(Future(), kDelivery, 75, "26000");
  fed.Begin(17);
  fed.Buy(Share(), kMtf, 5, "102");
  fed.Sell(Share(), kDelivery, 20, "103");
  fed.Sell(Share(), kIntraday, 40, "104");
  return fed;
}

struct ConversionCase {
  std::string name;
  Conversion conversion;
  std::string reason;  // none: converted
};

class ConversionTest : public testing::TestWithParam<ConversionCase> {};

TEST_P(ConversionTest, GivesTheReasonAndNeverChangesTheTotal) {
  FedBook fed = Mixed();
  const Quotes quotes{{Share().instrument_id, {.last = D("107.35")}},
                      {Future().instrument_id, {.last = D("26011.05")}}};
  const auto worth = [&] {
    return *MarkToMarket(fed.book.Positions(quotes)).net() +
           *TotalsOf(fed.book.Holdings(quotes)).pnl();
  };
  const Amount before = worth();
  EXPECT_EQ(fed.Convert(GetParam().conversion), GetParam().reason);
  EXPECT_EQ(worth(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ConversionTest,
    testing::Values(
        ConversionCase{"None", Of(Share(), kMtf, kDelivery, kBuy, 0), "QUANTITY_NOT_POSITIVE"},
        ConversionCase{"Negative", Of(Share(), kMtf, kDelivery, kBuy, -1), "QUANTITY_NOT_POSITIVE"},
        ConversionCase{"SameProduct", Of(Share(), kMtf, kMtf, kBuy, 1), "CONVERT_NOT_ALLOWED"},
        ConversionCase{"ToNoProduct", Of(Share(), kMtf, Product::kUnknown, kBuy, 1),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"FromNoProduct", Of(Share(), Product::kUnknown, kMtf, kBuy, 1),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"UnknownInstrument", Of(Crude(), kIntraday, kDelivery, kBuy, 1),
                       "POSITION_UNKNOWN"},
        ConversionCase{"UnknownProduct", Of(Future(), kIntraday, kDelivery, kBuy, 1),
                       "POSITION_UNKNOWN"},
        ConversionCase{"TheOtherSide", Of(Share(), kMtf, kDelivery, kSell, 1), "POSITION_UNKNOWN"},
        ConversionCase{"NoSide", Of(Share(), kMtf, kDelivery, Side::kUnknown, 1),
                       "POSITION_UNKNOWN"},
        ConversionCase{"AHoldingIsNoPosition", Of(Share(), kDelivery, kIntraday, kBuy, 1),
                       "POSITION_UNKNOWN"},
        ConversionCase{"AllOfIt", Of(Share(), kMtf, kDelivery, kBuy, 35), ""},
        ConversionCase{"MoreThanIsOpen", Of(Share(), kMtf, kDelivery, kBuy, 36),
                       "QUANTITY_TOO_LARGE"},
        ConversionCase{"TheDaysSharesToIntraday", Of(Share(), kMtf, kIntraday, kBuy, 5), ""},
        ConversionCase{"CarriedSharesToIntraday", Of(Share(), kMtf, kIntraday, kBuy, 6),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"ACarriedFutureToIntraday", Of(Future(), kDelivery, kIntraday, kBuy, 75),
                       ""},
        ConversionCase{"AFutureToMargin", Of(Future(), kDelivery, kMtf, kBuy, 1),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"AShortToMargin", Of(Share(), kIntraday, kMtf, kSell, 1),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"AShortThatTheHoldingsDeliver", Of(Share(), kIntraday, kDelivery, kSell, 30),
                       ""},
        ConversionCase{"AShortThatNothingDelivers", Of(Share(), kIntraday, kDelivery, kSell, 31),
                       "CONVERT_NOT_ALLOWED"},
        ConversionCase{"ADeliverySaleToIntraday", Of(Share(), kDelivery, kIntraday, kSell, 20),
                       ""}),
    CaseName{});

TEST(ConvertTest, MovesTheOldestUnitsWithAllTheirFigures) {
  FedBook fed;
  fed.Buy(Share(), kIntraday, 10, "100");
  fed.Buy(Share(), kIntraday, 10, "110");
  fed.Sell(Share(), kIntraday, 4, "120");
  ASSERT_EQ(fed.Convert(Of(Share(), kIntraday, kDelivery, kBuy, 8)), "");
  const Position from = fed.At(Share(), kIntraday);
  EXPECT_EQ(from.quantity, 8);
  EXPECT_EQ(from.value, A("880"));
  EXPECT_EQ(from.day_buy, (Tally{12, A("1280")}));
  EXPECT_EQ(from.day_sell, (Tally{4, A("480")}));
  EXPECT_EQ(from.realised, A("80"));
  const Position to = fed.At(Share(), kDelivery);
  EXPECT_EQ(to.quantity, 8);
  EXPECT_EQ(to.value, A("820"));  // 6 at 100, 2 at 110
  EXPECT_EQ(to.day_buy, (Tally{8, A("820")}));
  EXPECT_EQ(to.average_price, D("102.5"));
  EXPECT_EQ(to.realised, Amount{});
}

TEST(ConvertTest, WhatBecameDeliveryIsHeldSinceItWasBought) {
  FedBook fed(15);
  fed.Buy(Share(), kMtf, 10, "100");
  fed.Begin(16);
  fed.Buy(Share(), kDelivery, 10, "110");
  fed.Begin(17);
  ASSERT_EQ(fed.Convert(Of(Share(), kMtf, kDelivery, kBuy, 10)), "");
  EXPECT_EQ(fed.At(Share(), kDelivery).overnight_quantity(), 10);
  EXPECT_EQ(fed.At(Share(), kDelivery).day_buy, Tally{});
  fed.Begin(18);
  fed.Sell(Share(), kDelivery, 10, "120");
  EXPECT_EQ(fed.book.realised(), A("200")) << "the older ones went first";
}

TEST(ConvertTest, ClosesWhatIsOpenThereOnTheOtherSide) {
  FedBook fed;
  fed.Sell(Future(), kDelivery, 5, "110");
  fed.Buy(Future(), kIntraday, 8, "100");
  ASSERT_EQ(fed.Convert(Of(Future(), kIntraday, kDelivery, kBuy, 8)), "");
  EXPECT_EQ(fed.At(Future(), kDelivery).quantity, 3);
  EXPECT_EQ(fed.At(Future(), kDelivery).realised, A("50"));
  EXPECT_EQ(fed.book.realised(), A("50"));
  ASSERT_EQ(fed.closed.size(), 1U);
  EXPECT_EQ(fed.closed[0].product, kDelivery);
  EXPECT_EQ(fed.closed[0].quantity, 5);
}

TEST(ConvertTest, WhatLeftEntirelyShowsOnlyItsCharges) {
  FedBook fed;
  fed.Buy(Future(), kIntraday, 8, "100", "1.5");
  fed.Buy(Crude(), kIntraday, 1, "5500");
  ASSERT_EQ(fed.Convert(Of(Future(), kIntraday, kDelivery, kBuy, 8)), "");
  ASSERT_EQ(fed.Convert(Of(Crude(), kIntraday, kDelivery, kBuy, 1)), "");
  const auto positions = fed.book.Positions({});
  ASSERT_EQ(positions.size(), 3U);
  EXPECT_EQ(positions[0].product, kIntraday);
  EXPECT_EQ(positions[0].quantity, 0);
  EXPECT_EQ(positions[0].buy, Tally{});
  EXPECT_EQ(MarkToMarket(positions).charges, A("1.5"));
}

}  // namespace
}  // namespace sauda::orders::portfolio
