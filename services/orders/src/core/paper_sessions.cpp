// What the paper engine does while a segment is closed, and when it opens and closes.

#include <algorithm>

#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/core/reconciler.hpp"

namespace sauda::orders {
namespace {

std::string_view SegmentPart(std::string_view instrument_key) {
  return instrument_key.substr(0, instrument_key.find('|'));
}

}  // namespace

bool PaperEngine::WaitsForSession(std::string_view broker_status) {
  return broker_status == "after market order req received" ||
         broker_status == "modify after market order req received";
}

bool PaperEngine::IsClosed(const std::string& instrument_key) const {
  const auto told = open_segments_.find(SegmentPart(instrument_key));
  return told != open_segments_.end() && !told->second;
}

bool PaperEngine::IsServiceOpen() const {
  // Until the broker has said what time it is, it is this machine's, while a replay may be of noon.
  if (clock_source_ == MarketClock::Source::kBroker && !market_clock_.offset_ms()) return true;
  return IsOrderServiceOpen(market_clock_.NowMs());
}

std::vector<exchange::OrderId> PaperEngine::OrdersOf(const std::string& segment,
                                                     bool after_market) const {
  std::vector<exchange::OrderId> ids;
  for (const auto& [id, standing] : orders_) {
    if (standing.after_market == after_market && SegmentPart(standing.instrument_key) == segment) {
      ids.push_back(id);
    }
  }
  return ids;
}

Report PaperEngine::Wait(const Order& order, Pit& pit) {
  Standing& standing = orders_.at(Add(order, pit));
  standing.after_market = true;
  Tell(standing, "after market order req received", "");
  return Accepted{.broker_order_ids = {NumberOf(order.tag)}};
}

void PaperEngine::ModifyWaiting(Standing& standing, const Terms& terms) {
  standing.terms = terms;
  Tell(standing, "modify after market order req received", "");
}

void PaperEngine::CancelWaiting(exchange::OrderId id) {
  Tell(orders_.at(id), "cancelled after market order", "");
  End(id);
}

bool PaperEngine::Release(exchange::OrderId id) {
  Standing& standing = orders_.at(id);
  Pit& pit = pits_.at(standing.instrument_key);
  const bool met = ShowNewest(standing.instrument_key, pit);
  const bool needs_price =
      standing.terms.type == OrderType::kMarket || standing.terms.validity == Validity::kIoc;
  if (needs_price && !met) return false;
  standing.after_market = false;
  standing.market_ms = market_clock_.NowMs();  // its day is the day on which it enters
  Enter(id, pit, met);
  return true;
}

void PaperEngine::EndSession(exchange::OrderId id) {
  std::vector<exchange::BookEvent> events;
  const auto cancelled = pits_.at(orders_.at(id).instrument_key).book.Cancel(id, events);
  if (!cancelled) return;
  events.back().why = "the session is over";
  Take(events);
}

void PaperEngine::OnSegment(const std::string& segment, bool open) {
  const std::lock_guard lock{mutex_};
  open_segments_[segment] = open;
  for (const exchange::OrderId id : OrdersOf(segment, /*after_market=*/open)) {
    if (!sink_.HasRoom()) return;  // the next call goes on
    // One before it may have ended it: they meet each other in the book.
    if (!orders_.contains(id)) continue;
    if (open) {
      (void)Release(id);
    } else {
      EndSession(id);
    }
  }
}

}  // namespace sauda::orders
