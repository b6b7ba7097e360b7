#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "libs/exchange/order_book.hpp"

namespace sauda::exchange {
namespace {

Decimal Ticks(std::int64_t ticks) { return Decimal::FromNanos(ticks * 50'000'000); }

/// What the test knows about an order, apart from the book.
struct Shadow {
  OrderTerms terms;
  std::int64_t filled = 0;
  bool live = true;
};

/// Plays random orders and markets and holds the book to its rules after each step.
class RandomPlay {
 public:
  explicit RandomPlay(std::uint64_t seed) : random_{seed} {}

  void Step() {
    events_.clear();
    const auto dice = Pick(0, 9);
    if (dice < 5) {
      SubmitOne();
    } else if (dice < 7) {
      ModifyOne();
    } else if (dice < 8) {
      CancelOne();
    } else {
      MoveMarket();
    }
    Judge();
  }

 private:
  std::int64_t Pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random_);
  }

  OrderTerms RandomTerms(Side side) {
    OrderTerms terms{.side = side, .quantity = Pick(1, 40), .price = Ticks(Pick(1'980, 2'020))};
    const auto dice = Pick(0, 9);
    if (dice == 0) terms.type = OrderType::kMarket;
    if (dice == 1) terms.type = OrderType::kStop;
    if (dice == 2) terms.type = OrderType::kStopMarket;
    if (IsStop(terms.type)) terms.trigger = Ticks(Pick(1'980, 2'020));
    if (Pick(0, 1) == 0) terms.protection_percent = static_cast<std::int32_t>(Pick(1, 25));
    if (Pick(0, 5) == 0) terms.validity = Validity::kIoc;
    return terms;
  }

  void SubmitOne() {
    const OrderId id = ++last_id_;
    const auto terms = RandomTerms(Pick(0, 1) == 0 ? Side::kBuy : Side::kSell);
    orders_[id] = {.terms = terms};
    book_.Submit(id, terms, events_);
  }

  OrderId SomeLive() {
    std::vector<OrderId> live;
    for (const auto& [id, order] : orders_) {
      if (order.live) live.push_back(id);
    }
    if (live.empty()) return 0;
    return live[static_cast<std::size_t>(Pick(0, static_cast<std::int64_t>(live.size()) - 1))];
  }

  void ModifyOne() {
    const OrderId id = SomeLive();
    if (id == 0) return;
    Shadow& order = orders_.at(id);
    const OrderTerms terms = RandomTerms(order.terms.side);
    const bool possible = terms.quantity > order.filled;
    const OrderTerms before = order.terms;
    order.terms = terms;
    EXPECT_EQ(book_.Modify(id, terms, events_).has_value(), possible);
    if (!possible) order.terms = before;
  }

  void CancelOne() {
    const OrderId id = SomeLive();
    if (id == 0) return;
    EXPECT_TRUE(book_.Cancel(id, events_).has_value());
  }

  void MoveMarket() {
    Depth depth;
    const std::int64_t middle = Pick(1'985, 2'015);
    for (std::int64_t level = 0; level < 5; ++level) {
      depth.bids.push_back({Ticks(middle - 1 - level), Pick(0, 60)});
      depth.asks.push_back({Ticks(middle + 1 + level), Pick(0, 60)});
    }
    depth.last_price = Ticks(middle);
    book_.OnMarket(depth, events_);
  }

  void Judge() {
    for (const BookEvent& event : events_) {
      Shadow& order = orders_.at(event.order);
      ASSERT_TRUE(order.live) << "an event after the end of order " << event.order;
      if (event.kind == BookEvent::Kind::kTrade) {
        JudgeTrade(event, order);
      } else if (event.kind == BookEvent::Kind::kCancelled ||
                 event.kind == BookEvent::Kind::kRejected) {
        EXPECT_EQ(event.quantity, order.terms.quantity - order.filled);
        order.live = false;
      }
    }
    EXPECT_EQ(bought_, sold_) << "between our own orders each unit is bought once and sold once";
    for (const auto& [id, order] : orders_) {
      const auto left = book_.remaining(id);
      ASSERT_EQ(left.has_value(), order.live) << "order " << id;
      if (!left) continue;
      EXPECT_EQ(*left, order.terms.quantity - order.filled);
    }
    const auto bid = book_.best_bid();
    const auto ask = book_.best_ask();
    if (!bid || !ask) return;
    EXPECT_LT(*bid, *ask) << "the book is crossed";
  }

  void JudgeTrade(const BookEvent& event, Shadow& order) {
    EXPECT_GT(event.quantity, 0);
    order.filled += event.quantity;
    ASSERT_LE(order.filled, order.terms.quantity) << "order " << event.order << " is over-filled";
    if (order.filled == order.terms.quantity) order.live = false;
    if (order.terms.type == OrderType::kLimit || order.terms.type == OrderType::kStop) {
      const bool buy = order.terms.side == Side::kBuy;
      EXPECT_TRUE(buy ? event.price <= order.terms.price : event.price >= order.terms.price);
    }
    if (event.counter == kMarketSide) return;
    (order.terms.side == Side::kBuy ? bought_ : sold_) += event.quantity;
  }

  std::mt19937_64 random_;
  OrderBook book_{Ticks(1)};
  std::map<OrderId, Shadow> orders_;
  std::vector<BookEvent> events_;
  OrderId last_id_ = 0;
  std::int64_t bought_ = 0;
  std::int64_t sold_ = 0;
};

TEST(OrderBookPropertyTest, RandomOrdersAndMarketsKeepTheRules) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (std::uint64_t play = 0; play < 30 && !testing::Test::HasFailure(); ++play) {
    RandomPlay game{seed + play};
    for (int step = 0; step < 200 && !testing::Test::HasFailure(); ++step) game.Step();
  }
}

/// Among orders of one price and side, fills go in the order of arrival, whatever the sizes.
TEST(OrderBookPropertyTest, EqualPricesFillInOrderOfArrival) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> size{1, 30};
  OrderBook book{Ticks(1)};
  std::vector<BookEvent> events;
  for (OrderId id = 1; id <= 50; ++id) {
    book.Submit(id, {.side = Side::kSell, .quantity = size(random), .price = Ticks(2'000)}, events);
  }
  OrderId last = 1;
  for (OrderId id = 51; id <= 90; ++id) {
    events.clear();
    book.Submit(id, {.side = Side::kBuy, .quantity = size(random), .price = Ticks(2'000)}, events);
    for (const BookEvent& event : events) {
      if (event.kind != BookEvent::Kind::kTrade || event.order != id) continue;
      EXPECT_GE(event.counter, last);
      last = event.counter;
      for (OrderId older = 1; older < event.counter; ++older) {
        EXPECT_FALSE(book.remaining(older).has_value());
      }
    }
  }
}

}  // namespace
}  // namespace sauda::exchange
