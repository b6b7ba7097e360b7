#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/decimal.hpp"

namespace sauda::orders {

// kUnknown is what a request with a value outside the contract becomes; every rule refuses it.
// The numbers are the proto's and the database's: they never change.
enum class Side : std::uint8_t { kUnknown = 0, kBuy = 1, kSell = 2 };
enum class OrderType : std::uint8_t {
  kUnknown = 0,
  kMarket = 1,
  kLimit = 2,
  kStopLimit = 3,
  kStopMarket = 4
};
enum class Product : std::uint8_t { kUnknown = 0, kIntraday = 1, kDelivery = 2, kMtf = 3 };
enum class Validity : std::uint8_t { kUnknown = 0, kDay = 1, kIoc = 2 };
enum class Route : std::uint8_t { kUnknown = 0, kPaper = 1, kLive = 2 };

/// How an order stands in the ledger; see order_state.hpp for what may follow what.
enum class OrderState : std::uint8_t {
  kNone = 0,
  kIntent = 1,
  kPending = 2,
  kTriggerPending = 3,
  kOpen = 4,
  kFilled = 5,
  kCancelled = 6,
  kRejected = 7,
  kUnknown = 8,
  kNotSent = 9,
};

constexpr bool HasLimit(OrderType type) {
  return type == OrderType::kLimit || type == OrderType::kStopLimit;
}
constexpr bool HasTrigger(OrderType type) {
  return type == OrderType::kStopLimit || type == OrderType::kStopMarket;
}

/// What the rules need to know of an instrument.
struct Instrument {
  std::int64_t id = 0;  ///< durable number of the contract; 0: not known
  std::string key;      ///< the broker's, `NSE_EQ|INE009A01021`
  std::string trading_symbol;
  Decimal tick;                      ///< smallest price step in rupees; 0: none is known
  std::int64_t lot = 0;              ///< quantities are multiples of it; 0: cannot be traded
  std::int64_t freeze_quantity = 0;  ///< largest quantity of one order; 0: none is known
  std::int64_t expiry_ms = 0;        ///< end of its last day, UTC; 0: does not expire
  bool tradable = false;             ///< no index, no spot
  bool active = false;               ///< in the last master
  // What its trades are booked and charged by:
  std::string segment;            ///< `NSE_EQ`, `NSE_FO`, …
  std::string type;               ///< series or group of shares, else `FUT`, `CE`, `PE`
  std::string underlying_key;     ///< empty: none
  std::string underlying_symbol;  ///< empty: none
  /// Rupees per rupee of price and unit of quantity: above 1 where quantities are lots.
  std::int64_t multiplier = 1;
};

/// A new order as it was asked for. Two are the same order when they are equal in all but the
/// instrument, which goes by several names; see SameOrder.
struct NewOrder {
  std::string account_id;
  std::string client_order_id;  ///< chosen by the caller; the same id is the same order, for ever
  std::string instrument;       ///< broker key or trading symbol, as asked
  Side side = Side::kUnknown;
  std::int64_t quantity = 0;  ///< units, not lots
  OrderType type = OrderType::kUnknown;
  std::optional<Decimal> price;
  std::optional<Decimal> trigger;
  Product product = Product::kUnknown;
  Validity validity = Validity::kUnknown;
  std::int64_t disclosed_quantity = 0;  ///< 0: all of it is shown
  std::int32_t protection_percent = 0;  ///< 0: the broker's own
  std::vector<std::string> tags;        ///< the user's; they stay in the ledger
};

/// What a modify may change; the whole of it as it stands.
struct Terms {
  std::int64_t quantity = 0;
  OrderType type = OrderType::kUnknown;
  std::optional<Decimal> price;
  std::optional<Decimal> trigger;
  Validity validity = Validity::kUnknown;

  friend bool operator==(const Terms&, const Terms&) = default;
};

/// One order as the ledger has it.
struct Order {
  NewOrder request;  ///< never changes
  Terms terms;       ///< as they stand, after modifies
  std::int64_t instrument_id = 0;
  std::string instrument_key;
  std::string trading_symbol;
  std::string tag;  ///< the id of ours that travels to the broker, at most 40 characters
  std::vector<std::string> broker_order_ids;
  OrderState state = OrderState::kIntent;
  std::string broker_status;  ///< the broker's own word
  std::string reason;  ///< stable, UPPER_SNAKE or the broker's code; empty: nothing to explain
  std::string message;
  std::int64_t filled_quantity = 0;
  std::int64_t traded_quantity = 0;  ///< of its trades in the ledger; they may come after the fill
  std::optional<Decimal> average_price;
  std::int64_t created_ms = 0;  ///< wall clock, UTC
  std::int64_t updated_ms = 0;
  std::int64_t market_ms = 0;  ///< market clock when the intent was committed
  std::int64_t version = 0;    ///< rises with every change
  Route route = Route::kUnknown;
  bool simulated = false;
};

/// Names an order in the ledger.
struct OrderName {
  std::string account_id;
  std::string client_order_id;
};

/// Whether trades have confirmed all that is told as filled.
inline bool IsConfirmed(const Order& order) {
  return order.filled_quantity > 0 && order.traded_quantity >= order.filled_quantity;
}

inline OrderName NameOf(const Order& order) {
  return {order.request.account_id, order.request.client_order_id};
}

/// Whether it may still trade, as far as is known.
constexpr bool IsOpen(OrderState state) {
  return state == OrderState::kPending || state == OrderState::kTriggerPending ||
         state == OrderState::kOpen;
}

}  // namespace sauda::orders
