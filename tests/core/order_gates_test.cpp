// What stands between a sound order and the broker: the kill switch and the budget.

#include <gtest/gtest.h>

#include "services/orders/src/core/order_desk.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;

/// Answers as it is told and counts what it is asked for.
class FakeBudget final : public OrderBudget {
 public:
  Result<void> Take(Spend spend, std::chrono::milliseconds) override {
    (spend == Spend::kCancel ? cancels : orders) += 1;
    return answer;
  }
  Result<void> answer;
  int orders = 0;
  int cancels = 0;
};

class NoHaltFile final : public HaltFile {
 public:
  Result<std::optional<HaltRecord>> Read() override { return std::optional<HaltRecord>{}; }
  Result<void> Write(const HaltRecord&) override { return {}; }
};

class OrderGatesTest : public testing::Test, protected DeskFixture {
 protected:
  OrderGatesTest() { kill_.Load(); }
  OrderDesk::Parts PartsWithGates() {
    OrderDesk::Parts parts = PartsWith(venue);
    return {.account_id = parts.account_id,
            .ledger = ledger,
            .instruments = instruments,
            .venue = venue,
            .listener = listener,
            .watchman = watchman,
            .clock = clock,
            .market_clock = market_clock,
            .make_tag = parts.make_tag,
            .kill = &kill_,
            .budget = &budget_,
            .open_orders = &seen_};
  }
  void Spend(const char* reason) {
    budget_.answer = Error{Code::kUnavailable, reason, "the test says so"};
  }
  std::string ReasonOf(const Result<Order>& order) {
    return order ? std::string{} : order.error().reason;
  }

  NoHaltFile file_;
  KillSwitch kill_{file_, clock, [] { return std::string{"code"}; }};
  FakeBudget budget_;
  OpenOrders seen_;
  OrderDesk gated_{PartsWithGates()};
};

TEST_F(OrderGatesTest, EachCallTakesItsPlace) {
  ASSERT_TRUE(gated_.Place(BuyOneLot()));
  ASSERT_TRUE(
      gated_.Apply({"main", "c1"},
                   BrokerRow{.broker_order_id = "2512150001", .tag = "tag-1", .status = "open"}));
  ASSERT_TRUE(gated_.Modify({"main", "c1"}, {.price = D("25999.95")}));
  ASSERT_TRUE(gated_.Cancel({"main", "c1"}));
  EXPECT_EQ(budget_.orders, 2);
  EXPECT_EQ(budget_.cancels, 1);
}

TEST_F(OrderGatesTest, WithoutRoomNothingIsSentOrKept) {
  Spend("BUDGET_SPENT");
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot())), "BUDGET_SPENT");
  EXPECT_TRUE(venue.placed.empty());
  EXPECT_EQ(ReasonOf(gated_.Get({"", "c1"})), "ORDER_UNKNOWN");
  budget_.answer = {};
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot())), "") << "the same id, once there is room";
}

TEST_F(OrderGatesTest, ARepeatIsAnsweredWithoutRoom) {
  ASSERT_TRUE(gated_.Place(BuyOneLot()));
  Spend("BUDGET_SPENT");
  const auto again = gated_.Place(BuyOneLot());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->state, S::kPending);
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrderGatesTest, CancelsGoOnWhenNobodyCanTellWhatWasSpent) {
  ASSERT_TRUE(gated_.Place(BuyOneLot()));
  Spend("BUDGET_DOWN");
  EXPECT_EQ(ReasonOf(gated_.Modify({"main", "c1"}, {.price = D("25999.95")})), "BUDGET_DOWN");
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot("c2"))), "BUDGET_DOWN");
  EXPECT_EQ(ReasonOf(gated_.Cancel({"main", "c1"})), "");
  EXPECT_EQ(venue.cancelled.size(), 1U);
  EXPECT_TRUE(venue.modified.empty());
}

TEST_F(OrderGatesTest, ACancelThatWouldBeOneTooManyIsRefused) {
  ASSERT_TRUE(gated_.Place(BuyOneLot()));
  Spend("BUDGET_SPENT");
  EXPECT_EQ(ReasonOf(gated_.Cancel({"main", "c1"})), "BUDGET_SPENT");
  EXPECT_TRUE(venue.cancelled.empty());
}

TEST_F(OrderGatesTest, UnderTheKillSwitchOnlyCancelsLeave) {
  ASSERT_TRUE(gated_.Place(BuyOneLot()));
  ASSERT_TRUE(kill_.Halt("asha", "now"));
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot("c2"))), "KILL_SWITCH_ON");
  EXPECT_EQ(ReasonOf(gated_.Get({"", "c2"})), "ORDER_UNKNOWN");
  EXPECT_EQ(ReasonOf(gated_.Modify({"main", "c1"}, {.price = D("25999.95")})), "KILL_SWITCH_ON");
  EXPECT_EQ(ReasonOf(gated_.Cancel({"main", "c1"})), "");
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot())), "") << "a repeat sends nothing";
  EXPECT_EQ(venue.placed.size(), 1U);
  EXPECT_TRUE(venue.modified.empty());
}

TEST_F(OrderGatesTest, APullWhileTheIntentIsCommittedFindsNothingSent) {
  instruments.before_answer = [this] { EXPECT_TRUE(kill_.Halt("asha", "now")); };
  const auto placed = gated_.Place(BuyOneLot());
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->state, S::kNotSent);
  EXPECT_EQ(placed->reason, "KILL_SWITCH_ON");
  EXPECT_TRUE(venue.placed.empty());
}

TEST_F(OrderGatesTest, NumbersThatCouldNotBeWrittenAreThereToBeCancelled) {
  venue.before_answer = [this](const Order&) { ledger.Break(-1); };
  EXPECT_EQ(ReasonOf(gated_.Place(BuyOneLot())), "OUTCOME_UNRECORDED");
  ASSERT_EQ(seen_.All().size(), 1U);
  EXPECT_EQ(seen_.All()[0].broker_order_ids, std::vector<std::string>{"2512150001"});
}

}  // namespace
}  // namespace sauda::orders
