#include "services/orders/src/core/order_desk.hpp"

#include <atomic>
#include <condition_variable>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;
using What = Watchman::What;

class OrderDeskTest : public testing::Test, protected DeskFixture {};

TEST_F(OrderDeskTest, CommitsTheIntentBeforeAnythingLeaves) {
  S state_when_sent = S::kNone;
  venue.before_answer = [&](const Order& order) {
    state_when_sent = ledger.Find(NameOf(order))->state;
  };
  const auto placed = desk.Place(BuyOneLot());
  ASSERT_TRUE(placed) << placed.error().message;
  EXPECT_EQ(state_when_sent, S::kIntent);
  EXPECT_EQ(placed->state, S::kPending);
  EXPECT_EQ(placed->broker_order_ids, std::vector<std::string>{"2512150001"});
  EXPECT_EQ(placed->instrument_id, 7);
  EXPECT_EQ(placed->trading_symbol, "NIFTY FUT 30 DEC 25");
  EXPECT_EQ(venue.placed.at(0).tag, "tag-1");
  ASSERT_EQ(listener.seen.size(), 2U);
  EXPECT_EQ(listener.seen[0].state, S::kIntent);
  EXPECT_EQ(listener.seen[1].state, S::kPending);
}

TEST_F(OrderDeskTest, TheSameOrderAgainGetsTheFirstAnswer) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  const auto again = desk.Place(BuyOneLot());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->version, 2);
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, ARepeatIsAnsweredEvenWhenItWouldBeRefusedByNow) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  instruments.down = true;
  EXPECT_TRUE(desk.Place(BuyOneLot()));
  instruments.down = false;
  venue.ready = Error{Code::kUnavailable, "TOKEN_MISSING", "log in"};
  EXPECT_TRUE(desk.Place(BuyOneLot()));
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, TheSameIdWithAnotherBodyIsRefused) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  auto other = BuyOneLot();
  other.quantity = 150;
  EXPECT_EQ(desk.Place(other).error().reason, "CLIENT_ORDER_ID_REUSED");
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, WhatIsRefusedLeavesNoTrace) {
  auto order = BuyOneLot();
  order.quantity = 1;
  EXPECT_EQ(desk.Place(order).error().reason, "QUANTITY_NOT_IN_LOTS");
  order.instrument = "NSE_EQ|NOBODY";
  EXPECT_EQ(desk.Place(order).error().reason, "INSTRUMENT_UNKNOWN");
  order = BuyOneLot();
  order.account_id = "other";
  EXPECT_EQ(desk.Place(order).error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_TRUE(venue.placed.empty());
  EXPECT_EQ(ledger.Find({"main", "c1"}).error().reason, "ORDER_UNKNOWN");
}

TEST_F(OrderDeskTest, WithoutADatabaseNothingIsSent) {
  ledger.Break(-1);
  const auto placed = desk.Place(BuyOneLot());
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, Code::kUnavailable);
  EXPECT_EQ(placed.error().reason, "DATABASE_DOWN");
  EXPECT_TRUE(venue.placed.empty());
}

