#include "services/orders/src/core/order_state.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;

Order Standing(S state, std::int64_t filled = 0) {
  Order order{.request = BuyOneLot(),
              .terms = {.quantity = 75,
                        .type = OrderType::kLimit,
                        .price = D("26000"),
                        .validity = Validity::kDay},
              .tag = "tag-1",
              .state = state,
              .filled_quantity = filled,
              .version = 5};
  if (state != S::kIntent && state != S::kUnknown && state != S::kNotSent) {
    order.broker_order_ids = {"1"};
  }
  return order;
}

BrokerRow Row(std::string status, std::int64_t filled = 0) {
  return {.broker_order_id = "1", .status = std::move(status), .filled_quantity = filled};
}

TEST(MayGoTest, IsTheTableOfTheLedger) {
  const std::set<S> brokers{S::kPending, S::kTriggerPending, S::kOpen,
                            S::kFilled,  S::kCancelled,      S::kRejected};
  std::map<S, std::set<S>> table{
      {S::kNone, {}},
      {S::kIntent, brokers},
      {S::kPending, {S::kTriggerPending, S::kOpen, S::kFilled, S::kCancelled, S::kRejected}},
      {S::kTriggerPending, {S::kOpen, S::kFilled, S::kCancelled, S::kRejected}},
      {S::kOpen, {S::kTriggerPending, S::kFilled, S::kCancelled, S::kRejected}},
      {S::kFilled, {}},
      {S::kCancelled, {S::kFilled}},
      {S::kRejected, {S::kPending, S::kTriggerPending, S::kOpen, S::kFilled, S::kCancelled}},
      {S::kUnknown, brokers},
      {S::kNotSent, brokers}};
  table[S::kIntent].insert({S::kUnknown, S::kNotSent});
  table[S::kUnknown].insert(S::kNotSent);
  for (int from = 0; from <= 9; ++from) {
    for (int to = 0; to <= 9; ++to) {
      EXPECT_EQ(MayGo(static_cast<S>(from), static_cast<S>(to)),
                table.at(static_cast<S>(from)).contains(static_cast<S>(to)))
          << from << " to " << to;
    }
  }
}

struct RowCase {
  std::string name;
  Order order;
  BrokerRow row;
  S state;    // afterwards
  bool news;  // whether anything changed
  std::string error;
};

class BrokerRowTest : public testing::TestWithParam<RowCase> {};

