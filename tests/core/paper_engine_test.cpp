#include "services/orders/src/core/paper_engine.hpp"

#include <gtest/gtest.h>

#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;

class FakeMarket final : public MarketData {
 public:
  void Follow(const std::string& key) override { followed.push_back(key); }
  void Release(const std::string& key) override { released.push_back(key); }
  Result<exchange::Depth> Latest(const std::string&) override {
    if (down) return Error{Code::kUnavailable, "FEED_DOWN", "the test took it away"};
    return depth;
  }
  std::optional<exchange::Depth> Newest(const std::string&) override {
    return down ? std::nullopt : std::optional{depth};
  }
  bool down = false;
  exchange::Depth depth;
  std::vector<std::string> followed, released;
};

/// Writes steps to the desk at once; stands still when told to.
class DirectSink final : public StepSink {
 public:
  bool HasRoom() const override { return room; }
  void Put(PaperStep step) override { steps.push_back(std::move(step)); }
  bool room = true;
  std::vector<PaperStep> steps;
};

class PaperEngineTest : public testing::Test, protected DeskFixture {
 protected:
  PaperEngineTest() {
    market_.depth = Depth("25999", "26000", 100);
    engine_.Open();
  }
  static exchange::Depth Depth(const char* bid, const char* ask, std::int64_t quantity) {
    return {.bids = {{D(bid), quantity}}, .asks = {{D(ask), quantity}}, .last_price = D(bid)};
  }
  Order Place(const NewOrder& order) {
    const auto placed = paper_.Place(order);
    EXPECT_TRUE(placed) << placed.error().message;
    return Written(order.client_order_id);
  }
  /// Brings the ledger up to the engine.
  Order Written(const std::string& id) {
    for (const PaperStep& step : std::exchange(sink_.steps, {})) {
      EXPECT_TRUE(paper_.Apply(step.name, step.row));
    }
    return *paper_.Get({"", id});
  }
  void Move(const char* bid, const char* ask, std::int64_t quantity) {
    market_.depth = Depth(bid, ask, quantity);
    engine_.OnMarket("NSE_FO|53001", market_.depth);
  }
  static NewOrder Buy(std::int64_t quantity, std::optional<Decimal> price,
                      Validity validity = Validity::kDay) {
    NewOrder order = BuyOneLot();
    order.quantity = quantity;
    order.price = price;
    order.type = price ? OrderType::kLimit : OrderType::kMarket;
    order.validity = validity;
    return order;
  }

  FakeMarket market_;
  DirectSink sink_;
  PaperEngine engine_{market_, sink_, market_clock};
  OrderDesk paper_{PartsWith(engine_)};
};

TEST_F(PaperEngineTest, AMarketOrderFillsAtTheMarket) {
  const Order order = Place(Buy(75, {}));
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("26000"));
  EXPECT_EQ(order.route, Route::kPaper);
  EXPECT_TRUE(order.simulated);
  EXPECT_EQ(market_.followed, market_.released);
}

TEST_F(PaperEngineTest, ALimitOrderRestsAndFillsInParts) {
  EXPECT_EQ(Place(Buy(150, D("25990"))).state, S::kOpen);
  Move("25980", "25990", 60);
  Order order = Written("c1");
  EXPECT_EQ(order.state, S::kOpen);
  EXPECT_EQ(order.filled_quantity, 60);
  Move("25979", "25989", 500);
  order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.filled_quantity, 150);
  EXPECT_EQ(order.average_price, D("25990"));
}

TEST_F(PaperEngineTest, ALimitThatReachesTheMarketFillsAtTheMarket) {
  Order order = Place(Buy(75, D("26100")));
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("26000"));
  market_.depth = Depth("25998", "25999", 100);  // not told yet
  NewOrder second = Buy(150, D("25999"));
  second.client_order_id = "c2";
  order = Place(second);
  EXPECT_EQ(order.filled_quantity, 100);
  EXPECT_EQ(order.average_price, D("25999"));
}

TEST_F(PaperEngineTest, AModifyThatReachesTheMarketFillsAtTheMarket) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  market_.depth = Depth("25994", "25995", 100);  // not told yet
  ASSERT_TRUE(paper_.Modify({"", "c1"}, {.price = D("26100")}));
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("25995"));
}

TEST_F(PaperEngineTest, WhatCameBeforeAnyDepthMeetsTheFirstAtItsPrice) {
  market_.down = true;
  ASSERT_EQ(Place(Buy(150, D("26100"))).state, S::kOpen);
  NewOrder second = Buy(75, D("25990"));
  second.client_order_id = "c2";
  ASSERT_EQ(Place(second).state, S::kOpen);
  Move("25999", "26000", 100);
  Order order = Written("c1");
  EXPECT_EQ(order.filled_quantity, 100);
  EXPECT_EQ(order.average_price, D("26000"));
  Move("25900", "25901", 500);  // now they rest, and the market comes to them
  order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("26033.333333333"));
  EXPECT_EQ(Written("c2").average_price, D("25990"));
}