TEST_F(OrderDeskTest, ACommitInDoubtIsRepeatedAndSentOnce) {
  ledger.Break(1, "COMMIT_IN_DOUBT");
  const auto placed = desk.Place(BuyOneLot());
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->state, S::kPending);
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, EveryEndOfTheSendingHasItsState) {
  venue.answer = Refused{"UDAPI1052", "quantity zero"};
  const auto refused = desk.Place(BuyOneLot("r"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->state, S::kRejected);
  EXPECT_EQ(refused->reason, "UDAPI1052");
  venue.answer = NotSent{"BROKER_UNREACHABLE", "connection refused"};
  EXPECT_EQ(desk.Place(BuyOneLot("n"))->state, S::kNotSent);
  venue.answer = Lost{"TIMEOUT", "no answer in 10 s"};
  EXPECT_EQ(desk.Place(BuyOneLot("l"))->state, S::kUnknown);
  EXPECT_EQ(desk.Place(BuyOneLot("l"))->state, S::kUnknown) << "a repeat is not sent again";
  EXPECT_EQ(venue.placed.size(), 3U);
  EXPECT_EQ(watchman.Count(What::kUnknown), 1U);
}

TEST_F(OrderDeskTest, ForACallerWhoHasGivenUpNothingIsSent) {
  EXPECT_EQ(desk.Place(BuyOneLot("a"), [] { return false; }).error().reason, "CALLER_GONE");
  EXPECT_EQ(desk.Get({"", "a"}).error().reason, "ORDER_UNKNOWN");
  const auto gone = desk.Place(BuyOneLot("b"), [this] { return !ledger.Find({"main", "b"}); });
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(gone->state, S::kNotSent) << "it went away while the intent was committed";
  EXPECT_EQ(gone->reason, "CALLER_GONE");
  EXPECT_TRUE(venue.placed.empty());
  EXPECT_EQ(desk.Place(BuyOneLot("c"), [] { return true; })->state, S::kPending);
}

TEST_F(OrderDeskTest, ADatabaseLostWhileSendingSaysThatItWasSent) {
  venue.before_answer = [&](const Order&) { ledger.Break(-1); };
  const auto placed = desk.Place(BuyOneLot());
  EXPECT_EQ(placed.error().reason, "OUTCOME_UNRECORDED");
  EXPECT_EQ(watchman.Count(What::kUnrecorded), 1U);
  ledger.Break(0);
  venue.before_answer = nullptr;
  EXPECT_EQ(desk.Place(BuyOneLot())->state, S::kIntent) << "a repeat is not sent again";
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, TheSecondOfTwoAtOnceIsToldSo) {
  std::atomic<bool> sending{false};
  std::atomic<bool> go_on{false};
  venue.before_answer = [&](const Order&) {
    sending = true;
    go_on.wait(false);
  };
  std::thread first{[&] { EXPECT_TRUE(desk.Place(BuyOneLot())); }};
  while (!sending) std::this_thread::yield();
  EXPECT_TRUE(desk.IsUnderWay("c1"));
  EXPECT_EQ(desk.Place(BuyOneLot()).error().reason, "ORDER_UNDER_WAY");
  go_on = true;
  go_on.notify_all();
  first.join();
  EXPECT_FALSE(desk.IsUnderWay("c1"));
  EXPECT_TRUE(desk.Place(BuyOneLot()));
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderDeskTest, AStreamFasterThanTheAnswerWins) {
  venue.before_answer = [&](const Order& order) {
    EXPECT_TRUE(desk.Learn({.broker_order_id = "2512150001",
                            .tag = order.tag,
                            .status = "complete",
                            .filled_quantity = 75,
                            .average_price = D("25999.95")}));
  };
  const auto placed = desk.Place(BuyOneLot());
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->state, S::kFilled);
  EXPECT_EQ(placed->average_price, D("25999.95"));
}

TEST_F(OrderDeskTest, ChecksStandBetweenValidationAndLedger) {
  struct Refuser final : OrderCheck {
    Result<void> Check(const NewOrder&, const Instrument&) override {
      return Error{Code::kFailedPrecondition, "LIMIT_REACHED", "no more today"};
    }
  } refuser;
  auto parts = PartsWith(venue);
  parts.checks = {&refuser};
  OrderDesk guarded{parts};
  EXPECT_EQ(guarded.Place(BuyOneLot()).error().reason, "LIMIT_REACHED");
  EXPECT_TRUE(venue.placed.empty());
}

TEST_F(OrderDeskTest, ModifiesWhatRestsAndKeepsEveryStep) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  const auto modified = desk.Modify({"", "c1"}, {.quantity = 150, .price = D("25990")});
  ASSERT_TRUE(modified) << modified.error().message;
  ASSERT_EQ(venue.modified.size(), 1U);
  EXPECT_EQ(venue.modified[0].second.price, D("25990"));
  EXPECT_EQ(venue.modified[0].second.quantity, 150);
  EXPECT_EQ(desk.Modify({"", "c1"}, {.price = D("25990.01")}).error().reason, "PRICE_OFF_TICK");
  EXPECT_EQ(desk.Modify({"", "c1"}, {}).error().reason, "NOTHING_TO_CHANGE");
  EXPECT_EQ(desk.Modify({"", "c9"}, {}).error().reason, "ORDER_UNKNOWN");
  std::vector<std::string> kinds;
  const auto history = ledger.History({"main", "c1"});
  ASSERT_TRUE(history);
  for (const auto& event : *history) kinds.push_back(event.kind);
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"INTENT", "ACCEPTED", "MODIFY_ASKED", "MODIFY_ACCEPTED"}));
}

