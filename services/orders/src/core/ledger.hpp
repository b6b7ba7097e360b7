#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/deal.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/order_state.hpp"

namespace sauda::orders {

/// Where orders are kept for ever, with every change. Thread-safe. Both implementations pass
/// tests/contract/ledger_contract.hpp. What fails with kUnavailable / DATABASE_DOWN has changed
/// nothing; COMMIT_IN_DOUBT may have, and every call below may be repeated then.
class Ledger {
 public:
  virtual ~Ledger() = default;

  struct Begun {
    Order order;          ///< what is kept under that name
    bool is_new = false;  ///< this call's intent, and not an earlier one's
  };

  /// Keeps a new order, durable on return, with its first event. When the name is taken, gives what
  /// is kept; the tag tells whose it is, so a repeat after COMMIT_IN_DOUBT is new again.
  virtual Result<Begun> Begin(const Order& intent) = 0;

  struct Change {
    Order order;
    bool changed = false;
    std::vector<KeptDeal> deals;  ///< those that were kept with it
  };

  /// Applies a report by the rules of Advance, alone on that order, and keeps the event and those
  /// trades of the report that are new, all in one transaction. Fails as Advance does, or with
  /// kNotFound / ORDER_UNKNOWN, kDataLoss / TRADE_CONFLICT: a trade of that name is kept with other
  /// content, or of another order.
  virtual Result<Change> Apply(const OrderName& name, const Report& report,
                               std::int64_t now_ms) = 0;

  /// Fails with kNotFound / ORDER_UNKNOWN.
  virtual Result<Order> Find(const OrderName& name) = 0;

  /// How a broker knows an order. The real broker and a simulated one number apart.
  struct BrokerName {
    std::string account_id;
    bool simulated = false;
    std::string broker_order_id;  ///< empty: not looked for
    std::string tag;              ///< looked for when the number is not there; empty: neither
  };
  /// Fails with kNotFound / ORDER_UNKNOWN.
  virtual Result<Order> FindByBroker(const BrokerName& name) = 0;

  struct Query {
    std::string account_id;
    bool open_only = false;
    std::int32_t limit = 100;
    std::int64_t before = 0;  ///< the last page's `next`; 0: from the newest
  };
  struct Page {
    std::vector<Order> orders;  ///< newest first
    std::int64_t next = 0;      ///< 0: this was the last
  };
  virtual Result<Page> List(const Query& query) = 0;

  /// Where an order went.
  struct Place {
    std::string account_id;
    Route route = Route::kUnknown;
    bool simulated = false;
  };
  /// Orders that went there and whose end is not known: INTENT, UNKNOWN and open ones, oldest
  /// first.
  virtual Result<std::vector<Order>> Unsettled(const Place& place) = 0;

  /// Numbers at one broker.
  struct Numbers {
    std::string account_id;
    bool simulated = false;
    std::vector<std::string> broker_order_ids;
  };
  /// The orders with these numbers, in any order; numbers that no order has are left out.
  virtual Result<std::vector<Order>> WithNumbers(const Numbers& numbers) = 0;

  /// When calls were sent to the broker, or about to be: intents, modifies and cancels on the live
  /// route since `since_ms`; wall clock, newest first, at most `limit`.
  struct Sent {
    std::string account_id;
    std::int64_t since_ms = 0;
    std::int32_t limit = 0;
  };
  virtual Result<std::vector<std::int64_t>> SentSince(const Sent& query) = 0;

  /// A modify that was asked for.
  struct AskedModify {
    std::string client_order_id;
    std::string detail;  ///< of its MODIFY_ASKED event
  };
  /// Modifies of open orders on the live route that were asked for since then and not refused,
  /// oldest first, at most `limit`.
  virtual Result<std::vector<AskedModify>> ModifiesSince(const Sent& query) = 0;

  /// Orders that went there, have changed since `since_ms` (wall clock) and have fills that no
  /// trade confirms yet; oldest first, at most 1000.
  virtual Result<std::vector<Order>> Untraded(const Place& place, std::int64_t since_ms) = 0;

  /// Where a list of trades stands.
  struct DealPlace {
    portfolio::IstDate day{.year = 1, .month = 1, .day = 1};
    std::int64_t number = 0;
  };
  struct DealQuery {
    std::string account_id;
    Route route = Route::kUnknown;  ///< kUnknown: whatever route and broker
    bool simulated = false;         ///< of that route
    std::string client_order_id;    ///< empty: of every order
    /// Market days, both included.
    portfolio::IstDate from{.year = 1, .month = 1, .day = 1};
    portfolio::IstDate to{.year = 9999, .month = 12, .day = 31};
    std::int32_t limit = 100;
    DealPlace after;  ///< the last page's `next`
  };
  struct DealPage {
    std::vector<KeptDeal> deals;    ///< by market day, then as they were written
    std::optional<DealPlace> next;  ///< absent: this was the last
  };
  virtual Result<DealPage> Deals(const DealQuery& query) = 0;

  struct Counts {
    std::int64_t unknown = 0;
    std::int64_t open = 0;
  };
  virtual Result<Counts> Count(const std::string& account_id) = 0;

  struct Event {
    std::int64_t version = 0;
    std::string kind;  ///< INTENT, ADOPTED, or as KindOf says
    OrderState state = OrderState::kNone;
    std::int64_t filled_quantity = 0;
    std::string broker_status;
    std::string reason;
    std::string message;
    std::int64_t at_ms = 0;
  };
  /// Every change of an order, oldest first. Fails with kNotFound / ORDER_UNKNOWN.
  virtual Result<std::vector<Event>> History(const OrderName& name) = 0;
};

/// All trades of one order, in their order. Fails as Deals does, or with kResourceExhausted /
/// TOO_MANY_TRADES: over 100000, which no order has.
Result<std::vector<KeptDeal>> DealsOfOrder(Ledger& ledger, const OrderName& name);

}  // namespace sauda::orders
