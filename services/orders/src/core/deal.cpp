#include "services/orders/src/core/deal.hpp"

#include <utility>

namespace sauda::orders {

KeptDeal AsKept(const Order& order, Deal deal, std::int64_t at_ms) {
  return {.order = NameOf(order),
          .route = order.route,
          .simulated = order.simulated,
          .at_ms = at_ms,
          .deal = std::move(deal)};
}

bool IsSameDeal(const KeptDeal& a, const KeptDeal& b) {
  const portfolio::Trade& one = a.deal.trade;
  portfolio::Trade other = b.deal.trade;
  other.charges = one.charges;
  return a.order.client_order_id == b.order.client_order_id && portfolio::SameTrade(one, other);
}

Error TradeConflict(const KeptDeal& told) {
  const portfolio::Trade& trade = told.deal.trade;
  return {Code::kDataLoss, "TRADE_CONFLICT",
          "trade " + trade.id + " of " + trade.day().ToString() + " in " + trade.contract.segment +
              " is in the ledger already and says something else; told for order " +
              told.order.client_order_id};
}

std::vector<Deal> DealsIn(const std::vector<KeptDeal>& kept) {
  std::vector<Deal> deals;
  deals.reserve(kept.size());
  for (const KeptDeal& each : kept) deals.push_back(each.deal);
  return deals;
}

}  // namespace sauda::orders