TEST_F(OrderDeskTest, TellsWhatBecameOfACancel) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  venue.cancel_answer = Error{Code::kFailedPrecondition, "BROKER_REFUSED", "UDAPI100040"};
  EXPECT_EQ(desk.Cancel({"", "c1"}).error().reason, "BROKER_REFUSED");
  venue.cancel_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  EXPECT_EQ(desk.Cancel({"", "c1"}).error().reason, "CANCEL_UNSETTLED");
  venue.cancel_answer = {};
  EXPECT_TRUE(desk.Cancel({"", "c1"}));
  ASSERT_TRUE(desk.Learn({.broker_order_id = "2512150001", .status = "cancelled"}));
  EXPECT_EQ(desk.Cancel({"", "c1"}).error().reason, "ORDER_NOT_OPEN");
  EXPECT_EQ(venue.cancelled.size(), 3U);
}

TEST_F(OrderDeskTest, AnOrderOfUnknownFateIsNeitherModifiedNorCancelled) {
  venue.answer = Lost{"TIMEOUT", "no answer"};
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  EXPECT_EQ(desk.Cancel({"", "c1"}).error().reason, "ORDER_STATE_UNKNOWN");
  EXPECT_EQ(desk.Modify({"", "c1"}, {.price = D("1")}).error().reason, "ORDER_STATE_UNKNOWN");
  EXPECT_TRUE(venue.cancelled.empty());
}

TEST_F(OrderDeskTest, OrdersOfASimulatorNeverMeetTheRealBroker) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  BrokerRow row{.broker_order_id = "2512150001",
                .status = "complete",
                .filled_quantity = 75,
                .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")},
                .instrument_key = "NSE_FO|53001",
                .side = Side::kBuy};
  venue.is_simulated = false;
  EXPECT_EQ(desk.Modify({"", "c1"}, {.price = D("25990")}).error().reason, "OTHER_ROUTE");
  EXPECT_EQ(desk.Cancel({"", "c1"}).error().reason, "OTHER_ROUTE");
  ASSERT_TRUE(desk.Learn(row));  // the same number, at the real one
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kPending);
  EXPECT_EQ(desk.Get({"", "ext-2512150001"})->state, S::kFilled);
  EXPECT_FALSE(desk.Get({"", "ext-2512150001"})->simulated);
  EXPECT_TRUE(venue.modified.empty());
  EXPECT_TRUE(venue.cancelled.empty());
}

TEST_F(OrderDeskTest, AnAdoptedNameIsNotSharedWithASimulator) {
  BrokerRow row{.broker_order_id = "2512159999",
                .status = "open",
                .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")},
                .instrument_key = "NSE_FO|53001",
                .side = Side::kBuy};
  ASSERT_TRUE(desk.Learn(row));
  venue.is_simulated = false;
  row.status = "cancelled";
  ASSERT_TRUE(desk.Learn(row));
  EXPECT_EQ(desk.Get({"", "ext-2512159999"})->state, S::kOpen);
  EXPECT_EQ(watchman.Count(What::kNotUnderstood), 1U);
}

TEST_F(OrderDeskTest, AdoptsWhatWasPlacedElsewhere) {
  const BrokerRow row{.broker_order_id = "2512159999",
                      .status = "open",
                      .filled_quantity = 10,
                      .terms = {.quantity = 75,
                                .type = OrderType::kLimit,
                                .price = D("25000"),
                                .validity = Validity::kDay},
                      .instrument_key = "NSE_FO|53001",
                      .side = Side::kSell,
                      .product = Product::kIntraday};
  ASSERT_TRUE(desk.Learn(row));
  ASSERT_TRUE(desk.Learn(row));
  const auto adopted = desk.Get({"", "ext-2512159999"});
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->state, S::kOpen);
  EXPECT_EQ(adopted->filled_quantity, 10);
  EXPECT_EQ(adopted->instrument_id, 7);
  EXPECT_EQ(watchman.Count(What::kAdopted), 1U);
}

TEST_F(OrderDeskTest, WhatTheRulesRefuseIsToldAndChangesNothing) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  ASSERT_TRUE(desk.Learn({.broker_order_id = "2512150001", .status = "on the moon"}));
  ASSERT_TRUE(
      desk.Learn({.broker_order_id = "2512150001", .status = "open", .filled_quantity = 80}));
  EXPECT_EQ(watchman.Count(What::kNotUnderstood), 2U);
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kPending);
}

}  // namespace
}  // namespace sauda::orders
