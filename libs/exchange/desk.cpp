#include "libs/exchange/desk.hpp"

#include <algorithm>
#include <utility>

#include "libs/base/check.hpp"

namespace sauda::exchange {

OrderBook& Desk::FreshBook(const Kept& kept, std::vector<Update>& updates) {
  const auto [place, added] = books_.try_emplace(kept.state.instrument_key, kept.tick);
  std::vector<BookEvent> events;
  place->second.OnMarket(market_(kept.state.instrument_key), events);
  Apply(events, updates);
  return place->second;
}

Result<Desk::Kept*> Desk::FindLive(OrderId id) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) {
    return Error{Code::kNotFound, "ORDER_UNKNOWN", "no order " + std::to_string(id)};
  }
  const OrderState& state = found->second.state;
  if (IsTerminal(state.status)) {
    return Error{Code::kFailedPrecondition, "ORDER_FINISHED",
                 "order " + std::to_string(id) + " is " + std::string{ToText(state.status)}};
  }
  return &found->second;
}

void Desk::Step(Kept& kept, Status status, std::vector<Update>& updates) {
  kept.state.status = status;
  updates.push_back({.order = kept.state, .fill = std::nullopt});
}

void Desk::Refuse(Kept& kept, Status status, const std::string& why, std::vector<Update>& updates) {
  kept.state.message = why;
  Step(kept, status, updates);
  kept.state.message.clear();
  Step(kept, kept.standing, updates);
}

std::vector<Update> Desk::Place(const NewOrder& order) {
  Check(!orders_.contains(order.id), "the order's id is new");
  Kept& kept = orders_[order.id];
  kept.state.id = order.id;
  kept.state.instrument_key = order.instrument_key;
  kept.state.terms = order.terms;
  kept.state.after_market = order.after_market;
  kept.tick = order.tick;
  std::vector<Update> updates;
  if (order.after_market && !order.refusal) {
    Step(kept, Status::kAfterMarketReqReceived, updates);
    return updates;
  }
  Step(kept, Status::kPutOrderReqReceived, updates);
  Accept(kept, order.refusal, updates);
  return updates;
}

void Desk::Accept(Kept& kept, const std::optional<std::string>& refusal,
                  std::vector<Update>& updates) {
  Step(kept, Status::kValidationPending, updates);
  if (refusal) {
    kept.state.message = *refusal;
    return Step(kept, Status::kRejected, updates);
  }
  OrderBook& book = FreshBook(kept, updates);
  Step(kept, Status::kOpenPending, updates);
  std::vector<BookEvent> events;
  book.Submit(kept.state.id, kept.state.terms, events);
  Apply(events, updates);
}

Result<std::vector<Update>> Desk::Modify(OrderId id, const OrderTerms& terms,
                                         std::optional<std::string> refusal) {
  const auto live = FindLive(id);
  if (!live) return live.error();
  Kept& kept = **live;
  std::vector<Update> updates;
  if (kept.state.after_market && !kept.state.at_exchange) {
    if (!refusal && terms.quantity <= 0) refusal = "quantity must be positive";
    if (refusal) return Error{Code::kFailedPrecondition, "NOT_MODIFIED", *refusal};
    kept.state.terms = terms;
    Step(kept, Status::kModifyAfterMarketReqReceived, updates);
    return updates;
  }
  OrderBook& book = FreshBook(kept, updates);
  if (IsTerminal(kept.state.status)) return updates;  // the market of now finished it first
  Step(kept, Status::kModifyPending, updates);
  Step(kept, Status::kModifyValidationPending, updates);
  if (refusal) {
    Refuse(kept, Status::kNotModified, *refusal, updates);
    return updates;
  }
  OrderTerms asked = terms;
  if (kept.fired && IsStop(asked.type)) {
    // What it has become by now is what is changed.
    asked.type = asked.type == OrderType::kStop ? OrderType::kLimit : OrderType::kMarket;
  }
  std::vector<BookEvent> events;
  if (const auto modified = book.Modify(id, asked, events); !modified) {
    Refuse(kept, Status::kNotModified, modified.error().message, updates);
    return updates;
  }
  kept.state.terms = terms;
  kept.fired = kept.fired && IsStop(terms.type);
  kept.standing = IsStop(asked.type) ? Status::kTriggerPending : Status::kOpen;
  Apply(events, updates);
  return updates;
}

