#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/exchange/types.hpp"

namespace sauda::exchange {

/// The book of one instrument: price-time priority among the orders given to it, with the market's
/// depth as further resting quantity on both sides. Not thread-safe; one owner.
///
/// Rules:
/// - The market's quantity stands before ours at the same price, is used up by trades, and is
///   replaced whole by the next OnMarket.
/// - An order that comes takes the resting price; a market that comes to a resting order trades at
///   that order's price.
/// - Trades made here do not move the last price: only OnMarket does, and it alone triggers stops.
/// - A lower quantity keeps an order's place; a new price, a higher quantity or another type goes
/// to
///   the end of its price (NSE trading regulations, price-time priority).
/// - The rest of a protected MARKET order stays at its protection price; of an unprotected one it
/// is
///   cancelled; of an IOC order it is cancelled.
class OrderBook {
 public:
  /// `tick` rounds protection prices, towards the last price.
  explicit OrderBook(Decimal tick) : tick_{tick} {}

  /// Takes a new order. The id must be new and the quantity positive. Events are appended in the
  /// order in which they happen, counterparts' trades included.
  void Submit(OrderId id, const OrderTerms& terms, std::vector<BookEvent>& events);

  /// Changes a live order; `terms.quantity` counts what is already filled. Fails, changing nothing,
  /// with NOT_FOUND / ORDER_NOT_IN_BOOK, or FAILED_PRECONDITION / QUANTITY_BELOW_FILLED or
  /// SIDE_FIXED.
  Result<void> Modify(OrderId id, const OrderTerms& terms, std::vector<BookEvent>& events);

  /// Fails with NOT_FOUND / ORDER_NOT_IN_BOOK.
  Result<void> Cancel(OrderId id, std::vector<BookEvent>& events);

  /// Takes the last price, replaces the market's quantity, fills what it crosses, fires the
  /// triggers it reaches. Quantity that it has already (Depth::sequence) stays as used up as it is.
  void OnMarket(const Depth& depth, std::vector<BookEvent>& events);

  /// Nothing is known of the market any more, until the next OnMarket: no quantity, no last price.
  void ForgetMarket();

  /// No order of ours is in it.
  bool empty() const { return places_.empty(); }

  /// Best resting prices, ours and the market's together; absent when that side is empty.
  std::optional<Decimal> best_bid() const;
  std::optional<Decimal> best_ask() const;

  /// Unfilled quantity of a live order; absent when it is not in the book.
  std::optional<std::int64_t> remaining(OrderId id) const;

 private:
  struct Entry {
    OrderId id = 0;
    OrderTerms terms;
    std::int64_t filled = 0;
    std::optional<Decimal> limit;  // absent: any price
    std::int64_t remaining() const { return terms.quantity - filled; }
  };
  using Queue = std::list<Entry>;
  using Bids = std::map<Decimal, Queue, std::greater<>>;
  using Asks = std::map<Decimal, Queue>;
  enum class Where : std::uint8_t { kBid, kAsk, kStop };
  struct Place {
    Where where = Where::kStop;
    Queue::iterator entry;
  };

  bool Reached(const OrderTerms& terms) const;
  void Work(Entry entry, BookEvent::Kind first, std::vector<BookEvent>& events);
  void Match(Entry& entry, std::vector<BookEvent>& events);
  template <typename Ours>
  bool TakeOne(Entry& entry, std::vector<Level>& market, Ours& ours,
               std::vector<BookEvent>& events);
  template <typename Ours>
  void FillResting(Ours& ours, std::vector<Level>& market, std::vector<BookEvent>& events);
  void Rest(Entry entry);
  Entry Take(OrderId id);
  void FireTriggers(std::vector<BookEvent>& events);
  std::optional<Decimal> ProtectionPrice(const OrderTerms& terms) const;

  const Decimal tick_;
  std::vector<Level> market_bids_;  // best last, so that a used level is popped
  std::vector<Level> market_asks_;
  std::optional<Decimal> last_price_;
  std::uint64_t sequence_ = 0;
  Bids bids_;
  Asks asks_;
  Queue stops_;  // in the order in which they came
  std::unordered_map<OrderId, Place> places_;
};

}  // namespace sauda::exchange
