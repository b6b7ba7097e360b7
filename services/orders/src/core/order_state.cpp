#include "services/orders/src/core/order_state.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace sauda::orders {
namespace {

using S = OrderState;

struct StatusWord {
  std::string_view word;
  OrderState state;
};

constexpr std::array kStatusWords{
    StatusWord{"put order req received", S::kPending},
    StatusWord{"validation pending", S::kPending},
    StatusWord{"open pending", S::kPending},
    StatusWord{"after market order req received", S::kPending},
    StatusWord{"trigger pending", S::kTriggerPending},
    StatusWord{"open", S::kOpen},
    StatusWord{"complete", S::kFilled},
    StatusWord{"rejected", S::kRejected},
    StatusWord{"cancelled", S::kCancelled},
    StatusWord{"cancelled after market order", S::kCancelled},
    StatusWord{"modify pending", S::kNone},
    StatusWord{"modify validation pending", S::kNone},
    StatusWord{"modified", S::kNone},
    StatusWord{"not modified", S::kNone},
    StatusWord{"modify after market order req received", S::kNone},
    StatusWord{"cancel pending", S::kNone},
    StatusWord{"not cancelled", S::kNone},
};

bool IsOneOf(OrderState state, std::initializer_list<OrderState> states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

bool HasEnded(OrderState state) {
  return IsOneOf(state, {S::kFilled, S::kCancelled, S::kRejected, S::kNotSent});
}

/// A state that the broker's words lead to.
bool IsBrokers(OrderState state) {
  return IsOneOf(
      state, {S::kPending, S::kTriggerPending, S::kOpen, S::kFilled, S::kCancelled, S::kRejected});
}

/// The broker was never seen to have it, whatever was concluded.
bool WasNeverSeen(const Order& order) {
  return order.broker_order_ids.empty() && IsOneOf(order.state, {S::kNotSent, S::kRejected});
}

bool AddId(std::vector<std::string>& ids, const std::string& id) {
  if (id.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) return false;
  ids.push_back(id);
  return true;
}

std::optional<Order> Moved(Order order, OrderState state, std::string reason, std::string message) {
  order.state = state;
  order.reason = std::move(reason);
  order.message = std::move(message);
  return order;
}

/// An answer to the placing is news only while no other answer is known.
bool AwaitsAnswer(const Order& order) { return order.state == S::kIntent; }

using Next = Result<std::optional<Order>>;

Next After(const Order& order, const Accepted& accepted) {
  Order next = order;
  bool news = false;
  for (const std::string& id : accepted.broker_order_ids) {
    news = AddId(next.broker_order_ids, id) || news;
  }
  if (AwaitsAnswer(order) || order.state == S::kUnknown || WasNeverSeen(order)) {
    return Moved(std::move(next), S::kPending, "", "");
  }
  return news ? std::optional{std::move(next)} : std::nullopt;  // the stream was faster
}

Next After(const Order& order, const Refused& refused) {
  if (!AwaitsAnswer(order)) return std::optional<Order>{};
  return Moved(order, S::kRejected, refused.code, refused.message);
}

Next After(const Order& order, const NotSent& not_sent) {
  if (!AwaitsAnswer(order)) return std::optional<Order>{};
  return Moved(order, S::kNotSent, not_sent.reason, not_sent.message);
}

Next After(const Order& order, const Lost& lost) {
  if (!AwaitsAnswer(order)) return std::optional<Order>{};
  return Moved(order, S::kUnknown, lost.reason, lost.message);
}

Next After(const Order& order, const NeverArrived&) {
  if (order.state != S::kUnknown || !order.broker_order_ids.empty()) return std::optional<Order>{};
  return Moved(order, S::kNotSent, "NEVER_ARRIVED",
               "the broker's book and history were read twice and do not have it");
}

Next After(const Order& order, const Noted& noted) {
  const bool asks =
      noted.what == Noted::What::kModifyAsked || noted.what == Noted::What::kCancelAsked;
  if (asks) {  // an answer is kept whatever has become of the order meanwhile
    if (const auto stands = CheckStands(order); !stands) return stands.error();
  }
  return std::optional{order};
}

Next After(const Order&, const Traded&) { return std::optional<Order>{}; }  // see TakeDeals

Error Inconsistent(const Order& order, const BrokerRow& row) {
  return Error{Code::kDataLoss, "FILL_INCONSISTENT",
               "order " + order.request.client_order_id + " is told `" + row.status + "` with " +
                   std::to_string(row.filled_quantity) + " of " +
                   std::to_string(order.terms.quantity) + " filled"};
}

/// Whether the row tells terms that stand: not while a change is being looked at, or was refused.
bool TellsTerms(const BrokerRow& row) {
  constexpr std::array<std::string_view, 5> kUndecided{"modify pending",
                                                       "modify validation pending", "not modified",
                                                       "cancel pending", "not cancelled"};
  return !row.outdated &&
         std::find(kUndecided.begin(), kUndecided.end(), row.status) == kUndecided.end();
}

/// Takes over what the row says of the terms; fields it leaves out stay.
void TakeTerms(Order& order, const Terms& told) {
  if (told.quantity > 0) order.terms.quantity = told.quantity;
  if (told.validity != Validity::kUnknown) order.terms.validity = told.validity;
  if (told.type == OrderType::kUnknown) return;
  // A stop that fired may be shown as what it became; it stays the stop that was asked for.
  const bool fired = HasTrigger(order.terms.type) && !HasTrigger(told.type) &&
                     HasLimit(order.terms.type) == HasLimit(told.type);
  if (!fired) order.terms.type = told.type;
  if (HasLimit(told.type) && told.price) order.terms.price = told.price;
  if (HasTrigger(told.type) && told.trigger) order.terms.trigger = told.trigger;
  if (!HasLimit(order.terms.type)) order.terms.price.reset();
  if (!HasTrigger(order.terms.type)) order.terms.trigger.reset();
}

/// The state that the row leads to; the present one when it may not be left for what it says.
OrderState StateAfter(const Order& order, OrderState told) {
  const bool unseen =
      order.state == S::kIntent || order.state == S::kUnknown || WasNeverSeen(order);
  if (told == S::kNone) return unseen ? S::kPending : order.state;
  if (order.state == S::kRejected && !WasNeverSeen(order)) return order.state;
  if (order.state == S::kOpen && told == S::kTriggerPending && !HasTrigger(order.terms.type)) {
    return order.state;
  }
  return MayGo(order.state, told) ? told : order.state;
}

bool SameStanding(const Order& a, const Order& b) {
  return a.state == b.state && a.terms == b.terms && a.broker_order_ids == b.broker_order_ids &&
         a.broker_status == b.broker_status && a.reason == b.reason && a.message == b.message &&
         a.filled_quantity == b.filled_quantity && a.average_price == b.average_price;
}

void TakeFill(Order& order, const BrokerRow& row) {
  const bool grew = row.filled_quantity > order.filled_quantity;
  const bool first_average = row.filled_quantity == order.filled_quantity &&
                             row.filled_quantity > 0 && !order.average_price;
  if (grew) order.filled_quantity = row.filled_quantity;
  if ((grew || first_average) && row.average_price) order.average_price = row.average_price;
}

Next After(const Order& order, const BrokerRow& row) {
  const auto told = StateOfStatus(row.status);
  if (!told) return told.error();
  Order next = order;
  AddId(next.broker_order_ids, row.broker_order_id);
  const bool over = HasEnded(order.state) && !WasNeverSeen(order);
  // More is filled than the known terms hold: they have changed, whatever else is being looked at.
  const bool outgrown = row.filled_quantity > order.terms.quantity;
  if (!over && (TellsTerms(row) || outgrown)) TakeTerms(next, row.terms);
  if (row.filled_quantity < 0 || row.filled_quantity > next.terms.quantity ||
      (*told == S::kFilled && row.filled_quantity < next.terms.quantity)) {
    return Inconsistent(next, row);
  }
  if (row.filled_quantity < order.filled_quantity) return std::optional<Order>{};  // older news
  TakeFill(next, row);
  next.state = StateAfter(order, row.outdated && !HasEnded(*told) ? S::kNone : *told);
  if (over && next.state == order.state) {  // nothing but a late fill can be new
    if (next.filled_quantity == order.filled_quantity) return std::optional<Order>{};
    return next;
  }
  next.broker_status = row.status;
  next.reason = next.state == S::kRejected ? "BROKER_REJECTED" : "";
  next.message = row.status_message;
  return SameStanding(next, order) ? std::nullopt : std::optional{std::move(next)};
}

/// Counts the report's trades to what became of the order; trades are news by themselves.
Result<void> TakeDeals(const Order& order, const std::vector<Deal>& deals,
                       std::optional<Order>& next) {
  if (deals.empty()) return {};
  if (!next) next = order;
  for (const Deal& deal : deals) next->traded_quantity += deal.trade.quantity;
  if (next->traded_quantity <= next->terms.quantity) return {};
  return Error{Code::kDataLoss, "TRADES_INCONSISTENT",
               "order " + order.request.client_order_id + " has trades of " +
                   std::to_string(next->traded_quantity) + ", and is for " +
                   std::to_string(next->terms.quantity)};
}

}  // namespace

const std::vector<Deal>& DealsOf(const Report& report) {
  static const std::vector<Deal> kNone;
  if (const auto* const row = std::get_if<BrokerRow>(&report)) return row->deals;
  if (const auto* const traded = std::get_if<Traded>(&report)) return traded->deals;
  return kNone;
}

Report WithDeals(Report report, std::vector<Deal> deals) {
  if (auto* const row = std::get_if<BrokerRow>(&report)) row->deals = std::move(deals);
  if (auto* const traded = std::get_if<Traded>(&report)) traded->deals = std::move(deals);
  return report;
}

std::string_view KindOf(const Report& report) {
  struct Kind {
    std::string_view operator()(const Accepted&) const { return "ACCEPTED"; }
    std::string_view operator()(const Refused&) const { return "REFUSED"; }
    std::string_view operator()(const NotSent&) const { return "NOT_SENT"; }
    std::string_view operator()(const Lost&) const { return "LOST"; }
    std::string_view operator()(const NeverArrived&) const { return "NEVER_ARRIVED"; }
    std::string_view operator()(const BrokerRow&) const { return "BROKER_ROW"; }
    std::string_view operator()(const Traded&) const { return "TRADED"; }
    std::string_view operator()(const Noted& noted) const {
      constexpr std::array<std::string_view, 8> kNames{
          "MODIFY_ASKED", "MODIFY_ACCEPTED", "MODIFY_REFUSED", "MODIFY_UNSETTLED",
          "CANCEL_ASKED", "CANCEL_ACCEPTED", "CANCEL_REFUSED", "CANCEL_UNSETTLED"};
      return kNames.at(static_cast<std::size_t>(noted.what));
    }
  };
  return std::visit(Kind{}, report);
}

Result<OrderState> StateOfStatus(std::string_view status) {
  const auto found = std::find_if(kStatusWords.begin(), kStatusWords.end(),
                                  [&](const StatusWord& word) { return word.word == status; });
  if (found != kStatusWords.end()) return found->state;
  return Error{Code::kInvalidArgument, "BROKER_STATUS_UNKNOWN",
               "the broker says `" + std::string{status} + "`, which is no status we know"};
}

bool MayGo(OrderState from, OrderState to) {
  switch (from) {
    case S::kIntent:
      return to == S::kUnknown || to == S::kNotSent || IsBrokers(to);
    case S::kPending:
      return IsOneOf(to, {S::kTriggerPending, S::kOpen, S::kFilled, S::kCancelled, S::kRejected});
    case S::kTriggerPending:
      return IsOneOf(to, {S::kOpen, S::kFilled, S::kCancelled, S::kRejected});
    case S::kOpen:
      return IsOneOf(to, {S::kTriggerPending, S::kFilled, S::kCancelled, S::kRejected});
    case S::kCancelled:
      return to == S::kFilled;
    case S::kUnknown:
      return to == S::kNotSent || IsBrokers(to);
    case S::kNotSent:
    case S::kRejected:
      return to != from && IsBrokers(to);
    case S::kFilled:
    case S::kNone:
      return false;
  }
  return false;
}

Result<void> CheckStands(const Order& order) {
  const std::string& id = order.request.client_order_id;
  if (order.state == S::kIntent || order.state == S::kUnknown) {
    return Error{Code::kFailedPrecondition, "ORDER_STATE_UNKNOWN",
                 "order " + id + ": its fate is not known yet; reconciliation settles it first"};
  }
  if (!IsOpen(order.state)) {
    return Error{Code::kFailedPrecondition, "ORDER_NOT_OPEN", "order " + id + " is over"};
  }
  return {};
}

Result<std::optional<Order>> Advance(const Order& order, const Report& report,
                                     std::int64_t now_ms) {
  auto next = std::visit([&](const auto& news) { return After(order, news); }, report);
  if (!next) return next;
  if (const auto taken = TakeDeals(order, DealsOf(report), *next); !taken) return taken.error();
  if (*next) {
    (*next)->version = order.version + 1;
    (*next)->updated_ms = now_ms;
  }
  return next;
}

}  // namespace sauda::orders
