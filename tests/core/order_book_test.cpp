#include "libs/exchange/order_book.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda::exchange {
namespace {

Decimal Rupees(const std::string& text) { return Decimal::Parse(text).value(); }

/// "1 trade 10@100.05" and the like: what a test compares.
std::string Describe(const BookEvent& event) {
  using Kind = BookEvent::Kind;
  const std::string id = std::to_string(event.order);
  switch (event.kind) {
    case Kind::kTriggerPending:
      return id + " waits";
    case Kind::kTriggered:
      return id + " triggered";
    case Kind::kOpen:
      return id + " open";
    case Kind::kTrade:
      return id + " trade " + std::to_string(event.quantity) + "@" + event.price.ToString() +
             (event.counter == kMarketSide ? "" : " with " + std::to_string(event.counter));
    case Kind::kModified:
      return id + " modified";
    case Kind::kCancelled:
      return id + " cancelled " + std::to_string(event.quantity);
    case Kind::kRejected:
      return id + " rejected";
  }
  return "unknown";
}

std::vector<std::string> Describe(const std::vector<BookEvent>& events) {
  std::vector<std::string> texts;
  for (const BookEvent& event : events) texts.push_back(Describe(event));
  return texts;
}

OrderTerms Limit(Side side, std::int64_t quantity, const std::string& price,
                 Validity validity = Validity::kDay) {
  return {.side = side, .validity = validity, .quantity = quantity, .price = Rupees(price)};
}

OrderTerms Market(Side side, std::int64_t quantity, std::optional<std::int32_t> protection,
                  Validity validity = Validity::kDay) {
  return {.side = side,
          .type = OrderType::kMarket,
          .validity = validity,
          .quantity = quantity,
          .protection_percent = protection};
}

OrderTerms Stop(Side side, std::int64_t quantity, const std::string& trigger,
                const std::string& price) {
  return {.side = side,
          .type = OrderType::kStop,
          .quantity = quantity,
          .price = Rupees(price),
          .trigger = Rupees(trigger)};
}

OrderTerms StopMarket(Side side, std::int64_t quantity, const std::string& trigger) {
  return {.side = side,
          .type = OrderType::kStopMarket,
          .quantity = quantity,
          .trigger = Rupees(trigger),
          .protection_percent = 3};
}

/// Bids 99.95 x 50, 99.90 x 100; asks 100.05 x 50, 100.10 x 100; last 100.
Depth Around100() {
  return {.bids = {{Rupees("99.95"), 50}, {Rupees("99.9"), 100}},
          .asks = {{Rupees("100.05"), 50}, {Rupees("100.1"), 100}},
          .last_price = Rupees("100")};
}

struct Case {
  std::string name;
  OrderTerms terms;
  std::vector<std::string> events;
};

class NewOrderTest : public testing::TestWithParam<Case> {};

TEST_P(NewOrderTest, MeetsTheMarket) {
  OrderBook book{Rupees("0.05")};
  std::vector<BookEvent> events;
  book.OnMarket(Around100(), events);
  book.Submit(1, GetParam().terms, events);
  EXPECT_EQ(Describe(events), GetParam().events);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, NewOrderTest,
    testing::Values(
        Case{"LimitBelowTheAskRests", Limit(Side::kBuy, 10, "100"), {"1 open"}},
        Case{
            "LimitAtTheAskTakes", Limit(Side::kBuy, 10, "100.05"), {"1 open", "1 trade 10@100.05"}},
        Case{"LimitTakesTheBetterPriceFirst",
             Limit(Side::kBuy, 70, "100.1"),
             {"1 open", "1 trade 50@100.05", "1 trade 20@100.1"}},
        Case{"LimitRestsWithItsRest",
             Limit(Side::kSell, 60, "99.95"),
             {"1 open", "1 trade 50@99.95"}},
        Case{"IocRestIsCancelled",
             Limit(Side::kSell, 60, "99.95", Validity::kIoc),
             {"1 open", "1 trade 50@99.95", "1 cancelled 10"}},
        Case{"IocWithoutCounterpartIsCancelled",
             Limit(Side::kSell, 60, "100", Validity::kIoc),
             {"1 open", "1 cancelled 60"}},
        Case{"MarketSweepsWithinItsProtection",
             Market(Side::kBuy, 200, 3),
             {"1 open", "1 trade 50@100.05", "1 trade 100@100.1"}},
        Case{"MarketWithoutProtectionCancelsItsRest",
             Market(Side::kBuy, 200, {}),
             {"1 open", "1 trade 50@100.05", "1 trade 100@100.1", "1 cancelled 50"}},
        Case{"StopBelowItsTriggerWaits", Stop(Side::kBuy, 10, "100.05", "100.1"), {"1 waits"}},
        Case{"StopAtItsTriggerFiresAtOnce",
             Stop(Side::kBuy, 10, "100", "100.1"),
             {"1 waits", "1 triggered", "1 open", "1 trade 10@100.05"}},
        Case{"SellStopAboveItsTriggerWaits", Stop(Side::kSell, 10, "99.95", "99.9"), {"1 waits"}},
        Case{"StopMarketFires",
             StopMarket(Side::kSell, 10, "100"),
             {"1 waits", "1 triggered", "1 open", "1 trade 10@99.95"}}),
    CaseName{});

class OrderBookTest : public testing::Test {
 protected:
  OrderBookTest() { book_.OnMarket(Around100(), ignored_); }