TEST_F(PaperEngineTest, AModifyBeforeAnyDepthMeetsTheFirstAtItsPrice) {
  market_.down = true;
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  ASSERT_TRUE(paper_.Modify({"", "c1"}, {.price = D("26100")}));
  ASSERT_TRUE(paper_.Modify({"", "c1"}, {.quantity = 150}));
  Move("25999", "26000", 500);
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.filled_quantity, 150);
  EXPECT_EQ(order.average_price, D("26000"));
}

TEST_F(PaperEngineTest, WhatWasCancelledBeforeAnyDepthStaysSo) {
  market_.down = true;
  ASSERT_EQ(Place(Buy(75, D("26100"))).state, S::kOpen);
  ASSERT_TRUE(paper_.Cancel({"", "c1"}));
  Move("25999", "26000", 500);
  EXPECT_EQ(Written("c1").state, S::kCancelled);
}

TEST_F(PaperEngineTest, WhatTheMarketOfferedBeforeABreakIsGone) {
  ASSERT_EQ(Place(Buy(150, D("25990"))).state, S::kOpen);
  engine_.OnMarketLost();
  market_.down = true;
  NewOrder second = Buy(75, D("26100"));
  second.client_order_id = "c2";
  EXPECT_EQ(Place(second).filled_quantity, 0);
  NewOrder stop = BuyOneLot("c3");
  stop.type = OrderType::kStopLimit;
  stop.trigger = D("25000");
  stop.price = D("26200");
  EXPECT_EQ(Place(stop).state, S::kTriggerPending) << "the last price is gone too";
  Move("25999", "26000", 80);
  EXPECT_EQ(Written("c2").average_price, D("26000"));
  EXPECT_EQ(Written("c1").filled_quantity, 0);
}

TEST_F(PaperEngineTest, BeforeTheRestoringNothingIsSaidToBeOver) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  const Order order = Written("c1");
  PaperEngine again{market_, sink_, market_clock};
  EXPECT_EQ(again.Cancel(order).error().code, Code::kUnavailable);
  EXPECT_EQ(again.Modify(order, order.terms).error().code, Code::kUnavailable);
  again.Open();
  EXPECT_EQ(again.Cancel(order).error().reason, "BROKER_REFUSED");
}

TEST_F(PaperEngineTest, WhatWasTakenStaysTakenUntilTheMarketMoves) {
  market_.depth.sequence = 7;
  ASSERT_EQ(Place(Buy(75, {})).filled_quantity, 75);
  NewOrder second = Buy(75, {}, Validity::kIoc);
  second.client_order_id = "c2";
  EXPECT_EQ(Place(second).filled_quantity, 25);
  market_.depth.sequence = 8;
  second.client_order_id = "c3";
  EXPECT_EQ(Place(second).filled_quantity, 75);
  EXPECT_EQ(market_.followed, market_.released);
}

TEST_F(PaperEngineTest, TheRestOfAnIocOrderIsCancelled) {
  const Order order = Place(Buy(150, D("26000"), Validity::kIoc));
  EXPECT_EQ(order.state, S::kCancelled);
  EXPECT_EQ(order.filled_quantity, 100);
}

TEST_F(PaperEngineTest, AStopWaitsForItsTrigger) {
  NewOrder stop = BuyOneLot();
  stop.type = OrderType::kStopLimit;
  stop.trigger = D("26010");
  stop.price = D("26015");
  EXPECT_EQ(Place(stop).state, S::kTriggerPending);
  Move("26009", "26010", 100);
  EXPECT_EQ(Written("c1").state, S::kTriggerPending);
  Move("26010", "26011", 100);
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("26011"));
}

TEST_F(PaperEngineTest, WithoutAFeedPricesAreNotGuessed) {
  market_.down = true;
  EXPECT_EQ(paper_.Place(Buy(75, {})).error().reason, "FEED_DOWN");
  EXPECT_EQ(paper_.Place(Buy(75, D("26000"), Validity::kIoc)).error().reason, "FEED_DOWN");
  EXPECT_EQ(ledger.Find({"main", "c1"}).error().reason, "ORDER_UNKNOWN");
  EXPECT_EQ(Place(Buy(75, D("26000"))).state, S::kOpen) << "an order with a price of its own rests";
}

TEST_F(PaperEngineTest, ModifiesAndCancels) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  ASSERT_TRUE(paper_.Modify({"", "c1"}, {.quantity = 150, .price = D("25995")}));
  Order order = Written("c1");
  EXPECT_EQ(order.terms.price, D("25995"));
  EXPECT_EQ(order.terms.quantity, 150);
  EXPECT_EQ(order.state, S::kOpen);
  ASSERT_TRUE(paper_.Cancel({"", "c1"}));
  EXPECT_EQ(Written("c1").state, S::kCancelled);
  EXPECT_EQ(market_.released.size(), 1U);
}