TEST_P(BrokerRowTest, LeadsToTheState) {
  const RowCase& row = GetParam();
  const auto next = Advance(row.order, row.row, 1'000);
  EXPECT_EQ(next ? "" : next.error().reason, row.error);
  if (!next) return;
  EXPECT_EQ(next->has_value(), row.news);
  if (!*next) return;
  EXPECT_EQ((*next)->state, row.state);
  EXPECT_EQ((*next)->version, row.order.version + 1);
  EXPECT_EQ((*next)->updated_ms, 1'000);
  EXPECT_GE((*next)->filled_quantity, row.order.filled_quantity);
}

INSTANTIATE_TEST_SUITE_P(
    EveryWord, BrokerRowTest,
    testing::Values(
        RowCase{"PutReceived", Standing(S::kIntent), Row("put order req received"), S::kPending,
                true},
        RowCase{"Validation", Standing(S::kIntent), Row("validation pending"), S::kPending, true},
        RowCase{"OpenPending", Standing(S::kIntent), Row("open pending"), S::kPending, true},
        RowCase{"TriggerPending", Standing(S::kPending), Row("trigger pending"), S::kTriggerPending,
                true},
        RowCase{"Open", Standing(S::kPending), Row("open"), S::kOpen, true},
        RowCase{"Complete", Standing(S::kOpen), Row("complete", 75), S::kFilled, true},
        RowCase{"Rejected", Standing(S::kPending), Row("rejected"), S::kRejected, true},
        RowCase{"ModifyPending", Standing(S::kOpen), Row("modify pending"), S::kOpen, true},
        RowCase{"ModifyValidation", Standing(S::kOpen), Row("modify validation pending"), S::kOpen,
                true},
        RowCase{"Modified", Standing(S::kOpen), Row("modified"), S::kOpen, true},
        RowCase{"NotModified", Standing(S::kTriggerPending), Row("not modified"),
                S::kTriggerPending, true},
        RowCase{"CancelPending", Standing(S::kOpen), Row("cancel pending"), S::kOpen, true},
        RowCase{"Cancelled", Standing(S::kOpen, 20), Row("cancelled", 20), S::kCancelled, true},
        RowCase{"NotCancelled", Standing(S::kOpen), Row("not cancelled"), S::kOpen, true},
        RowCase{"AfterMarket", Standing(S::kIntent), Row("after market order req received"),
                S::kPending, true},
        RowCase{"ModifyAfterMarket", Standing(S::kPending),
                Row("modify after market order req received"), S::kPending, true},
        RowCase{"CancelledAfterMarket", Standing(S::kPending), Row("cancelled after market order"),
                S::kCancelled, true},
        RowCase{"NoWordOfTheirs", Standing(S::kOpen), Row("expired"), S::kOpen, false,
                "BROKER_STATUS_UNKNOWN"},
        RowCase{"UpperCase", Standing(S::kOpen), Row("OPEN"), S::kOpen, false,
                "BROKER_STATUS_UNKNOWN"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    LateAndRepeated, BrokerRowTest,
    testing::Values(
        RowCase{"OlderFill", Standing(S::kOpen, 50), Row("open", 20), S::kOpen, false},
        RowCase{"MoreFill", Standing(S::kOpen, 50), Row("open", 60), S::kOpen, true},
        RowCase{"PendingAfterOpen", Standing(S::kOpen), Row("open pending"), S::kOpen, true},
        RowCase{"OpenAfterFilled", Standing(S::kFilled, 75), Row("open", 75), S::kFilled, false},
        RowCase{"CancelledAfterFilled", Standing(S::kFilled, 75), Row("cancelled", 75), S::kFilled,
                false},
        RowCase{"OpenAfterCancelled", Standing(S::kCancelled, 20), Row("open", 20), S::kCancelled,
                false},
        RowCase{"FillAfterCancelled", Standing(S::kCancelled, 20), Row("open", 30), S::kCancelled,
                true},
        RowCase{"CompleteAfterCancelled", Standing(S::kCancelled, 20), Row("complete", 75),
                S::kFilled, true},
        RowCase{"OpenAfterRejected", Standing(S::kRejected), Row("open"), S::kRejected, false},
        RowCase{"UnknownFoundOpen", Standing(S::kUnknown), Row("open", 10), S::kOpen, true},
        RowCase{"UnknownFoundBeingCancelled", Standing(S::kUnknown), Row("cancel pending"),
                S::kPending, true},
        RowCase{"UnknownFoundRejected", Standing(S::kUnknown), Row("rejected"), S::kRejected, true},
        RowCase{"NotSentTurnsUp", Standing(S::kNotSent), Row("complete", 75), S::kFilled, true},
        RowCase{"OverFilled", Standing(S::kOpen), Row("open", 76), S::kOpen, false,
                "FILL_INCONSISTENT"},
        RowCase{"NegativeFill", Standing(S::kOpen), Row("open", -1), S::kOpen, false,
                "FILL_INCONSISTENT"},
        RowCase{"CompleteWithLess", Standing(S::kOpen), Row("complete", 74), S::kOpen, false,
                "FILL_INCONSISTENT"}),
    CaseName{});

TEST(AdvanceTest, SaysNothingTwice) {
  const BrokerRow row = Row("open", 10);
  const auto first = Advance(Standing(S::kPending), row, 1);
  ASSERT_TRUE(first && *first);
  const auto second = Advance(**first, row, 2);
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
}

TEST(AdvanceTest, AnswersCountOnlyWhileNoneIsKnown) {
  const std::vector<Report> answers{
      Accepted{.broker_order_ids = {"1"}}, Refused{"UDAPI1052", "quantity zero"},
      NotSent{"BROKER_UNREACHABLE", "no route"}, Lost{"TIMEOUT", "no answer"}};
  const std::vector<S> led_to{S::kPending, S::kRejected, S::kNotSent, S::kUnknown};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto next = Advance(Standing(S::kIntent), answers[i], 1);
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->state, led_to[i]);
    for (const S state : {S::kOpen, S::kFilled, S::kCancelled}) {
      const auto late = Advance(Standing(state, state == S::kFilled ? 75 : 0), answers[i], 1);
      ASSERT_TRUE(late);
      EXPECT_FALSE(*late) << "the stream was faster";
    }
  }
}

TEST(AdvanceTest, AcceptedNeverStepsBackButAddsTheNumber) {
  const auto next = Advance(Standing(S::kOpen), Accepted{.broker_order_ids = {"1", "2"}}, 1);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->state, S::kOpen);
  EXPECT_EQ((*next)->broker_order_ids, (std::vector<std::string>{"1", "2"}));
}

TEST(AdvanceTest, NeverArrivedSettlesOnlyWhatIsUnknown) {
  const auto settled = Advance(Standing(S::kUnknown), NeverArrived{}, 1);
  ASSERT_TRUE(settled && *settled);
  EXPECT_EQ((*settled)->state, S::kNotSent);
  EXPECT_EQ((*settled)->reason, "NEVER_ARRIVED");
  for (const S state : {S::kIntent, S::kPending, S::kOpen, S::kFilled, S::kRejected}) {
    const auto other = Advance(Standing(state), NeverArrived{}, 1);
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other);
  }
}

