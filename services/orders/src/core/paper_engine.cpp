#include "services/orders/src/core/paper_engine.hpp"

#include <optional>
#include <utility>

#include "libs/base/check.hpp"
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

Error ServiceClosed() {
  return Refuse("UDAPI100074: the order service is open from 05:30 to 24:00 IST");
}

Error NotOpen() {
  return Error{Code::kUnavailable, "BROKER_UNREACHABLE",
               "resting paper orders are being put back from the ledger"};
}

bool NeedsPrice(const NewOrder& order) {
  return order.type == OrderType::kMarket || order.validity == Validity::kIoc;
}

}  // namespace

exchange::OrderTerms PaperEngine::BookTerms(const Standing& standing, const Terms& terms) {
  const std::int32_t percent = standing.protection_percent != 0
                                   ? standing.protection_percent
                                   : exchange::kAutomaticProtectionPercent;
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
  {
    const std::lock_guard lock{mutex_};
    if (IsClosed(instrument.key)) return {};
  }
  const auto depth = market_.Latest(instrument.key);
  if (!depth) return depth.error();
  return {};
}

exchange::OrderId PaperEngine::Add(const Order& order, Pit& pit) {
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
  if (++pit.orders == 1) market_.Follow(order.instrument_key);
  return id;
}

PaperEngine::Pit& PaperEngine::PitOf(const std::string& instrument_key, Decimal tick) {
  if (pits_.size() >= kMostPits && !pits_.contains(instrument_key)) {
    std::erase_if(pits_, [](const auto& entry) { return entry.second.orders == 0; });
  }
  const auto kept = pits_.find(instrument_key);
  const bool outdated =
      kept != pits_.end() && kept->second.orders == 0 && kept->second.tick != tick;
  if (outdated) pits_.erase(kept);
  return pits_.try_emplace(instrument_key, tick).first->second;
}

bool PaperEngine::ShowNewest(const std::string& instrument_key, Pit& pit) {
  const auto depth = market_.Newest(instrument_key);
  if (depth) {
    Meet(pit, *depth);
  } else {
    pit.book.ForgetMarket();
  }
  return depth.has_value();
}

void PaperEngine::Meet(Pit& pit, const exchange::Depth& depth) {
  std::vector<BookEvent> events;
  const auto unmet = std::exchange(pit.unmet, {});
  for (const exchange::OrderId id : unmet) {
    const auto taken_out = pit.book.Cancel(id, events);
    Check(taken_out.has_value(), "an order that met no market is in its book");
  }
  events.clear();
  pit.book.OnMarket(depth, events);
  for (const exchange::OrderId id : unmet) {
    Standing& standing = orders_.at(id);
    standing.filled_before = standing.filled;
    pit.book.Submit(id, BookTerms(standing, standing.terms), events);
  }
  Take(events);
}

Report PaperEngine::Place(const Order& order, const Instrument& instrument) {
  if (!IsServiceOpen()) return Refused{"UDAPI100074", ServiceClosed().message};
  if (order.instrument_key.starts_with("MCX_FO|")) {
    return Refused{"UDAPI1161", "the broker takes no orders for MCX through its API"};
  }
  const bool needs_price = NeedsPrice(order.request);
  std::unique_lock lock{mutex_};
  if (needs_price && !IsClosed(order.instrument_key)) {
    lock.unlock();  // it may wait for the first tick
    const auto depth = market_.Latest(order.instrument_key);
    if (!depth) return NotSent{depth.error().reason, depth.error().message};
    lock.lock();
  }
  if (!sink_.HasRoom()) return NotSent{"PAPER_BUSY", Busy().message};
  Pit& pit = PitOf(order.instrument_key, instrument.tick);
  if (IsClosed(order.instrument_key)) return Wait(order, pit);
  const bool met = ShowNewest(order.instrument_key, pit);
  if (needs_price && !met) return NotSent{"FEED_DOWN", "the live price went away just now"};
  Enter(Add(order, pit), pit, met);
  return Accepted{.broker_order_ids = {NumberOf(order.tag)}};
}

void PaperEngine::Enter(exchange::OrderId id, Pit& pit, bool met) {
  const Standing& standing = orders_.at(id);
  const exchange::OrderTerms terms = BookTerms(standing, standing.terms);
  if (!met && !exchange::IsStop(terms.type)) pit.unmet.push_back(id);
  std::vector<BookEvent> events;
  pit.book.Submit(id, terms, events);
  Take(events);
}

