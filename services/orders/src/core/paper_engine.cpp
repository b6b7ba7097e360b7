#include "services/orders/src/core/paper_engine.hpp"

#include <optional>
#include <utility>

#include "services/orders/src/core/reconciler.hpp"

namespace sauda::orders {
namespace {

using exchange::BookEvent;

exchange::OrderType BookType(OrderType type, bool fired) {
  switch (type) {
    case OrderType::kStopLimit:
      return fired ? exchange::OrderType::kLimit : exchange::OrderType::kStop;
    case OrderType::kStopMarket:
      return fired ? exchange::OrderType::kMarket : exchange::OrderType::kStopMarket;
    case OrderType::kLimit:
      return exchange::OrderType::kLimit;
    case OrderType::kMarket:
    case OrderType::kUnknown:
      break;
  }
  return exchange::OrderType::kMarket;
}

Error Refuse(std::string why) {
  return Error{Code::kFailedPrecondition, "BROKER_REFUSED", std::move(why)};
}

Error Busy() {
  return Error{Code::kUnavailable, "BROKER_UNREACHABLE",
               "the paper engine waits for the database to take earlier steps"};
}

bool NeedsPrice(const NewOrder& order) {
  return order.type == OrderType::kMarket || order.validity == Validity::kIoc;
}

}  // namespace

exchange::OrderTerms PaperEngine::BookTerms(const Standing& standing, const Terms& terms) {
  const std::int32_t percent =
      standing.protection_percent != 0 ? standing.protection_percent : kAutomaticProtectionPercent;
  return {.side = standing.side == Side::kBuy ? exchange::Side::kBuy : exchange::Side::kSell,
          .type = BookType(terms.type, standing.fired),
          .validity = terms.validity == Validity::kIoc ? exchange::Validity::kIoc
                                                       : exchange::Validity::kDay,
          .quantity = terms.quantity - standing.filled_before,
          .price = terms.price.value_or(Decimal{}),
          .trigger = terms.trigger.value_or(Decimal{}),
          .protection_percent = percent};
}

Result<void> PaperEngine::CheckReady() {
  const std::lock_guard lock{mutex_};
  if (open_) return {};
  return Error{Code::kUnavailable, "NOT_RECONCILED",
               "resting paper orders are being put back from the ledger"};
}

Result<void> PaperEngine::CheckOrder(const NewOrder& order, const Instrument& instrument) {
  if (!NeedsPrice(order)) return {};
  const auto depth = market_.Latest(instrument.key);
  if (!depth) return depth.error();
  return {};
}

exchange::OrderId PaperEngine::Add(const Order& order) {
  const exchange::OrderId id = ++last_id_;
  orders_[id] = {.name = NameOf(order),
                 .tag = order.tag,
                 .instrument_key = order.instrument_key,
                 .side = order.request.side,
                 .terms = order.terms,
                 .protection_percent = order.request.protection_percent,
                 .filled = order.filled_quantity,
                 .filled_before = order.filled_quantity,
                 .value = static_cast<Wide>(order.average_price.value_or(Decimal{}).nanos()) *
                          order.filled_quantity,
                 .market_ms = order.market_ms};
  ids_[order.tag] = id;
  return id;
}

exchange::OrderBook& PaperEngine::BookOf(const std::string& instrument_key, Decimal tick) {
  const auto [book, is_new] = books_.try_emplace(instrument_key, tick);
  if (is_new) market_.Follow(instrument_key);
  return book->second;
}

Report PaperEngine::Place(const Order& order, const Instrument& instrument) {
  const bool needs_price = NeedsPrice(order.request);
  const auto depth = needs_price ? market_.Latest(order.instrument_key)
                                 : Result<exchange::Depth>{exchange::Depth{}};
  if (!depth) return NotSent{depth.error().reason, depth.error().message};
  const std::lock_guard lock{mutex_};
  if (!sink_.HasRoom()) return NotSent{"PAPER_BUSY", Busy().message};
  const exchange::OrderId id = Add(order);
  exchange::OrderBook& book = BookOf(order.instrument_key, instrument.tick);
  std::vector<BookEvent> events;
  if (needs_price) book.OnMarket(*depth, events);
  const Standing& standing = orders_.at(id);
  book.Submit(id, BookTerms(standing, standing.terms), events);
  Take(events);
  return Accepted{.broker_order_ids = {NumberOf(order.tag)}};
}

Result<void> PaperEngine::Modify(const Order& order, const Terms& terms) {
  const std::lock_guard lock{mutex_};
  if (!sink_.HasRoom()) return Busy();
  const auto id = ids_.find(order.tag);
  if (id == ids_.end()) return Refuse("the order is over");
  Standing& standing = orders_.at(id->second);
  std::vector<BookEvent> events;
  exchange::OrderBook& book = books_.at(standing.instrument_key);
  const auto modified = book.Modify(id->second, BookTerms(standing, terms), events);
  if (!modified) return Refuse(modified.error().message);
  standing.terms = terms;
  Take(events);
  return {};
}

Result<void> PaperEngine::Cancel(const Order& order) {
  const std::lock_guard lock{mutex_};
  if (!sink_.HasRoom()) return Busy();
  const auto id = ids_.find(order.tag);
  if (id == ids_.end()) return Refuse("the order is over");
  std::vector<BookEvent> events;
  const auto cancelled =
      books_.at(orders_.at(id->second).instrument_key).Cancel(id->second, events);
  if (!cancelled) return Refuse(cancelled.error().message);
  Take(events);
  return {};
}

void PaperEngine::Restore(const Order& order, Decimal tick) {
  const std::lock_guard lock{mutex_};
  const exchange::OrderId id = Add(order);
  Standing& standing = orders_.at(id);
  standing.fired = HasTrigger(order.terms.type) && order.state == OrderState::kOpen;
  const exchange::OrderTerms terms = BookTerms(standing, order.terms);
  if (terms.type == exchange::OrderType::kMarket || terms.quantity <= 0) {
    Tell(standing, "cancelled", "the service restarted, which the rest of a market order ends");
    return End(id);
  }
  std::vector<BookEvent> events;
  BookOf(order.instrument_key, tick).Submit(id, terms, events);
  Take(events);
}

void PaperEngine::Open() {
  const std::lock_guard lock{mutex_};
  open_ = true;
}

void PaperEngine::OnMarket(const std::string& instrument_key, const exchange::Depth& depth) {
  const std::lock_guard lock{mutex_};
  const auto book = books_.find(instrument_key);
  if (book == books_.end() || !sink_.HasRoom()) return;
  std::vector<BookEvent> events;
  book->second.OnMarket(depth, events);
  Take(events);
}

void PaperEngine::EndOldDays() {
  const std::lock_guard lock{mutex_};
  const std::int64_t now_ms = market_clock_.NowMs();
  std::vector<exchange::OrderId> over;
  for (const auto& [id, standing] : orders_) {
    if (standing.market_ms < now_ms && !IsSameMarketDay(standing.market_ms, now_ms)) {
      over.push_back(id);
    }
  }
  for (const exchange::OrderId id : over) {
    if (!sink_.HasRoom()) return;  // the next call goes on
    std::vector<BookEvent> events;
    const auto cancelled = books_.at(orders_.at(id).instrument_key).Cancel(id, events);
    if (!cancelled) continue;
    events.back().why = "the day of a DAY order is over";
    Take(events);
  }
}

void PaperEngine::Tell(const Standing& standing, std::string_view status,
                       const std::string& message) {
  BrokerRow row{.broker_order_id = NumberOf(standing.tag),
                .tag = standing.tag,
                .status = std::string{status},
                .status_message = message,
                .filled_quantity = standing.filled,
                .terms = standing.terms,
                .instrument_key = standing.instrument_key,
                .side = standing.side};
  if (standing.filled > 0) {
    const Wide average = (standing.value + standing.filled / 2) / standing.filled;
    row.average_price = Decimal::FromNanos(static_cast<std::int64_t>(average));
  }
  sink_.Put({.name = standing.name, .row = std::move(row)});
}

void PaperEngine::Trade(Standing& standing, const BookEvent& event) {
  standing.filled += event.quantity;
  standing.value += static_cast<Wide>(event.price.nanos()) * event.quantity;
  Tell(standing, standing.filled == standing.terms.quantity ? "complete" : "open", "");
}

void PaperEngine::Take(const std::vector<BookEvent>& events) {
  using Kind = BookEvent::Kind;
  for (const BookEvent& event : events) {
    Standing& standing = orders_.at(event.order);
    switch (event.kind) {
      case Kind::kTriggerPending:
        Tell(standing, "trigger pending", "");
        break;
      case Kind::kTriggered:
        standing.fired = true;
        break;
      case Kind::kOpen:
        Tell(standing, "open", "");
        break;
      case Kind::kModified:
        Tell(standing, "modified", "");
        Tell(standing,
             HasTrigger(standing.terms.type) && !standing.fired ? "trigger pending" : "open", "");
        break;
      case Kind::kTrade:
        Trade(standing, event);
        if (standing.filled == standing.terms.quantity) End(event.order);
        break;
      case Kind::kCancelled:
      case Kind::kRejected:
        Tell(standing, event.kind == Kind::kCancelled ? "cancelled" : "rejected", event.why);
        End(event.order);
        break;
    }
  }
}

void PaperEngine::End(exchange::OrderId id) {
  const auto found = orders_.find(id);
  const std::string key = found->second.instrument_key;
  ids_.erase(found->second.tag);
  orders_.erase(found);
  const auto book = books_.find(key);
  if (book == books_.end() || !book->second.empty()) return;
  books_.erase(book);
  market_.Release(key);
}

}  // namespace sauda::orders