TEST_F(PaperEngineTest, WhatRestsSurvivesARestart) {
  ASSERT_EQ(Place(Buy(150, D("25990"))).state, S::kOpen);
  Move("25980", "25990", 60);
  ASSERT_EQ(Written("c1").filled_quantity, 60);

  PaperEngine again{market_, sink_, market_clock};
  EXPECT_EQ(again.CheckReady().error().reason, "NOT_RECONCILED");
  const auto resting = ledger.Unsettled({"main", Route::kPaper, true});
  ASSERT_TRUE(resting);
  for (const Order& order : *resting) {
    again.Restore(order, D("0.05"));
  }
  again.Open();
  EXPECT_TRUE(again.CheckReady());
  EXPECT_EQ(Written("c1").filled_quantity, 60);
  again.OnMarket("NSE_FO|53001", Depth("25970", "25980", 500));
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.filled_quantity, 150);
  EXPECT_EQ(order.average_price, D("25990"));
}

TEST_F(PaperEngineTest, StandsStillWhileNothingCanBeWritten) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  sink_.room = false;
  Move("25980", "25985", 100);
  EXPECT_TRUE(sink_.steps.empty());
  EXPECT_EQ(paper_.Cancel({"", "c1"}).error().reason, "BROKER_UNREACHABLE");
  auto other = Buy(75, D("25990"));
  other.client_order_id = "c2";
  EXPECT_EQ(paper_.Place(other)->state, S::kNotSent);
  sink_.room = true;
  Move("25980", "25985", 100);
  EXPECT_EQ(Written("c1").state, S::kFilled);
}

TEST_F(PaperEngineTest, DayOrdersEndWithTheirDay) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  engine_.EndOldDays();
  EXPECT_EQ(Written("c1").state, S::kOpen);
  clock.Advance(std::chrono::hours{15});
  engine_.EndOldDays();
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kCancelled);
  EXPECT_EQ(order.message, "the day of a DAY order is over");
}

TEST_F(PaperEngineTest, NoDayEndsBeforeTheBrokerSaysWhatDayItIs) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  MarketClock replay{clock, MarketClock::Source::kBroker};
  PaperEngine again{market_, sink_, replay, MarketClock::Source::kBroker};
  again.Restore(Written("c1"), D("0.05"));
  again.Open();
  clock.Advance(std::chrono::hours{48});
  again.EndOldDays();
  EXPECT_EQ(Written("c1").state, S::kOpen);
  replay.Observe(Written("c1").market_ms + 1'000);
  again.EndOldDays();
  EXPECT_EQ(Written("c1").state, S::kOpen) << "it is the same day there";
  replay.Observe(Written("c1").market_ms + 24LL * 3'600'000);
  again.EndOldDays();
  EXPECT_EQ(Written("c1").state, S::kCancelled);
}

TEST_F(PaperEngineTest, WhatWaitsForItsSessionSurvivesARestart) {
  engine_.OnSegment("NSE_FO", false);
  ASSERT_EQ(Place(Buy(75, {})).state, S::kPending);
  PaperEngine again{market_, sink_, market_clock};
  again.Restore(Written("c1"), D("0.05"));
  again.Open();
  again.OnSegment("NSE_FO", false);
  EXPECT_EQ(Written("c1").state, S::kPending);
  again.OnSegment("NSE_FO", true);
  EXPECT_EQ(Written("c1").state, S::kFilled);
}

TEST_F(PaperEngineTest, AMarketOrderThatWaitedForItsSessionWaitsForAPriceToo) {
  market_.down = true;
  engine_.OnSegment("NSE_FO", false);
  ASSERT_EQ(Place(Buy(75, {})).state, S::kPending);
  engine_.OnSegment("NSE_FO", true);
  EXPECT_EQ(Written("c1").state, S::kPending);
  market_.down = false;
  engine_.OnSegment("NSE_FO", true);
  const Order order = Written("c1");
  EXPECT_EQ(order.state, S::kFilled);
  EXPECT_EQ(order.average_price, D("26000"));
}

TEST_F(PaperEngineTest, ASessionEndsWhenThereIsRoomToWriteIt) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  sink_.room = false;
  engine_.OnSegment("NSE_FO", false);
  EXPECT_EQ(Written("c1").state, S::kOpen);
  sink_.room = true;
  engine_.OnSegment("NSE_FO", false);
  EXPECT_EQ(Written("c1").state, S::kCancelled);
  EXPECT_EQ(market_.followed, market_.released);
}

TEST_F(PaperEngineTest, AnotherSegmentsSessionIsNotItsOwn) {
  ASSERT_EQ(Place(Buy(75, D("25990"))).state, S::kOpen);
  engine_.OnSegment("NSE_EQ", false);
  EXPECT_EQ(Written("c1").state, S::kOpen);
}

}  // namespace
}  // namespace sauda::orders