Result<std::vector<Update>> Desk::Cancel(OrderId id, const std::optional<std::string>& refusal) {
  const auto live = FindLive(id);
  if (!live) return live.error();
  Kept& kept = **live;
  std::vector<Update> updates;
  if (kept.state.after_market && !kept.state.at_exchange) {
    if (refusal) return Error{Code::kFailedPrecondition, "NOT_CANCELLED", *refusal};
    Step(kept, Status::kCancelledAfterMarket, updates);
    return updates;
  }
  Step(kept, Status::kCancelPending, updates);
  if (refusal) {
    Refuse(kept, Status::kNotCancelled, *refusal, updates);
    return updates;
  }
  std::vector<BookEvent> events;
  const auto cancelled = books_.at(kept.state.instrument_key).Cancel(id, events);
  Check(cancelled.has_value(), "a live order is in its book");
  Apply(events, updates);
  return updates;
}

Result<std::vector<Update>> Desk::Release(OrderId id, const std::optional<std::string>& refusal) {
  const auto live = FindLive(id);
  if (!live) return live.error();
  Kept& kept = **live;
  if (!kept.state.after_market || kept.state.at_exchange) {
    return Error{Code::kFailedPrecondition, "NOT_AFTER_MARKET",
                 "order " + std::to_string(id) + " does not wait for the market to open"};
  }
  std::vector<Update> updates;
  Accept(kept, refusal, updates);
  return updates;
}

std::vector<Update> Desk::Expire(const std::function<bool(const OrderState&)>& ends,
                                 const std::string& why) {
  std::vector<OrderId> live;
  for (const auto& [id, kept] : orders_) {
    const OrderState& state = kept.state;
    if (state.at_exchange && !IsTerminal(state.status) && ends(state)) live.push_back(id);
  }
  std::sort(live.begin(), live.end());
  std::vector<Update> updates;
  for (const OrderId id : live) {
    Kept& kept = orders_.at(id);
    std::vector<BookEvent> events;
    const auto cancelled = books_.at(kept.state.instrument_key).Cancel(id, events);
    Check(cancelled.has_value(), "a live order is in its book");
    events.back().why = why;
    Apply(events, updates);
  }
  return updates;
}

std::vector<Update> Desk::OnMarket(std::string_view instrument_key, const Depth& depth) {
  std::vector<Update> updates;
  const auto found = books_.find(instrument_key);
  if (found == books_.end()) return updates;
  std::vector<BookEvent> events;
  found->second.OnMarket(depth, events);
  Apply(events, updates);
  return updates;
}

bool Desk::Waits(std::string_view instrument_key) const {
  const auto found = books_.find(instrument_key);
  return found != books_.end() && !found->second.empty();
}

const OrderState* Desk::Find(OrderId id) const {
  const auto found = orders_.find(id);
  return found == orders_.end() ? nullptr : &found->second.state;
}

void Desk::Apply(const std::vector<BookEvent>& events, std::vector<Update>& updates) {
  using Kind = BookEvent::Kind;
  for (const BookEvent& event : events) {
    Kept& kept = orders_.at(event.order);
    switch (event.kind) {
      case Kind::kTriggerPending:
        kept.state.at_exchange = true;
        kept.standing = Status::kTriggerPending;
        Step(kept, Status::kTriggerPending, updates);
        break;
      case Kind::kTriggered:
        kept.fired = true;
        Step(kept, Status::kOpenPending, updates);
        break;
      case Kind::kOpen:
        kept.state.at_exchange = true;
        kept.standing = Status::kOpen;
        Step(kept, Status::kOpen, updates);
        break;
      case Kind::kModified:
        Step(kept, Status::kModified, updates);
        Step(kept, kept.standing, updates);
        break;
      case Kind::kTrade:
        ApplyTrade(kept, event, updates);
        break;
      case Kind::kCancelled:
        kept.state.message = event.why;
        Step(kept, Status::kCancelled, updates);
        break;
      case Kind::kRejected:
        kept.state.message = event.why;
        Step(kept, Status::kRejected, updates);
        break;
    }
  }
}

void Desk::ApplyTrade(Kept& kept, const BookEvent& event, std::vector<Update>& updates) {
  const bool second_side = event.counter != kMarketSide && event.order == second_side_;
  if (!second_side) ++last_trade_id_;
  second_side_ = second_side ? 0 : event.counter;
  OrderState& state = kept.state;
  state.filled += event.quantity;
  kept.value += static_cast<Wide>(event.price.nanos()) * event.quantity;
  state.average_price =
      Decimal::FromNanos(static_cast<std::int64_t>((kept.value + state.filled / 2) / state.filled));
  state.status = state.filled == state.terms.quantity ? Status::kComplete : Status::kOpen;
  updates.push_back({.order = state,
                     .fill = Fill{.trade_id = last_trade_id_,
                                  .price = event.price,
                                  .quantity = event.quantity,
                                  .against_market = event.counter == kMarketSide}});
}

}  // namespace sauda::exchange
