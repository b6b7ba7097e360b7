#include "services/orders/src/core/trade_reader.hpp"

#include <gtest/gtest.h>

#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;

class TradeReaderTest : public testing::Test, protected DeskFixture {
 protected:
  /// An order that the broker says is filled, without trades.
  Order Filled(const std::string& id, const std::string& number, std::int64_t filled = 75) {
    venue.answer = Accepted{.broker_order_ids = {number}};
    EXPECT_TRUE(desk.Place(BuyOneLot(id)));
    const auto kept =
        desk.Apply({"main", id}, BrokerRow{.broker_order_id = number,
                                           .status = filled == 75 ? "complete" : "open",
                                           .filled_quantity = filled});
    EXPECT_TRUE(kept);
    return *kept;
  }
  void Told(const std::string& number, const std::string& trade, std::int64_t quantity,
            Side side = Side::kBuy, std::int64_t market_ms = kMondayMs) {
    book.trades.push_back({.execution = {.trade_id = trade,
                                         .broker_order_id = number,
                                         .quantity = quantity,
                                         .price = D("26000"),
                                         .market_ms = market_ms},
                           .side = side});
  }
  Order Now(const std::string& id) { return *desk.Get({"", id}); }

  FakeBook book;
  std::vector<std::string> refused;
  TradeReader reader{
      {.account_id = "main",
       .desk = desk,
       .ledger = ledger,
       .book = book,
       .instruments = instruments,
       .clock = clock,
       .on_refused = [this](const Order&, const Error& why) { refused.push_back(why.reason); }}};
};

TEST_F(TradeReaderTest, TheBrokerIsNotAskedWhileNothingIsMissing) {
  const auto read = reader.Run();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->unconfirmed, 0);
  EXPECT_EQ(book.trade_reads, 0);
}

TEST_F(TradeReaderTest, AFillIsConfirmedByItsTrades) {
  EXPECT_FALSE(IsConfirmed(Filled("c1", "1")));
  Told("1", "t2", 25, Side::kBuy, kMondayMs + 1);
  Told("1", "t1", 50);
  Told("other", "t3", 75);
  const auto read = reader.Run();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->taken, 2);
  EXPECT_EQ(read->unconfirmed, 0);
  EXPECT_TRUE(IsConfirmed(Now("c1")));
  EXPECT_EQ(listener.seen.back().traded_quantity, 75);  // told in the stream
  const auto deals = DealsOfOrder(ledger, {"main", "c1"});
  ASSERT_EQ(deals->size(), 2U);
  EXPECT_EQ(deals->front().deal.trade.id, "t1");  // the oldest first
  EXPECT_TRUE(deals->front().deal.charged);
  ASSERT_TRUE(reader.Run());
  EXPECT_EQ(book.trade_reads, 1);  // nothing is missing any more
}

TEST_F(TradeReaderTest, WhatComesLaterIsAddedAndNothingIsTakenTwice) {
  Filled("c1", "1");
  EXPECT_EQ(reader.Run()->unconfirmed, 1);
  Told("1", "t1", 50);
  EXPECT_EQ(reader.Run()->unconfirmed, 1);
  EXPECT_EQ(reader.Run()->taken, 0);
  EXPECT_EQ(Now("c1").traded_quantity, 50);
  Told("1", "t2", 25);
  EXPECT_EQ(reader.Run()->unconfirmed, 0);
  EXPECT_EQ(Now("c1").traded_quantity, 75);
}

TEST_F(TradeReaderTest, OrdersPlacedElsewhereGetTheirTradesToo) {
  ASSERT_TRUE(desk.Learn({.broker_order_id = "9",
                          .status = "complete",
                          .filled_quantity = 75,
                          .terms = {.quantity = 75, .type = OrderType::kMarket},
                          .instrument_key = "NSE_FO|53001",
                          .side = Side::kSell,
                          .product = Product::kDelivery}));
  Told("9", "t1", 75, Side::kSell);
  ASSERT_TRUE(reader.Run());
  EXPECT_TRUE(IsConfirmed(Now("ext-9")));
  EXPECT_EQ(DealsOfOrder(ledger, {"main", "ext-9"})->front().deal.trade.product,
            Product::kDelivery);
}

TEST_F(TradeReaderTest, BothSidesOfATradeBetweenOurOrdersAreKept) {
  Filled("buy", "1");
  NewOrder sale = BuyOneLot("sell");
  sale.side = Side::kSell;
  venue.answer = Accepted{.broker_order_ids = {"2"}};
  ASSERT_TRUE(desk.Place(sale));
  ASSERT_TRUE(
      desk.Apply({"main", "sell"},
                 BrokerRow{.broker_order_id = "2", .status = "complete", .filled_quantity = 75}));
  Told("1", "t1", 75);
  Told("2", "t1", 75, Side::kSell);
  EXPECT_EQ(reader.Run()->taken, 2);
  EXPECT_TRUE(IsConfirmed(Now("sell")));
}

TEST_F(TradeReaderTest, MoreTradesThanWereOrderedAreRefusedAndTold) {
  Filled("c1", "1");
  Told("1", "t1", 76);
  EXPECT_EQ(reader.Run()->unconfirmed, 1);
  EXPECT_EQ(refused, (std::vector<std::string>{"TRADES_INCONSISTENT"}));
  EXPECT_EQ(Now("c1").traded_quantity, 0);
}

TEST_F(TradeReaderTest, AnotherDaysFillsAreNotAskedForForEver) {
  Filled("c1", "1");
  clock.Advance(std::chrono::hours{21});
  EXPECT_EQ(reader.Run()->unconfirmed, 0);
  EXPECT_EQ(book.trade_reads, 0);
}

TEST_F(TradeReaderTest, WhatIsAwayIsToldAndTheNextLookGoesOn) {
  Filled("c1", "1");
  Told("1", "t1", 75);
  book.down = true;
  EXPECT_EQ(reader.Run().error().reason, "BROKER_DOWN");
  book.down = false;
  instruments.down = true;
  EXPECT_EQ(reader.Run().error().reason, "INSTRUMENTS_DOWN");
  instruments.down = false;
  ledger.Break(1);
  EXPECT_EQ(reader.Run().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(reader.Run()->unconfirmed, 0);
}

}  // namespace
}  // namespace sauda::orders
