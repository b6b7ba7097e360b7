#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/exchange/order_book.hpp"
#include "libs/exchange/status.hpp"
#include "libs/exchange/types.hpp"

namespace sauda::exchange {

/// An order as the broker shows it.
struct OrderState {
  OrderId id = 0;
  std::string instrument_key;
  /// What was asked last; what a MARKET order rests at inside the book is not shown.
  OrderTerms terms;
  Status status = Status::kPutOrderReqReceived;
  std::int64_t filled = 0;
  /// Rupees, rounded to nanos; 0 before the first fill.
  Decimal average_price;
  /// Why it was rejected, cancelled by a rule, or not modified; empty otherwise.
  std::string message;
  bool after_market = false;
  /// The exchange has accepted it: it has an exchange order id and time from here on.
  bool at_exchange = false;

  /// What still waits for a counterpart; 0 once the order is finished.
  std::int64_t pending() const { return IsTerminal(status) ? 0 : terms.quantity - filled; }
};

/// One execution of an order.
struct Fill {
  std::uint64_t trade_id = 0;  ///< both sides of a trade between two of our orders share it
  Decimal price;
  std::int64_t quantity = 0;
  bool against_market = true;  ///< false: between two of our orders
};

/// One step of an order: its state after it, and the execution that was the step, if it was one.
struct Update {
  OrderState order;
  std::optional<Fill> fill;
};

/// What a new order needs to be taken.
struct NewOrder {
  OrderId id = 0;
  std::string instrument_key;
  Decimal tick;
  OrderTerms terms;
  /// Waits as an after-market order until Release.
  bool after_market = false;
  /// Set: the broker's own checks refuse it for this reason; it ends as `rejected`.
  std::optional<std::string> refusal;
};

/// The broker and the exchange behind it: all orders of one day, one book per instrument, and every
/// status in the order in which the broker tells it. Pure and deterministic; not thread-safe; one
/// owner. Keeps finished orders until it is destroyed: the caller bounds how many it takes.
class Desk {
 public:
  /// Gives the market of an instrument now. Called before an order meets its book.
  using MarketSource = std::function<Depth(std::string_view instrument_key)>;

  explicit Desk(MarketSource market) : market_{std::move(market)} {}

  /// Takes an order and returns all of its steps so far. The id must be new.
  std::vector<Update> Place(const NewOrder& order);

  /// Changes a live order to `terms` (the whole of them). With `refusal` the broker refuses: not
  /// modified, for that reason. Fails with NOT_FOUND / ORDER_UNKNOWN, FAILED_PRECONDITION /
  /// ORDER_FINISHED.
  Result<std::vector<Update>> Modify(OrderId id, const OrderTerms& terms,
                                     std::optional<std::string> refusal = std::nullopt);

  /// Fails as Modify does.
  Result<std::vector<Update>> Cancel(OrderId id,
                                     const std::optional<std::string>& refusal = std::nullopt);

  /// Sends an after-market order on its way; with `refusal` it is rejected. Fails with NOT_FOUND /
  /// ORDER_UNKNOWN, FAILED_PRECONDITION / NOT_AFTER_MARKET.
  Result<std::vector<Update>> Release(OrderId id,
                                      const std::optional<std::string>& refusal = std::nullopt);

  /// Cancels the live orders that `ends` picks, for the end of a session; after-market orders stay.
  std::vector<Update> Expire(const std::function<bool(const OrderState&)>& ends,
                             const std::string& why);

  /// The market of an instrument moved: fills and triggers. Nothing when no order waits there.
  std::vector<Update> OnMarket(std::string_view instrument_key, const Depth& depth);

  /// Whether OnMarket could do anything for this instrument.
  bool Waits(std::string_view instrument_key) const;

  /// Absent when unknown; valid until the next call that changes the desk.
  const OrderState* Find(OrderId id) const;

 private:
  __extension__ using Wide = __int128;  // price in nanos times quantity passes 64 bits

  /// An order and the sums behind its average.
  struct Kept {
    OrderState state;
    Status standing = Status::kOpen;  // what it returns to after a modify or a refusal
    bool fired = false;               // a stop that is a limit or market order by now
    Wide value = 0;                   // nanos of a rupee, all fills together
    Decimal tick;
  };

  /// The order's book, brought up to the market of now; what that fills goes to `updates`.
  OrderBook& FreshBook(const Kept& kept, std::vector<Update>& updates);
  Result<Kept*> FindLive(OrderId id);
  void Refuse(Kept& kept, Status status, const std::string& why, std::vector<Update>& updates);
  void Step(Kept& kept, Status status, std::vector<Update>& updates);
  void Accept(Kept& kept, const std::optional<std::string>& refusal, std::vector<Update>& updates);
  void Apply(const std::vector<BookEvent>& events, std::vector<Update>& updates);
  void ApplyTrade(Kept& kept, const BookEvent& event, std::vector<Update>& updates);

  MarketSource market_;
  std::map<std::string, OrderBook, std::less<>> books_;
  std::unordered_map<OrderId, Kept> orders_;
  std::uint64_t last_trade_id_ = 0;
  OrderId second_side_ = 0;  // of the last trade between two of ours: it gets the same trade id
};

}  // namespace sauda::exchange