Result<void> PaperEngine::Modify(const Order& order, const Terms& terms) {
  const std::lock_guard lock{mutex_};
  if (!open_) return NotOpen();
  if (!IsServiceOpen()) return ServiceClosed();
  if (!sink_.HasRoom()) return Busy();
  const auto found = ids_.find(order.tag);
  if (found == ids_.end()) return Refuse("the order is over");
  const exchange::OrderId id = found->second;
  if (orders_.at(id).after_market) {
    ModifyWaiting(orders_.at(id), terms);
    return {};
  }
  Pit& pit = pits_.at(order.instrument_key);
  const bool met = ShowNewest(order.instrument_key, pit);
  if (!orders_.contains(id)) return Refuse("the order is over");
  Standing& standing = orders_.at(id);
  std::vector<BookEvent> events;
  const auto modified = pit.book.Modify(id, BookTerms(standing, terms), events);
  if (!modified) return Refuse(modified.error().message);
  if (!met && terms.price != standing.terms.price && !HasTrigger(terms.type)) {
    std::erase(pit.unmet, id);
    pit.unmet.push_back(id);
  }
  standing.terms = terms;
  standing.fired = standing.fired && HasTrigger(terms.type);
  Take(events);
  return {};
}

Result<void> PaperEngine::Cancel(const Order& order) {
  const std::lock_guard lock{mutex_};
  if (!open_) return NotOpen();
  if (!IsServiceOpen()) return ServiceClosed();
  if (!sink_.HasRoom()) return Busy();
  const auto id = ids_.find(order.tag);
  if (id == ids_.end()) return Refuse("the order is over");
  if (orders_.at(id->second).after_market) {
    CancelWaiting(id->second);
    return {};
  }
  std::vector<BookEvent> events;
  const auto cancelled =
      pits_.at(orders_.at(id->second).instrument_key).book.Cancel(id->second, events);
  if (!cancelled) return Refuse(cancelled.error().message);
  Take(events);
  return {};
}

void PaperEngine::Restore(const Order& order, Decimal tick) {
  const std::lock_guard lock{mutex_};
  Pit& pit = PitOf(order.instrument_key, tick);
  const exchange::OrderId id = Add(order, pit);
  Standing& standing = orders_.at(id);
  standing.after_market =
      order.state == OrderState::kPending && WaitsForSession(order.broker_status);
  if (standing.after_market) return;
  standing.fired = HasTrigger(order.terms.type) && order.state == OrderState::kOpen;
  const exchange::OrderTerms terms = BookTerms(standing, order.terms);
  if (terms.type == exchange::OrderType::kMarket || terms.quantity <= 0) {
    Tell(standing, "cancelled", "the service restarted, which the rest of a market order ends");
    return End(id);
  }
  std::vector<BookEvent> events;
  pit.book.Submit(id, terms, events);
  Take(events);
}

void PaperEngine::Open() {
  const std::lock_guard lock{mutex_};
  open_ = true;
}

void PaperEngine::OnMarket(const std::string& instrument_key, const exchange::Depth& depth) {
  const std::lock_guard lock{mutex_};
  const auto pit = pits_.find(instrument_key);
  if (pit != pits_.end() && sink_.HasRoom()) Meet(pit->second, depth);
}

void PaperEngine::OnMarketLost() {
  const std::lock_guard lock{mutex_};
  for (auto& [key, pit] : pits_) pit.book.ForgetMarket();
}

bool PaperEngine::Has(const std::string& tag) {
  const std::lock_guard lock{mutex_};
  return ids_.contains(tag);
}

void PaperEngine::EndOldDays() {
  // Until then it is this machine's day, while a replay may be of another.
  if (clock_source_ == MarketClock::Source::kBroker && !market_clock_.offset_ms()) return;
  const std::lock_guard lock{mutex_};
  const std::int64_t now_ms = market_clock_.NowMs();
  std::vector<exchange::OrderId> over;
  for (const auto& [id, standing] : orders_) {
    if (!standing.after_market && standing.market_ms < now_ms &&
        !IsSameMarketDay(standing.market_ms, now_ms)) {
      over.push_back(id);
    }
  }
  for (const exchange::OrderId id : over) {
    if (!sink_.HasRoom()) return;  // the next call goes on
    std::vector<BookEvent> events;
    const auto cancelled = pits_.at(orders_.at(id).instrument_key).book.Cancel(id, events);
    if (!cancelled) continue;
    events.back().why = "the day of a DAY order is over";
    Take(events);
  }
}

void PaperEngine::Tell(const Standing& standing, std::string_view status,
                       const std::string& message, std::optional<Execution> traded) {
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
  sink_.Put({.name = standing.name, .row = std::move(row), .traded = std::move(traded)});
}

void PaperEngine::Trade(Standing& standing, const BookEvent& event) {
  standing.filled += event.quantity;
  standing.value += static_cast<Wide>(event.price.nanos()) * event.quantity;
  // What is filled by then numbers an order's trades the same way after a restart.
  const std::string number = NumberOf(standing.tag);
  Tell(standing, standing.filled == standing.terms.quantity ? "complete" : "open", "",
       Execution{.trade_id = number + "-" + std::to_string(standing.filled),
                 .broker_order_id = number,
                 .quantity = event.quantity,
                 .price = event.price,
                 .market_ms = market_clock_.NowMs()});
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
  Pit& pit = pits_.at(key);
  std::erase(pit.unmet, id);
  if (--pit.orders == 0) market_.Release(key);
}

}  // namespace sauda::orders
