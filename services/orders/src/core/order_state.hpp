#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/deal.hpp"
#include "services/orders/src/core/order.hpp"

namespace sauda::orders {

/// The broker took the order (HTTP 200); the exchange has not spoken yet.
struct Accepted {
  std::vector<std::string> broker_order_ids;
};

/// The broker refused the order in its answer; it does not exist there.
struct Refused {
  std::string code;  ///< the broker's, `UDAPI1052`
  std::string message;
};

/// It is certain that nothing reached the broker.
struct NotSent {
  std::string reason;
  std::string message;
};

/// It was sent, or may have been, and no answer came.
struct Lost {
  std::string reason;
  std::string message;
};

/// Reconciliation has seen twice that the broker does not have it.
struct NeverArrived {};

/// One state of an order as the broker (or the paper engine) shows it: a row of the order book or
/// of the history, or an update of the portfolio stream.
struct BrokerRow {
  std::string broker_order_id;
  std::string tag;     ///< empty: none
  std::string status;  ///< the broker's words, `open pending`
  std::string status_message;
  std::int64_t filled_quantity = 0;
  std::optional<Decimal> average_price;
  Terms terms;                      ///< fields that the row leaves out are empty and change nothing
  std::int64_t request_number = 0;  ///< counts the changes asked of the order; 0: not told
  bool outdated = false;  ///< a later change was told before: only its fill and its end are news
  // What an order placed elsewhere is adopted with:
  std::string instrument_key;
  std::string trading_symbol;
  Side side = Side::kUnknown;
  Product product = Product::kUnknown;
  std::vector<Deal> deals;  ///< of this fill, where its trades are known with it: on paper
};

/// Trades of an order that the broker tells apart from its fills. They change no state.
struct Traded {
  std::vector<Deal> deals;
};

/// Something asked of an order that stands, or the answer to it; changes no state by itself.
struct Noted {
  enum class What : std::uint8_t {
    kModifyAsked,
    kModifyAccepted,
    kModifyRefused,
    kModifyUnsettled,
    kCancelAsked,
    kCancelAccepted,
    kCancelRefused,
    kCancelUnsettled,
  };
  What what = What::kModifyAsked;
  std::string detail;
};

/// Everything that can be learnt of an order.
using Report =
    std::variant<Accepted, Refused, NotSent, Lost, NeverArrived, BrokerRow, Noted, Traded>;

/// The trades that a report brings; empty: none.
const std::vector<Deal>& DealsOf(const Report& report);
/// The report with other trades; it has to be of a kind that brings some.
Report WithDeals(Report report, std::vector<Deal> deals);

/// Names the kind of a report in the events table: `ACCEPTED`, `BROKER_ROW`, `CANCEL_ASKED`, ...
std::string_view KindOf(const Report& report);

/// The ledger's state for the broker's word. kNone: the word tells of a modify or cancel under way,
/// the order stands as it stood. Fails with kInvalidArgument / BROKER_STATUS_UNKNOWN.
/// Source: the broker's order status appendix, all 17 words.
Result<OrderState> StateOfStatus(std::string_view status);

/// Whether an order may go from one state to another. The table:
///
///   INTENT           anywhere
///   PENDING          TRIGGER_PENDING, OPEN, FILLED, CANCELLED, REJECTED
///   TRIGGER_PENDING  OPEN, FILLED, CANCELLED, REJECTED
///   OPEN             TRIGGER_PENDING (modified into a stop), FILLED, CANCELLED, REJECTED
///   CANCELLED        FILLED (the last fill was told after the cancellation)
///   UNKNOWN          all but INTENT
///   NOT_SENT         what the broker shows of it: it turned up after all, and is adopted
///   REJECTED         the same, but only when it was refused without a number
///   FILLED           nowhere
bool MayGo(OrderState from, OrderState to);

/// The order after a report, with its version raised; nothing when the report brings no news (a
/// repeat, or older than what is known). Fills only grow, and a state only moves as MayGo says.
/// `now_ms` is the wall clock's. Fails with kInvalidArgument / BROKER_STATUS_UNKNOWN,
/// kDataLoss / FILL_INCONSISTENT (more filled than ordered, or `complete` with less),
/// TRADES_INCONSISTENT (more traded than ordered), and for Noted kFailedPrecondition /
/// ORDER_NOT_OPEN, ORDER_STATE_UNKNOWN. The report's trades have to be new to the ledger.
Result<std::optional<Order>> Advance(const Order& order, const Report& report, std::int64_t now_ms);

/// Whether an order's terms may be changed or the order cancelled now. Fails with
/// kFailedPrecondition / ORDER_NOT_OPEN, ORDER_STATE_UNKNOWN.
Result<void> CheckStands(const Order& order);

}  // namespace sauda::orders
