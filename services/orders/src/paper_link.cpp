#include "services/orders/src/paper_link.hpp"

#include <utility>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::orders {

using std::chrono::milliseconds;

namespace {

/// When an order came into the book, market time: with its intent, or when the session opened that
/// it waited for. The market clock is taken to have run as the wall clock did.
std::int64_t EnteredMs(const Order& order, const std::vector<Ledger::Event>& history) {
  bool waited = false;
  for (const Ledger::Event& event : history) {
    const bool waits = PaperEngine::WaitsForSession(event.broker_status);
    if (waited && !waits) return order.market_ms + event.at_ms - order.created_ms;
    waited = waits;
  }
  return order.market_ms;
}

}  // namespace

void PaperLink::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void PaperLink::Run(const std::stop_token& stop) {
  if (!parts_.store.WaitUntilReady(stop)) return;
  Backoff backoff{{.first = milliseconds{200}, .most = milliseconds{5'000}}};
  std::unique_lock lock{mutex_};
  for (auto restored = Restore(); !restored; restored = Restore()) {
    spdlog::warn("paper orders not put back yet reason={} message={}", restored.error().reason,
                 telemetry::Quoted(restored.error().message));
    stopped_.wait_for(lock, stop, backoff.Next() + milliseconds{50}, [] { return false; });
    if (stop.stop_requested()) return;
  }
  parts_.engine.Open();
  while (!stop.stop_requested()) {
    parts_.engine.EndOldDays();
    if (const auto settled = EndLostIntents(); !settled) {
      spdlog::warn("paper intents not looked at reason={} message={}", settled.error().reason,
                   telemetry::Quoted(settled.error().message));
    }
    stopped_.wait_for(lock, stop, parts_.look_every, [] { return false; });
  }
}

Result<void> PaperLink::EndIntents(const std::vector<Order>& orders) {
  for (const Order& order : orders) {
    const bool lost = order.state == OrderState::kIntent && !parts_.engine.Has(order.tag) &&
                      !parts_.desk.IsUnderWay(order.request.client_order_id);
    if (!lost) continue;
    const auto ended =
        parts_.desk.Apply(NameOf(order), NotSent{"LEFT_BEHIND", "the paper engine never had it"});
    if (!ended) return ended.error();
  }
  return {};
}

Result<void> PaperLink::EndLostIntents() {
  const auto orders = Unsettled();
  return orders ? EndIntents(*orders) : Result<void>{orders.error()};
}

Result<std::vector<Order>> PaperLink::Unsettled() {
  return parts_.ledger.Unsettled(
      {.account_id = parts_.account_id, .route = Route::kPaper, .simulated = true});
}

Result<void> PaperLink::Restore() {
  auto orders = Unsettled();
  if (!orders) return orders.error();
  std::vector<std::pair<Order, Decimal>> resting;
  for (Order& order : *orders) {
    if (!IsOpen(order.state)) continue;
    const auto history = parts_.ledger.History(NameOf(order));
    if (!history) return history.error();
    order.market_ms = EnteredMs(order, *history);
    const auto instrument = parts_.instruments.Find(order.instrument_key);
    if (!instrument && instrument.error().code != Code::kNotFound) return instrument.error();
    resting.emplace_back(order, instrument ? instrument->tick : Decimal{});
  }
  // From here on nothing may fail but what can be done twice: an order is put back once.
  if (auto ended = EndIntents(*orders); !ended) return ended;
  for (const auto& [order, tick] : resting) parts_.engine.Restore(order, tick);
  if (!resting.empty()) spdlog::info("paper orders put back count={}", resting.size());
  return {};
}

}  // namespace sauda::orders
