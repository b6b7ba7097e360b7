#include "libs/exchange/desk.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sauda::exchange {
namespace {

using testing::ElementsAre;

constexpr const char* kKey = "NSE_EQ|INE002A01018";

Decimal Rupees(const std::string& text) { return Decimal::Parse(text).value(); }

/// "open 5" and the like: the status and what is filled.
std::vector<std::string> Describe(const std::vector<Update>& updates) {
  std::vector<std::string> texts;
  for (const Update& update : updates) {
    std::string text{ToText(update.order.status)};
    if (update.fill) text += " " + std::to_string(update.order.filled);
    texts.push_back(text);
  }
  return texts;
}

class DeskTest : public testing::Test {
 protected:
  static NewOrder Buy(OrderId id, std::int64_t quantity, const std::string& price) {
    return {.id = id,
            .instrument_key = kKey,
            .tick = Rupees("0.05"),
            .terms = {.side = Side::kBuy, .quantity = quantity, .price = Rupees(price)}};
  }
  static NewOrder BuyStop(OrderId id, const std::string& trigger) {
    NewOrder order = Buy(id, 10, "100.5");
    order.terms.type = OrderType::kStop;
    order.terms.trigger = Rupees(trigger);
    return order;
  }

  /// Places and describes.
  std::vector<std::string> Place(const NewOrder& order) { return Describe(desk_.Place(order)); }

