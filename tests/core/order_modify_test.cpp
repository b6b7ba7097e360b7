#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/reconciler.hpp"
#include "services/orders/src/core/terms_text.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using std::chrono::seconds;

/// A desk where one lot is bought at 26000 and rests.
class OrderModifyTest : public testing::Test, protected DeskFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(desk.Place(BuyOneLot())); }
  static BrokerRow Row(const char* price, std::int64_t quantity, std::string status = "open",
                       std::int64_t request_number = 0) {
    return {.broker_order_id = "2512150001",
            .status = std::move(status),
            .terms = {.quantity = quantity, .type = OrderType::kLimit, .price = D(price)},
            .request_number = request_number};
  }
  Result<Order> Price(const char* price) { return desk.Modify({"", "c1"}, {.price = D(price)}); }
  /// The terms that a further change of the quantity sends.
  Terms SentWithQuantity(std::int64_t quantity) {
    const auto modified = desk.Modify({"", "c1"}, {.quantity = quantity});
    EXPECT_TRUE(modified) << modified.error().message;
    return venue.modified.back().second;
  }
};

TEST_F(OrderModifyTest, ASecondOneKeepsWhatTheFirstChanged) {
  ASSERT_TRUE(Price("26001"));
  EXPECT_EQ(SentWithQuantity(150).price, D("26001"));
  ASSERT_TRUE(desk.Learn(Row("26000", 75)));  // told late
  EXPECT_EQ(SentWithQuantity(225).price, D("26001"));
  ASSERT_TRUE(desk.Learn(Row("26001", 225)));
  EXPECT_EQ(desk.unconfirmed(), 0U);
  EXPECT_EQ(SentWithQuantity(150).price, D("26001"));
}

TEST_F(OrderModifyTest, AnOlderRowBehindANewerOneBringsNoTermsBack) {
  ASSERT_TRUE(Price("26001"));
  ASSERT_TRUE(desk.Learn(Row("26001", 75, "modified", 2)));
  ASSERT_TRUE(desk.Learn(Row("26001", 75, "open", 2)));
  ASSERT_EQ(desk.unconfirmed(), 0U);
  ASSERT_TRUE(desk.Learn(Row("26000", 75, "modify pending", 2))) << "overtaken by what it led to";
  EXPECT_EQ(SentWithQuantity(150).price, D("26001"));
  ASSERT_TRUE(desk.Learn(Row("26001", 150, "open", 3)));
  ASSERT_TRUE(desk.Learn(Row("26001", 75, "open", 2))) << "of the change before";
  EXPECT_EQ(desk.Get({"", "c1"})->terms.quantity, 150);
}

TEST_F(OrderModifyTest, AnOlderRowStillTellsAFillAndAnEnd) {
  ASSERT_TRUE(desk.Learn(Row("26001", 150, "open", 3)));
  BrokerRow filled = Row("26000", 150, "open", 2);
  filled.filled_quantity = 75;
  filled.average_price = D("26000");
  ASSERT_TRUE(desk.Learn(filled));
  EXPECT_EQ(desk.Get({"", "c1"})->filled_quantity, 75);
  EXPECT_EQ(desk.Get({"", "c1"})->terms.price, D("26001"));
  BrokerRow over = filled;
  over.status = "cancelled";
  ASSERT_TRUE(desk.Learn(over));
  EXPECT_EQ(desk.Get({"", "c1"})->state, OrderState::kCancelled);
}

TEST_F(OrderModifyTest, TheBookIsRightWhateverItCounts) {
  ASSERT_TRUE(desk.Learn(Row("26001", 75, "open", 3)));
  ASSERT_TRUE(desk.Learn(Row("26000", 75, "open", 1), clock.Now()));
  EXPECT_EQ(SentWithQuantity(150).price, D("26000"));
  ASSERT_TRUE(desk.Learn(Row("26002", 75, "open", 2))) << "newer than the book";
  EXPECT_EQ(desk.Get({"", "c1"})->terms.price, D("26002"));
}

TEST_F(OrderModifyTest, RefusedTermsDoNotStand) {
  ASSERT_TRUE(desk.Learn(Row("26000", 75)));
  ASSERT_TRUE(desk.Learn(Row("30000", 75, "not modified")));
  EXPECT_EQ(SentWithQuantity(150).price, D("26000"));
}

TEST_F(OrderModifyTest, BuildsOnWhatTheBrokersAppChangedSince) {
  ASSERT_TRUE(Price("26001"));
  ASSERT_TRUE(desk.Learn(Row("26001", 75)));
  ASSERT_TRUE(desk.Learn(Row("25990", 75)));
  EXPECT_EQ(SentWithQuantity(150).price, D("25990"));
}

TEST_F(OrderModifyTest, WhatWasRefusedIsNotSentAgain) {
  for (const char* reason : {"BROKER_REFUSED", "BROKER_UNREACHABLE"}) {
    venue.modify_answer = Error{Code::kFailedPrecondition, reason, "the test says no"};
    EXPECT_EQ(Price("26001").error().reason, reason);
    venue.modify_answer = {};
    EXPECT_EQ(SentWithQuantity(150).price, D("26000"));
    ASSERT_TRUE(desk.Learn(Row("26000", 150)));
    ASSERT_TRUE(desk.Modify({"", "c1"}, {.quantity = 75}));
    ASSERT_TRUE(desk.Learn(Row("26000", 75)));
  }
}

