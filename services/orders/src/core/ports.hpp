#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/deal.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/order_state.hpp"

namespace sauda::orders {

/// Gives instruments by key or trading symbol. Thread-safe; may block up to its deadline.
class InstrumentDirectory {
 public:
  virtual ~InstrumentDirectory() = default;
  /// Fails with kNotFound / INSTRUMENT_UNKNOWN, kFailedPrecondition / SYMBOL_AMBIGUOUS, or
  /// kUnavailable / INSTRUMENTS_DOWN.
  virtual Result<Instrument> Find(const std::string& name) = 0;
};

/// Where committed orders go: the paper engine or the broker. Thread-safe; may block up to its
/// deadline. Nothing here is ever tried twice.
class Venue {
 public:
  virtual ~Venue() = default;

  virtual Route route() const = 0;
  virtual bool simulated() const = 0;

  /// Whether a new order may be committed for this route now. Fails with kUnavailable and the
  /// reason to give: TOKEN_MISSING, NOT_RECONCILED, FEED_DOWN, CLOCK_OFF, ...
  virtual Result<void> CheckReady() = 0;

  /// The same for one order: what only this route knows of it. Fails closed.
  virtual Result<void> CheckOrder(const NewOrder& order, const Instrument& instrument) = 0;

  /// Sends a committed order and tells what became of it: Accepted, Refused, NotSent or Lost.
  virtual Report Place(const Order& order, const Instrument& instrument) = 0;

  /// Fails with kFailedPrecondition / BROKER_REFUSED, kUnavailable / BROKER_UNREACHABLE (nothing
  /// left), or kUnavailable / UNSETTLED (sent, no answer).
  virtual Result<void> Modify(const Order& order, const Terms& terms) = 0;

  /// Fails as Modify does.
  virtual Result<void> Cancel(const Order& order) = 0;
};

/// A trade as the broker tells it.
struct BrokerTrade {
  Execution execution;
  Side side = Side::kUnknown;
};

/// Shares that the broker shows as owned.
struct BrokerHolding {
  std::string instrument_key;
  std::int64_t quantity = 0;  ///< settled or not; what was sold today is in it
  Decimal average_price;      ///< rupees; 0: the broker says none
};

/// The broker's own view of our orders, for reconciliation. Thread-safe; may block up to its
/// deadline. Fails with kUnavailable / BROKER_DOWN, kUnauthenticated / TOKEN_MISSING.
class BrokerBook {
 public:
  virtual ~BrokerBook() = default;
  /// Today's orders, each in its latest state.
  virtual Result<std::vector<BrokerRow>> Book() = 0;
  /// Every state of the orders with this tag, oldest first; empty when there is none.
  virtual Result<std::vector<BrokerRow>> HistoryOfTag(const std::string& tag) = 0;
  /// Today's trades of all orders.
  virtual Result<std::vector<BrokerTrade>> TradesOfDay() = 0;
  /// Shares bought for delivery on earlier days.
  virtual Result<std::vector<BrokerHolding>> Holdings() = 0;
};

/// Hears of every committed change, of one order in the order of its versions. Called by the thread
/// that made the change: must not block.
class OrderListener {
 public:
  virtual ~OrderListener() = default;
  virtual void OnOrder(const Order& order) = 0;
};

/// Hears of what a person should know. Thread-safe; must not block.
class Watchman {
 public:
  enum class What : std::uint8_t {
    kPlaced,           ///< info: an order was committed and sent
    kAdopted,          ///< warning: an order placed elsewhere is now in the ledger
    kTurnedUp,         ///< error: an order concluded as not sent is at the broker after all
    kUnknown,          ///< error: an order's fate is not known
    kSettled,          ///< info: a fate that was not known is
    kNotUnderstood,    ///< error: the broker said of an order what the rules refuse
    kUnrecorded,       ///< error: what became of a sent order could not be written
    kMissingFromBook,  ///< warning: an order that should rest is not in the broker's book
  };
  virtual ~Watchman() = default;
  virtual void Tell(What what, const Order& order, std::string_view detail) = 0;
};

}  // namespace sauda::orders