  Depth depth_{.bids = {{Rupees("99.95"), 50}},
               .asks = {{Rupees("100.05"), 5}, {Rupees("100.1"), 20}},
               .last_price = Rupees("100"),
               .sequence = 1};
  Desk desk_{[this](std::string_view) { return depth_; }};
};

TEST_F(DeskTest, OrderThatTakesGoesThroughEveryStatus) {
  const auto updates = desk_.Place(Buy(1, 10, "100.1"));
  EXPECT_THAT(Describe(updates), ElementsAre("put order req received", "validation pending",
                                             "open pending", "open", "open 5", "complete 10"));
  EXPECT_EQ(updates.back().order.average_price, Rupees("100.075"));
  EXPECT_EQ(updates.back().order.pending(), 0);
  EXPECT_EQ(updates[4].order.pending(), 5);
  EXPECT_EQ(updates[4].fill->price, Rupees("100.05"));
  EXPECT_FALSE(updates[2].order.at_exchange);
  EXPECT_TRUE(updates[3].order.at_exchange);
}

TEST_F(DeskTest, RefusedOrderIsRejectedWithItsReason) {
  NewOrder order = Buy(1, 10, "100");
  order.refusal = "insufficient funds";
  const auto updates = desk_.Place(order);
  EXPECT_THAT(Describe(updates),
              ElementsAre("put order req received", "validation pending", "rejected"));
  EXPECT_EQ(updates.back().order.message, "insufficient funds");
}

TEST_F(DeskTest, StopWaitsForItsTriggerAndThenOpens) {
  EXPECT_THAT(Place(BuyStop(1, "101")), ElementsAre("put order req received", "validation pending",
                                                    "open pending", "trigger pending"));
  EXPECT_TRUE(desk_.Waits(kKey));
  depth_.last_price = Rupees("101");
  depth_.sequence = 2;
  EXPECT_THAT(Describe(desk_.OnMarket(kKey, depth_)),
              ElementsAre("open pending", "open", "open 5", "complete 10"));
  EXPECT_FALSE(desk_.Waits(kKey));
}

TEST_F(DeskTest, ModifyGoesThroughItsStatuses) {
  Place(Buy(1, 10, "99"));
  OrderTerms terms = desk_.Find(1)->terms;
  terms.price = Rupees("100.05");
  EXPECT_THAT(
      Describe(desk_.Modify(1, terms).value()),
      ElementsAre("modify pending", "modify validation pending", "modified", "open", "open 5"));
  terms.quantity = 5;
  EXPECT_THAT(Describe(desk_.Modify(1, terms).value()),
              ElementsAre("modify pending", "modify validation pending", "not modified", "open"));
  EXPECT_EQ(desk_.Find(1)->terms.quantity, 10);
  EXPECT_THAT(Describe(desk_.Modify(1, terms, "circuit").value()),
              ElementsAre("modify pending", "modify validation pending", "not modified", "open"));
}

TEST_F(DeskTest, ModifiedStopWaitsAgain) {
  Place(BuyStop(1, "101"));
  OrderTerms terms = desk_.Find(1)->terms;
  terms.trigger = Rupees("102");
  EXPECT_THAT(
      Describe(desk_.Modify(1, terms).value()),
      ElementsAre("modify pending", "modify validation pending", "modified", "trigger pending"));
}

TEST_F(DeskTest, FiredStopIsModifiedAsTheLimitItBecame) {
  NewOrder order = BuyStop(1, "100");
  order.terms.price = Rupees("100");
  Place(order);
  ASSERT_EQ(desk_.Find(1)->status, Status::kOpen);
  OrderTerms terms = desk_.Find(1)->terms;
  terms.trigger = Rupees("105");
  terms.price = Rupees("99");
  EXPECT_THAT(Describe(desk_.Modify(1, terms).value()),
              ElementsAre("modify pending", "modify validation pending", "modified", "open"));
}

TEST_F(DeskTest, OpenLimitBecomesAStopThatWaits) {
  Place(Buy(1, 10, "100"));
  OrderTerms terms = BuyStop(1, "100.1").terms;
  EXPECT_THAT(
      Describe(*desk_.Modify(1, terms)),
      ElementsAre("modify pending", "modify validation pending", "modified", "trigger pending"));
  depth_.last_price = Rupees("100.1");
  depth_.sequence = 2;
  EXPECT_THAT(Describe(desk_.OnMarket(kKey, depth_)),
              ElementsAre("open pending", "open", "open 5", "complete 10"));
}

TEST_F(DeskTest, CancelGoesThroughItsStatuses) {
  Place(Buy(1, 10, "99"));
  EXPECT_THAT(Describe(desk_.Cancel(1, "held by the exchange").value()),
              ElementsAre("cancel pending", "not cancelled", "open"));
  EXPECT_THAT(Describe(desk_.Cancel(1).value()), ElementsAre("cancel pending", "cancelled"));
  EXPECT_EQ(desk_.Cancel(1).error().reason, "ORDER_FINISHED");
  EXPECT_EQ(desk_.Modify(1, {}).error().reason, "ORDER_FINISHED");
  EXPECT_EQ(desk_.Cancel(2).error().reason, "ORDER_UNKNOWN");
}

TEST_F(DeskTest, AfterMarketOrderWaitsForItsRelease) {
  NewOrder order = Buy(1, 5, "100.05");
  order.after_market = true;
  EXPECT_THAT(Place(order), ElementsAre("after market order req received"));
  OrderTerms terms = order.terms;
  terms.quantity = 4;
  EXPECT_THAT(Describe(desk_.Modify(1, terms).value()),
              ElementsAre("modify after market order req received"));
  EXPECT_THAT(Describe(desk_.Release(1).value()),
              ElementsAre("validation pending", "open pending", "open", "complete 4"));
  EXPECT_EQ(desk_.Release(1).error().reason, "ORDER_FINISHED");
}

TEST_F(DeskTest, AfterMarketOrderIsCancelledInItsOwnWay) {
  NewOrder order = Buy(1, 5, "100.05");
  order.after_market = true;
  Place(order);
  EXPECT_THAT(Describe(desk_.Cancel(1).value()), ElementsAre("cancelled after market order"));
}

TEST_F(DeskTest, EndOfSessionCancelsWhatStillWorks) {
  Place(Buy(1, 10, "99"));
  NewOrder after_market = Buy(2, 5, "99");
  after_market.after_market = true;
  Place(after_market);
  const auto updates = desk_.Expire([](const OrderState&) { return true; }, "session is over");
  EXPECT_THAT(Describe(updates), ElementsAre("cancelled"));
  EXPECT_EQ(updates[0].order.message, "session is over");
}

TEST_F(DeskTest, BothSidesOfATradeShareItsId) {
  Place(Buy(1, 10, "100"));
  NewOrder sell = Buy(2, 4, "100");
  sell.terms.side = Side::kSell;
  const auto updates = desk_.Place(sell);
  ASSERT_EQ(Describe(updates),
            (std::vector<std::string>{"put order req received", "validation pending",
                                      "open pending", "open", "complete 4", "open 4"}));
  EXPECT_EQ(updates[4].fill->trade_id, updates[5].fill->trade_id);
  EXPECT_EQ(updates[5].order.id, 1U);
}

TEST_F(DeskTest, EveryStepIsOneTheTableOfStatusesAllows) {
  std::vector<Update> all;
  const auto add = [&all](std::vector<Update> more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(desk_.Place(Buy(1, 10, "100.1")));
  add(desk_.Place(BuyStop(2, "101")));
  add(desk_.Place(Buy(3, 10, "99")));
  OrderTerms terms = desk_.Find(3)->terms;
  terms.validity = Validity::kIoc;
  add(desk_.Modify(3, terms).value());
  depth_.last_price = Rupees("101");
  depth_.sequence = 2;
  add(desk_.OnMarket(kKey, depth_));
  std::map<OrderId, Status> last;
  for (const Update& update : all) {
    const auto before = last.find(update.order.id);
    if (before != last.end()) {
      EXPECT_TRUE(MayFollow(before->second, update.order.status))
          << ToText(before->second) << " -> " << ToText(update.order.status);
    }
    last[update.order.id] = update.order.status;
  }
  EXPECT_EQ(last.at(3), Status::kCancelled);
}

TEST(StatusTest, TextsReadBack) {
  for (std::size_t i = 0; i < kStatusCount; ++i) {
    const auto status = static_cast<Status>(i);
    EXPECT_EQ(StatusFromText(ToText(status)), status);
  }
  EXPECT_EQ(StatusFromText("Open"), std::nullopt);
}

}  // namespace
}  // namespace sauda::exchange
