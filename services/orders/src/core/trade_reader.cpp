#include "services/orders/src/core/trade_reader.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "services/orders/src/core/deal_maker.hpp"

namespace sauda::orders {
namespace {

// The broker tells today's trades alone; its day is never longer.
constexpr std::int64_t kLookBackMs = 20LL * 60 * 60 * 1'000;
constexpr std::int64_t kNanosInMilli = 1'000'000;

/// The trades of an order that the ledger does not have, oldest first.
std::vector<Execution> NewTrades(const Order& order, const std::vector<KeptDeal>& kept,
                                 const std::vector<BrokerTrade>& told) {
  std::set<std::pair<portfolio::IstDate, std::string>> known;
  for (const KeptDeal& each : kept) known.emplace(each.deal.trade.day(), each.deal.trade.id);
  std::vector<Execution> fresh;
  for (const BrokerTrade& trade : told) {
    const Execution& execution = trade.execution;
    const auto& ids = order.broker_order_ids;
    const bool of_order =
        std::find(ids.begin(), ids.end(), execution.broker_order_id) != ids.end() &&
        trade.side == order.request.side;
    const auto day = portfolio::IstDate::Of(execution.market_ms);
    if (of_order && known.emplace(day, execution.trade_id).second) fresh.push_back(execution);
  }
  std::stable_sort(fresh.begin(), fresh.end(), [](const Execution& a, const Execution& b) {
    return a.market_ms < b.market_ms;
  });
  return fresh;
}

}  // namespace

Result<TradeReader::Summary> TradeReader::Run() {
  const std::int64_t since_ms = parts_.clock.UtcNs() / kNanosInMilli - kLookBackMs;
  const auto untraded = parts_.ledger.Untraded({.account_id = parts_.account_id,
                                                .route = Route::kLive,
                                                .simulated = parts_.desk.simulated()},
                                               since_ms);
  if (!untraded) return untraded.error();
  Summary summary;
  if (untraded->empty()) return summary;
  const auto trades = parts_.book.TradesOfDay();
  if (!trades) return trades.error();
  for (const Order& order : *untraded) {
    const auto confirmed = TakeTrades(order, *trades, summary);
    if (!confirmed) return confirmed.error();
    summary.unconfirmed += *confirmed ? 0 : 1;
  }
  return summary;
}

Result<bool> TradeReader::TakeTrades(const Order& order, const std::vector<BrokerTrade>& trades,
                                     Summary& summary) {
  const auto kept = DealsOfOrder(parts_.ledger, NameOf(order));
  if (!kept) return kept.error();
  const auto fresh = NewTrades(order, *kept, trades);
  if (fresh.empty()) return false;
  auto instrument = parts_.instruments.Find(order.instrument_key);
  if (!instrument && instrument.error().code == Code::kNotFound) {
    instrument = BareInstrument(order);
  }
  if (!instrument) return instrument.error();
  const auto applied =
      parts_.desk.Apply(NameOf(order), Traded{MakeDeals(order, *instrument, *kept, fresh)});
  if (!applied) {
    if (applied.error().code == Code::kUnavailable) return applied.error();
    if (parts_.on_refused) parts_.on_refused(order, applied.error());
    return false;
  }
  summary.taken += static_cast<std::int64_t>(fresh.size());
  return IsConfirmed(*applied);
}

}  // namespace sauda::orders