  std::vector<std::string> Submit(OrderId id, const OrderTerms& terms) {
    std::vector<BookEvent> events;
    book_.Submit(id, terms, events);
    return Describe(events);
  }
  std::vector<std::string> OnMarket(const Depth& depth) {
    std::vector<BookEvent> events;
    book_.OnMarket(depth, events);
    return Describe(events);
  }

  OrderBook book_{Rupees("0.05")};
  std::vector<BookEvent> ignored_;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(OrderBookTest, MarketOrderWithoutALastPriceIsRejected) {
  OrderBook fresh{Rupees("0.05")};
  std::vector<BookEvent> events;
  fresh.Submit(1, Market(Side::kBuy, 1, 3), events);
  EXPECT_THAT(Describe(events), ElementsAre("1 rejected"));
  EXPECT_TRUE(fresh.empty());
}

TEST_F(OrderBookTest, ProtectedRestWaitsAtThePriceRoundedTowardsTheLast) {
  Depth depth = Around100();
  depth.last_price = Rupees("100.05");  // 3 % up is 103.0515, in ticks 103.05
  OnMarket(depth);
  Submit(1, Market(Side::kBuy, 200, 3));
  EXPECT_EQ(book_.best_bid(), Rupees("103.05"));
  EXPECT_EQ(book_.remaining(1), 50);
}

TEST_F(OrderBookTest, OlderOrderAtAPriceFillsFirst) {
  Submit(1, Limit(Side::kSell, 10, "100"));
  Submit(2, Limit(Side::kSell, 10, "100"));
  EXPECT_THAT(Submit(3, Limit(Side::kBuy, 15, "100")),
              ElementsAre("3 open", "3 trade 10@100 with 1", "1 trade 10@100 with 3",
                          "3 trade 5@100 with 2", "2 trade 5@100 with 3"));
}

TEST_F(OrderBookTest, MarketsQuantityStandsBeforeOursAtOnePrice) {
  Submit(1, Limit(Side::kSell, 10, "100.05"));
  EXPECT_THAT(Submit(2, Limit(Side::kBuy, 55, "100.05")),
              ElementsAre("2 open", "2 trade 50@100.05", "2 trade 5@100.05 with 1",
                          "1 trade 5@100.05 with 2"));
}

TEST_F(OrderBookTest, UsedUpQuantityStaysUsedUntilTheMarketMoves) {
  Depth depth = Around100();
  depth.sequence = 7;
  OnMarket(depth);
  Submit(1, Limit(Side::kBuy, 50, "100.05"));
  OnMarket(depth);  // the same update again
  EXPECT_THAT(Submit(2, Limit(Side::kBuy, 10, "100.05")), ElementsAre("2 open"));
  depth.sequence = 8;
  EXPECT_THAT(OnMarket(depth), ElementsAre("2 trade 10@100.05"));
}

TEST_F(OrderBookTest, TheSameLevelsBringALastPriceAndNoQuantity) {
  Depth depth = Around100();
  depth.sequence = 7;
  OnMarket(depth);
  Submit(1, Limit(Side::kBuy, 50, "100.05"));
  OrderTerms stop = Limit(Side::kBuy, 10, "100.05");
  stop.type = OrderType::kStop;
  stop.trigger = Rupees("100.5");
  Submit(2, stop);
  depth.last_price = Rupees("100.5");
  EXPECT_THAT(OnMarket(depth), ElementsAre("2 triggered", "2 open"));
}

TEST_F(OrderBookTest, MarketComingToARestingOrderTradesAtItsPrice) {
  Submit(1, Limit(Side::kBuy, 30, "100"));
  Depth lower = Around100();
  lower.asks = {{Rupees("99.9"), 20}, {Rupees("100"), 20}};
  lower.bids.clear();
  EXPECT_THAT(OnMarket(lower), ElementsAre("1 trade 20@100", "1 trade 10@100"));
  EXPECT_TRUE(book_.empty());
}

TEST_F(OrderBookTest, StopsFireInTheOrderInWhichTheyCame) {
  Submit(1, Stop(Side::kBuy, 30, "100.05", "100.05"));
  Submit(2, Stop(Side::kBuy, 30, "100.05", "100.05"));
  Depth up = Around100();
  up.last_price = Rupees("100.05");
  EXPECT_THAT(OnMarket(up), ElementsAre("1 triggered", "1 open", "1 trade 30@100.05", "2 triggered",
                                        "2 open", "2 trade 20@100.05"));
}

TEST_F(OrderBookTest, LowerQuantityKeepsItsPlace) {
  Submit(1, Limit(Side::kSell, 10, "100"));
  Submit(2, Limit(Side::kSell, 10, "100"));
  ASSERT_TRUE(book_.Modify(1, Limit(Side::kSell, 5, "100"), ignored_));
  EXPECT_THAT(Submit(3, Limit(Side::kBuy, 5, "100")),
              ElementsAre("3 open", "3 trade 5@100 with 1", "1 trade 5@100 with 3"));
}

TEST_F(OrderBookTest, HigherQuantityLosesItsPlace) {
  Submit(1, Limit(Side::kSell, 10, "100"));
  Submit(2, Limit(Side::kSell, 10, "100"));
  ASSERT_TRUE(book_.Modify(1, Limit(Side::kSell, 11, "100"), ignored_));
  EXPECT_THAT(Submit(3, Limit(Side::kBuy, 5, "100")),
              ElementsAre("3 open", "3 trade 5@100 with 2", "2 trade 5@100 with 3"));
}

TEST_F(OrderBookTest, NewPriceMayTradeAtOnce) {
  Submit(1, Limit(Side::kBuy, 10, "99"));
  std::vector<BookEvent> events;
  ASSERT_TRUE(book_.Modify(1, Limit(Side::kBuy, 10, "100.05"), events));
  EXPECT_THAT(Describe(events), ElementsAre("1 modified", "1 trade 10@100.05"));
}

TEST_F(OrderBookTest, StopBecomesLimitByModification) {
  Submit(1, Stop(Side::kBuy, 10, "101", "101"));
  std::vector<BookEvent> events;
  ASSERT_TRUE(book_.Modify(1, Limit(Side::kBuy, 10, "99"), events));
  EXPECT_THAT(Describe(events), ElementsAre("1 modified"));
  EXPECT_EQ(book_.remaining(1), 10);
}

TEST_F(OrderBookTest, RefusesWhatItCannotModifyOrCancel) {
  Submit(1, Limit(Side::kBuy, 60, "100.05"));  // 50 filled
  EXPECT_EQ(book_.Modify(1, Limit(Side::kBuy, 50, "100"), ignored_).error().reason,
            "QUANTITY_BELOW_FILLED");
  EXPECT_EQ(book_.Modify(1, Limit(Side::kSell, 70, "100"), ignored_).error().reason, "SIDE_FIXED");
  EXPECT_EQ(book_.Modify(9, Limit(Side::kBuy, 70, "100"), ignored_).error().reason,
            "ORDER_NOT_IN_BOOK");
  EXPECT_EQ(book_.Cancel(9, ignored_).error().reason, "ORDER_NOT_IN_BOOK");
  EXPECT_EQ(book_.remaining(1), 10);
}

TEST_F(OrderBookTest, CancelTakesTheRestOut) {
  Submit(1, Limit(Side::kBuy, 60, "100.05"));
  std::vector<BookEvent> events;
  ASSERT_TRUE(book_.Cancel(1, events));
  EXPECT_THAT(Describe(events), ElementsAre("1 cancelled 10"));
  EXPECT_TRUE(book_.empty());
}

TEST_F(OrderBookTest, LevelsWithoutPriceOrQuantityAreSkipped) {
  Depth holes;
  holes.asks = {{Rupees("0"), 10}, {Rupees("100"), 0}, {Rupees("100.2"), 5}};
  EXPECT_THAT(OnMarket(holes), IsEmpty());
  EXPECT_EQ(book_.best_ask(), Rupees("100.2"));
  EXPECT_EQ(book_.best_bid(), std::nullopt);
}

}  // namespace
}  // namespace sauda::exchange