TEST_F(OrderModifyTest, AnUnsettledOneIsKeptUntilTheBookTells) {
  venue.modify_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  EXPECT_EQ(Price("26001").error().reason, "MODIFY_UNSETTLED");
  EXPECT_EQ(desk.unconfirmed(), 1U);
  EXPECT_EQ(Price("26001").error().reason, "MODIFY_UNSETTLED") << "it may be tried again";
  EXPECT_EQ(venue.modified.size(), 2U);
  EXPECT_EQ(desk.Modify({"", "c1"}, {}).error().reason, "NOTHING_TO_CHANGE");
  venue.modify_answer = {};
  EXPECT_EQ(SentWithQuantity(150).price, D("26001"));

  FakeBook book;
  book.book = {Row("26000", 75)};  // neither arrived
  Reconciler reconciler{{.account_id = "main",
                         .desk = desk,
                         .ledger = ledger,
                         .book = book,
                         .watchman = watchman,
                         .clock = clock,
                         .market_clock = market_clock}};
  ASSERT_TRUE(reconciler.Run());
  EXPECT_EQ(desk.unconfirmed(), 1U) << "too soon to tell";
  clock.Advance(AskedChanges::kShownWithin);
  ASSERT_TRUE(reconciler.Run());
  EXPECT_EQ(desk.unconfirmed(), 0U);
  EXPECT_EQ(SentWithQuantity(150).price, D("26000"));
}

TEST_F(OrderModifyTest, AfterARestartBuildsOnWhatTheEarlierRunAskedFor) {
  venue.modify_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  EXPECT_EQ(Price("26001").error().reason, "MODIFY_UNSETTLED");
  venue.modify_answer = {};
  OrderDesk next{PartsWith(venue)};
  ASSERT_TRUE(next.RecallModifies());
  EXPECT_EQ(next.unconfirmed(), 1U);
  ASSERT_TRUE(next.Modify({"", "c1"}, {.quantity = 150}));
  EXPECT_EQ(venue.modified.back().second.price, D("26001"));
  EXPECT_EQ(venue.modified.back().second.quantity, 150);
}

TEST_F(OrderModifyTest, AfterARestartForgetsWhatWasShownRefusedOrIsOld) {
  ASSERT_TRUE(Price("26001"));
  ASSERT_TRUE(Price("26002"));
  ASSERT_TRUE(desk.Learn(Row("26002", 75))) << "shows both";
  venue.modify_answer = Error{Code::kFailedPrecondition, "BROKER_REFUSED", "the test says no"};
  EXPECT_FALSE(Price("26003"));
  OrderDesk next{PartsWith(venue)};
  ASSERT_TRUE(next.RecallModifies());
  EXPECT_EQ(next.unconfirmed(), 0U);

  venue.modify_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  EXPECT_FALSE(Price("26004"));
  clock.Advance(std::chrono::milliseconds{60'001});
  OrderDesk later{PartsWith(venue)};
  ASSERT_TRUE(later.RecallModifies());
  EXPECT_EQ(later.unconfirmed(), 0U);
}

TEST_F(OrderModifyTest, ARecallThatCannotReadTheLedgerSaysSo) {
  ledger.Break(1);
  EXPECT_EQ(desk.RecallModifies().error().reason, "DATABASE_DOWN");
}

TEST(TermsTextTest, ReadsBackWhatItWrites) {
  for (const Terms& terms :
       {Terms{8, OrderType::kLimit, D("382.05"), {}, Validity::kDay},
        Terms{1, OrderType::kMarket, {}, {}, Validity::kIoc},
        Terms{75, OrderType::kStopLimit, D("0.0025"), D("0.0050"), Validity::kDay}}) {
    EXPECT_EQ(TermsOf(ToText(terms)), terms) << ToText(terms);
  }
  EXPECT_EQ(ToText({8, OrderType::kLimit, D("382.05"), {}, Validity::kDay}),
            "quantity 8 type 2 price 382.05 trigger - validity 1");
  for (const char* text : {"", "quantity 8", "quantity 0 type 2 price 1 trigger - validity 1",
                           "quantity 8 type 5 price 1 trigger - validity 1",
                           "quantity 8 type 2 price x trigger - validity 1",
                           "quantity 8 type 2 price 1 trigger - validity 3"}) {
    EXPECT_FALSE(TermsOf(text)) << text;
  }
}

TEST_F(OrderModifyTest, WaitsForTheComparisonWithTheBook) {
  venue.ready = Error{Code::kUnavailable, "NOT_RECONCILED", "the test says so"};
  EXPECT_EQ(Price("26001").error().reason, "NOT_RECONCILED");
  EXPECT_TRUE(venue.modified.empty());
  EXPECT_TRUE(desk.Cancel({"", "c1"})) << "a cancel needs no terms";
}

TEST_F(OrderModifyTest, OfTwoAtOnceTheSecondIsToldSo) {
  std::atomic<bool> asking{false};
  std::atomic<bool> go_on{false};
  venue.before_modify_answer = [&] {
    asking = true;
    go_on.wait(false);
  };
  std::thread first{[&] { EXPECT_TRUE(Price("26001")); }};
  while (!asking) std::this_thread::yield();
  EXPECT_EQ(Price("26002").error().reason, "MODIFY_UNDER_WAY");
  EXPECT_EQ(Price("26002").error().code, Code::kAborted);
  go_on = true;
  go_on.notify_all();
  first.join();
  EXPECT_TRUE(Price("26002"));
  EXPECT_EQ(venue.modified.size(), 2U);
}

}  // namespace
}  // namespace sauda::orders
