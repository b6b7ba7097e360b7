#include "services/orders/src/core/portfolio/holding.hpp"

namespace sauda::orders::portfolio {

HoldingTotals TotalsOf(const std::vector<Holding>& holdings) {
  HoldingTotals totals;
  for (const Holding& holding : holdings) {
    totals.invested += holding.invested;
    if (holding.pnl) {
      totals.priced_pnl += *holding.pnl;
    } else {
      totals.unpriced.push_back(holding.contract);
    }
  }
  return totals;
}

std::optional<Decimal> PercentMoved(Decimal from, Decimal to) {
  if (from <= Decimal{}) return std::nullopt;
  const Amount hundredfold = Amount{to - from} * 100;
  const auto percent = (hundredfold * Decimal::kNanosPerUnit).Per(from.nanos()).ToDecimal();
  if (!percent) return std::nullopt;
  return *percent;
}

}  // namespace sauda::orders::portfolio
