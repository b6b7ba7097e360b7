#include "services/orders/src/core/portfolio/mark_to_market.hpp"

namespace sauda::orders::portfolio {

PnlTotals MarkToMarket(const std::vector<Position>& positions) {
  PnlTotals totals;
  for (const Position& position : positions) {
    totals.realised += position.realised;
    totals.charges += position.charges;
    if (position.unrealised) {
      totals.priced_unrealised += *position.unrealised;
    } else {
      totals.unpriced.push_back({.contract = position.contract,
                                 .product = position.product,
                                 .quantity = position.quantity + position.from_holdings});
    }
  }
  return totals;
}

}  // namespace sauda::orders::portfolio
