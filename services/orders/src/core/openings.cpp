#include "services/orders/src/core/openings.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "services/orders/src/core/deal_maker.hpp"

namespace sauda::orders {
namespace {

using portfolio::IstDate;

constexpr int kSettledBy = 10;  // days, whatever holidays there are

/// What the ledger's trades before today say of shares for delivery.
struct Owned {
  std::map<std::string, std::int64_t> net;  // by instrument key
  IstDate first;                            // day of the first trade of all
};

Result<Owned> OwnedByLedger(Ledger& ledger, const OpeningsQuery& query) {
  Owned owned{.first = query.today};
  Ledger::DealQuery ask{.account_id = query.place.account_id,
                        .route = query.place.route,
                        .simulated = query.place.simulated,
                        .to = query.today.Plus(-1),
                        .limit = 1'000};
  for (bool more = true; more;) {
    const auto page = ledger.Deals(ask);
    if (!page) return page.error();
    for (const KeptDeal& kept : page->deals) {
      const portfolio::Trade& trade = kept.deal.trade;
      owned.first = std::min(owned.first, trade.day());
      if (!trade.contract.is_equity() || trade.product != Product::kDelivery) continue;
      owned.net[trade.contract.key] += trade.side == Side::kBuy ? trade.quantity : -trade.quantity;
    }
    more = page->next.has_value();
    if (more) ask.after = *page->next;
  }
  return owned;
}

KeptDeal OpeningOf(const BrokerHolding& holding, std::int64_t quantity,
                   const Instrument& instrument, const OpeningsQuery& query, IstDate day) {
  constexpr int kTenOClock = 600;
  const Order order{.request = {.account_id = query.place.account_id,
                                .side = Side::kBuy,
                                .product = Product::kDelivery},
                    .route = query.place.route,
                    .simulated = query.place.simulated};
  auto deals = MakeDeals(order, instrument, {},
                         {{.trade_id = "opening-" + holding.instrument_key,
                           .quantity = quantity,
                           .price = holding.average_price,
                           .market_ms = day.AtMinute(kTenOClock)}});
  deals.front().trade.charges = {};  // paid long ago
  return AsKept(order, std::move(deals.front()), 0);
}

}  // namespace

Result<Openings> ReadOpenings(Ledger& ledger, BrokerBook& book, InstrumentDirectory& instruments,
                              const OpeningsQuery& query) {
  const auto holdings = book.Holdings();
  if (!holdings) return holdings.error();
  Openings openings;
  if (holdings->empty()) return openings;
  const auto owned = OwnedByLedger(ledger, query);
  if (!owned) return owned.error();
  for (const BrokerHolding& holding : *holdings) {
    const auto net = owned->net.find(holding.instrument_key);
    const std::int64_t quantity = holding.quantity - (net == owned->net.end() ? 0 : net->second);
    if (quantity <= 0) continue;
    const auto instrument = instruments.Find(holding.instrument_key);
    if (!instrument && instrument.error().code == Code::kNotFound) {
      openings.unknown.push_back(holding.instrument_key);
      continue;
    }
    if (!instrument) return instrument.error();
    openings.deals.push_back(
        OpeningOf(holding, quantity, *instrument, query, owned->first.Plus(-kSettledBy)));
  }
  return openings;
}

}  // namespace sauda::orders
