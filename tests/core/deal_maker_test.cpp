#include "services/orders/src/core/deal_maker.hpp"

#include <random>

#include <gtest/gtest.h>

#include "libs/charges/charges.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

Order OrderOf(const Instrument& instrument, Product product, Side side) {
  Order order{.request = BuyOneLot(), .terms = {.quantity = 1'000}};
  order.request.product = product;
  order.request.side = side;
  order.instrument_id = instrument.id;
  order.instrument_key = instrument.key;
  return order;
}

Execution Executed(std::string id, std::int64_t quantity, const char* price) {
  return {.trade_id = std::move(id),
          .broker_order_id = "b1",
          .quantity = quantity,
          .price = D(price),
          .market_ms = kMondayMs};
}

Instrument Listing(std::string segment, std::string type, std::string underlying_key = "",
                   std::string underlying = "") {
  return {.id = 9,
          .key = segment + "|9",
          .trading_symbol = "X",
          .segment = segment,
          .type = std::move(type),
          .underlying_key = std::move(underlying_key),
          .underlying_symbol = std::move(underlying)};
}

struct KindCase {
  std::string name;
  Instrument instrument;
  Product product = Product::kIntraday;
  std::optional<charges::Kind> kind;
};

class ChargeKind : public testing::TestWithParam<KindCase> {};

TEST_P(ChargeKind, IsThatOfTheInstrument) {
  EXPECT_EQ(ChargeKindOf(GetParam().instrument, GetParam().product), GetParam().kind);
}

using Charged = charges::Kind;
INSTANTIATE_TEST_SUITE_P(
    Instruments, ChargeKind,
    testing::Values(
        KindCase{"SharesWithinTheDay", Listing("NSE_EQ", "EQ"), Product::kIntraday,
                 Charged::kEquityIntraday},
        KindCase{"SharesForDelivery", Listing("BSE_EQ", "A"), Product::kDelivery,
                 Charged::kEquityDelivery},
        KindCase{"SharesOnMargin", Listing("NSE_EQ", "EQ"), Product::kMtf,
                 Charged::kEquityDelivery},
        KindCase{"IndexFuture", Listing("NSE_FO", "FUT", "NSE_INDEX|Nifty 50", "NIFTY"),
                 Product::kIntraday, Charged::kIndexFutures},
        KindCase{"IndexCall", Listing("NSE_FO", "CE", "NSE_INDEX|Nifty Bank", "BANKNIFTY"),
                 Product::kDelivery, Charged::kIndexOptions},
        KindCase{"StockFuture", Listing("NSE_FO", "FUT", "NSE_EQ|INE009A01021", "INFY"),
                 Product::kDelivery, Charged::kStockFutures},
        KindCase{"StockPut", Listing("NSE_FO", "PE", "NSE_EQ|INE009A01021", "INFY"),
                 Product::kIntraday, Charged::kStockOptions},
        KindCase{"SensexCall", Listing("BSE_FO", "CE", "BSE_INDEX|SENSEX", "SENSEX"),
                 Product::kIntraday, Charged::kIndexOptions},
        KindCase{"Sensex50PaysAsStocks", Listing("BSE_FO", "CE", "BSE_INDEX|SENSEX50", "SENSEX50"),
                 Product::kIntraday, Charged::kStockOptions},
        KindCase{"Dollars", Listing("NCD_FO", "FUT", "", "USDINR"), Product::kIntraday,
                 Charged::kCurrencyFutures},
        KindCase{"GoldCall", Listing("MCX_FO", "CE", "MCX_FO|1", "GOLD"), Product::kIntraday,
                 Charged::kCommodityOptions},
        KindCase{"FarmGoods", Listing("MCX_FO", "FUT", "", "COTTONOIL"), Product::kIntraday,
                 std::nullopt},
        KindCase{"GoldAtNse", Listing("NSE_COM", "FUT", "", "GOLD"), Product::kIntraday,
                 std::nullopt},
        KindCase{"DerivativeOfNoType", Listing("NSE_FO", ""), Product::kIntraday, std::nullopt},
        KindCase{"NoSegment", Listing("", "EQ"), Product::kDelivery, std::nullopt}),
    CaseName{});

TEST(MakeDealsTest, CarriesWhatTheOrderAndTheInstrumentSay) {
  const Order order = OrderOf(Future(), Product::kDelivery, Side::kSell);
  const auto deals = MakeDeals(order, Future(), {}, {Executed("t1", 75, "26000.05")});
  ASSERT_EQ(deals.size(), 1U);
  const portfolio::Trade& trade = deals.front().trade;
  EXPECT_TRUE(portfolio::CheckTrade(trade));
  EXPECT_EQ(trade.id, "t1");
  EXPECT_EQ(trade.order_id, "b1");
  EXPECT_EQ(trade.contract.instrument_id, 7);
  EXPECT_EQ(trade.contract.kind, portfolio::Kind::kFuture);
  EXPECT_EQ(trade.contract.segment, "NSE_FO");
  EXPECT_EQ(trade.side, Side::kSell);
  EXPECT_EQ(trade.product, Product::kDelivery);
  EXPECT_EQ(trade.price, D("26000.05"));
  EXPECT_EQ(trade.market_ms, kMondayMs);
  EXPECT_TRUE(deals.front().charged);
}

TEST(MakeDealsTest, TheBrokeragesLimitIsForTheOrderNotForEachTrade) {
  const Order order = OrderOf(Future(), Product::kIntraday, Side::kBuy);
  const auto deals =
      MakeDeals(order, Future(), {}, {Executed("t1", 75, "26000"), Executed("t2", 75, "26000")});
  // 0.05 % of 1950000 is over 20 rupees: the second trade pays no brokerage, nor GST on it.
  const Amount less = deals[0].trade.charges - deals[1].trade.charges;
  EXPECT_GT(less, *Amount::Parse("23.55"));  // 23.60, and paise of rounding
  EXPECT_LT(less, *Amount::Parse("23.65"));
}

/// Whatever the cuts, and whatever part the ledger has already, the trades of an order pay together
/// what the order costs.
TEST(MakeDealsTest, TradesPayTogetherWhatTheOrderCosts) {
  for (const unsigned seed : {1U, 7U, 20'251'215U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
    const Order order =
        OrderOf(Future(), Product::kIntraday, below(2) == 0 ? Side::kBuy : Side::kSell);
    std::vector<charges::Fill> fills;
    std::vector<KeptDeal> kept;
    Amount paid;
    for (int round = 0; round < 6; ++round) {
      std::vector<Execution> executions;
      for (int i = below(4); i >= 0; --i) {
        const std::int64_t quantity = 1 + below(300);
        const Decimal price = Decimal::FromNanos((100'000LL + below(100'000)) * 50'000'000);
        executions.push_back({.trade_id = std::to_string(fills.size()),
                              .quantity = quantity,
                              .price = price,
                              .market_ms = kMondayMs});
        fills.push_back({.price = price, .quantity = quantity});
      }
      for (const Deal& deal : MakeDeals(order, Future(), kept, executions)) {
        EXPECT_GE(deal.trade.charges, Amount{});
        paid += deal.trade.charges;
        kept.push_back(AsKept(order, deal, 0));
      }
    }
    const auto whole = charges::OrderCharges(
        {.kind = charges::Kind::kIndexFutures,
         .side = order.request.side == Side::kBuy ? charges::Side::kBuy : charges::Side::kSell,
         .day = 2025'12'15},
        fills);
    ASSERT_TRUE(whole);
    EXPECT_EQ(paid, whole->Total());
  }
}

TEST(MakeDealsTest, WhatTheScheduleDoesNotKnowIsNotCharged) {
  const Instrument cotton = Listing("MCX_FO", "FUT", "", "COTTONOIL");
  const auto deals = MakeDeals(OrderOf(cotton, Product::kIntraday, Side::kBuy), cotton, {},
                               {Executed("t1", 1, "60000")});
  EXPECT_FALSE(deals.front().charged);
  EXPECT_EQ(deals.front().trade.charges, Amount{});
  Execution old = Executed("t2", 75, "26000");
  old.market_ms = 1'700'000'000'000;  // November 2023, before the schedule begins
  EXPECT_FALSE(MakeDeals(OrderOf(Future(), Product::kIntraday, Side::kBuy), Future(), {}, {old})
                   .front()
                   .charged);
}

TEST(MakeDealsTest, AnOptionThatTradesAtNothingDoesNotSpoilTheOrder) {
  const Order order = OrderOf(Future(), Product::kIntraday, Side::kBuy);
  const auto deals =
      MakeDeals(order, Future(), {}, {Executed("t1", 75, "0"), Executed("t2", 75, "26000")});
  EXPECT_FALSE(deals[0].charged);
  EXPECT_TRUE(deals[1].charged);
}

TEST(MakeDealsTest, LotsAreChargedByWhatTheyHold) {
  Instrument gold = Listing("MCX_FO", "FUT", "MCX_FO|1", "GOLD");
  gold.multiplier = 100;
  const auto deals = MakeDeals(OrderOf(gold, Product::kIntraday, Side::kSell), gold, {},
                               {Executed("t1", 2, "120000")});
  const auto whole = charges::LineCharges({.exchange = charges::Exchange::kMcx,
                                           .kind = charges::Kind::kCommodityFutures,
                                           .side = charges::Side::kSell,
                                           .day = 2025'12'15},
                                          {.price = D("120000"), .quantity = 200});
  ASSERT_TRUE(whole);
  EXPECT_EQ(deals.front().trade.charges, whole->Total());
  EXPECT_EQ(deals.front().trade.contract.multiplier, 100);
}

TEST(MakeDealsTest, OfAForgottenInstrumentItsKeyTellsTheSegment) {
  Order order = OrderOf(Future(), Product::kDelivery, Side::kBuy);
  order.instrument_key = "NSE_EQ|INE009A01021";
  const Instrument bare = BareInstrument(order);
  const auto deals = MakeDeals(order, bare, {}, {Executed("t1", 1, "1500")});
  EXPECT_TRUE(portfolio::CheckTrade(deals.front().trade));
  EXPECT_EQ(deals.front().trade.contract.segment, "NSE_EQ");
}

}  // namespace
}  // namespace sauda::orders