TEST(AdvanceTest, ARefusedOrderThatIsInTheBookIsAdopted) {
  Order refused = Standing(S::kRejected);
  refused.broker_order_ids.clear();
  const auto next = Advance(refused, Row("open", 10), 1);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->state, S::kOpen);
  EXPECT_EQ((*next)->filled_quantity, 10);
}

TEST(AdvanceTest, ModifiesAndCancelsAreAskedOnlyOfOrdersThatStand) {
  const Noted asked{.what = Noted::What::kCancelAsked};
  for (const S state : {S::kPending, S::kTriggerPending, S::kOpen}) {
    EXPECT_TRUE(Advance(Standing(state), asked, 1));
  }
  for (const S state : {S::kIntent, S::kUnknown}) {
    EXPECT_EQ(Advance(Standing(state), asked, 1).error().reason, "ORDER_STATE_UNKNOWN");
  }
  for (const S state : {S::kFilled, S::kCancelled, S::kRejected, S::kNotSent}) {
    EXPECT_EQ(Advance(Standing(state), asked, 1).error().reason, "ORDER_NOT_OPEN");
  }
  EXPECT_TRUE(Advance(Standing(S::kFilled, 75), Noted{.what = Noted::What::kCancelRefused}, 1));
}

TEST(AdvanceTest, RowsBringNewTermsAndAverages) {
  BrokerRow row = Row("modified", 10);
  row.average_price = D("25999.5");
  row.terms = {.quantity = 150, .type = OrderType::kLimit, .price = D("25999.95")};
  const auto next = Advance(Standing(S::kOpen), row, 1);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->terms.quantity, 150);
  EXPECT_EQ((*next)->terms.price, D("25999.95"));
  EXPECT_EQ((*next)->terms.validity, Validity::kDay);
  EXPECT_EQ((*next)->average_price, D("25999.5"));
  EXPECT_EQ((*next)->request.quantity, 75) << "what was asked for first never changes";
}

TEST(AdvanceTest, AStopThatFiredStaysTheStopThatWasAskedFor) {
  Order stop = Standing(S::kTriggerPending);
  stop.terms.type = OrderType::kStopLimit;
  stop.terms.trigger = D("25990");
  BrokerRow row = Row("open");
  row.terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")};
  const auto next = Advance(stop, row, 1);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->state, S::kOpen);
  EXPECT_EQ((*next)->terms.type, OrderType::kStopLimit);
  EXPECT_EQ((*next)->terms.trigger, D("25990"));
}

}  // namespace
}  // namespace sauda::orders
