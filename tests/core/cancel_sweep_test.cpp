#include "services/orders/src/core/kill/cancel_sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/orders/src/core/kill/cancel_reserve.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using S = OrderState;

Order Seen(const std::string& tag, S state, std::vector<std::string> numbers,
           std::int64_t version = 1) {
  Order order;
  order.request = BuyOneLot("id-" + tag);
  order.tag = tag;
  order.state = state;
  order.broker_order_ids = std::move(numbers);
  order.version = version;
  return order;
}

BrokerRow Row(const std::string& number, const std::string& status) {
  return {.broker_order_id = number, .status = status};
}

std::vector<std::string> Numbers(const CancelSweep::Round& round) {
  std::vector<std::string> numbers;
  for (const Order& order : round.orders) {
    numbers.insert(numbers.end(), order.broker_order_ids.begin(), order.broker_order_ids.end());
  }
  return numbers;
}

class CancelSweepTest : public testing::Test {
 protected:
  FakeVenue venue_;
  FakeBook book_;
  OpenOrders seen_;
  CancelSweep sweep_{venue_, &book_, seen_};
};

TEST_F(CancelSweepTest, FindsAllThatMayTradeInTheBrokersBookWhoeverPlacedIt) {
  book_.book = {Row("1", "open"),           Row("2", "complete"),      Row("3", "trigger pending"),
                Row("4", "cancelled"),      Row("5", "open pending"),  Row("6", "rejected"),
                Row("7", "modify pending"), Row("8", "some new word"), Row("9", "cancel pending")};
  const auto round = sweep_.Look();
  EXPECT_TRUE(round.clean);
  EXPECT_THAT(Numbers(round), ElementsAre("1", "3", "5", "7", "8", "9"));
}

TEST_F(CancelSweepTest, AddsWhatTheBookDoesNotShowYet) {
  book_.book = {Row("1", "complete")};
  seen_.OnOrder(Seen("a", S::kOpen, {"1"}));
  seen_.OnOrder(Seen("b", S::kPending, {"2", "3"}));
  EXPECT_THAT(Numbers(sweep_.Look()), ElementsAre("2", "3"));
}

TEST_F(CancelSweepTest, GoesByWhatWasSeenWhileTheBookIsAwayAndSaysSo) {
  book_.down = true;
  seen_.OnOrder(Seen("a", S::kOpen, {"1"}));
  seen_.OnOrder(Seen("b", S::kIntent, {}));
  seen_.OnOrder(Seen("c", S::kFilled, {"3"}));
  const auto round = sweep_.Look();
  EXPECT_FALSE(round.clean);
  EXPECT_THAT(Numbers(round), ElementsAre("1"));
}

TEST_F(CancelSweepTest, DoesNotAskAgainForWhatTheBrokerCallsOver) {
  book_.down = true;
  seen_.OnOrder(Seen("a", S::kOpen, {"1"}));
  venue_.cancel_answer = Error{Code::kFailedPrecondition, "BROKER_REFUSED", "UDAPI100040"};
  EXPECT_FALSE(sweep_.Cancel(sweep_.Look().orders.at(0)));
  EXPECT_THAT(sweep_.Look().orders, IsEmpty());
  book_.down = false;
  book_.book = {Row("1", "open")};
  EXPECT_THAT(Numbers(sweep_.Look()), ElementsAre("1")) << "its book says otherwise";
  book_.down = true;
  sweep_.Begin();
  EXPECT_THAT(Numbers(sweep_.Look()), ElementsAre("1"));
}

TEST_F(CancelSweepTest, AsksAgainForWhatMayNotHaveArrived) {
  book_.down = true;
  seen_.OnOrder(Seen("a", S::kOpen, {"1"}));
  venue_.cancel_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  EXPECT_FALSE(sweep_.Cancel(sweep_.Look().orders.at(0)));
  EXPECT_THAT(Numbers(sweep_.Look()), ElementsAre("1"));
}

TEST_F(CancelSweepTest, OnPaperTheOrdersOfThisProcessAreAllThereIs) {
  CancelSweep paper{venue_, nullptr, seen_};
  seen_.OnOrder(Seen("a", S::kOpen, {"paper-a"}));
  const auto round = paper.Look();
  EXPECT_TRUE(round.clean);
  EXPECT_THAT(Numbers(round), ElementsAre("paper-a"));
}

TEST(OpenOrdersTest, TakesFromTheLedgerWhatItHasNotHeardOfSince) {
  OpenOrders seen;
  seen.OnOrder(Seen("a", S::kOpen, {"1"}, 3));
  seen.OnOrder(Seen("b", S::kCancelled, {"2"}, 4));
  EXPECT_FALSE(seen.loaded());
  seen.Load({Seen("a", S::kPending, {"1"}, 2), Seen("b", S::kOpen, {"2"}, 3),
             Seen("c", S::kOpen, {"3"}, 3)});
  EXPECT_TRUE(seen.loaded());
  ASSERT_EQ(seen.All().size(), 2U);
  EXPECT_EQ(seen.All()[0].version, 3);
  EXPECT_EQ(seen.All()[1].tag, "c");
  seen.OnOrder(Seen("a", S::kCancelled, {"1"}, 4));
  EXPECT_EQ(seen.All().size(), 1U);
}

TEST(OpenOrdersTest, KnowsNumbersThatCouldNotBeWritten) {
  OpenOrders seen;
  const Order intent = Seen("a", S::kIntent, {}, 1);
  seen.OnOrder(intent);
  seen.OnNumbers(intent, {"1", "2"});
  ASSERT_EQ(seen.All().size(), 1U);
  EXPECT_THAT(seen.All()[0].broker_order_ids, ElementsAre("1", "2"));
  seen.OnOrder(Seen("a", S::kRejected, {"1", "2"}, 2));
  EXPECT_THAT(seen.All(), IsEmpty());
}

TEST(CancelReserveTest, LetsNoMoreThroughThanItsShareOfEverySecond) {
  CancelReserve reserve{2};
  const Monotonic start = Monotonic{} + 10s;
  EXPECT_EQ(reserve.Next(start), start);
  EXPECT_EQ(reserve.Next(start), start + 500ms);
  EXPECT_EQ(reserve.Next(start + 100ms), start + 1s);
  EXPECT_EQ(reserve.Next(start + 5s), start + 5s) << "what was not used is not saved up";
  EXPECT_EQ(reserve.Next(start + 5s), start + 5'500ms);
}

}  // namespace
}  // namespace sauda::orders
