#pragma once

#include <cstdint>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// Units that were bought and sold: what a P&L report is made of. Matched first in, first out
/// within an instrument and product. The sale may be the earlier of the two.
struct ClosedLot {
  Contract contract;
  Product product = Product::kUnknown;
  std::int64_t quantity = 0;
  IstDate buy_day;
  Decimal buy_price;
  IstDate sell_day;
  Decimal sell_price;
  IstDate closed_on;  ///< when the profit was made: the day of the later trade, or of a conversion

  std::int64_t units() const { return quantity * contract.multiplier; }
  Amount buy_amount() const { return Amount::Of(buy_price, units()); }
  Amount sell_amount() const { return Amount::Of(sell_price, units()); }
  /// Before charges.
  Amount profit() const { return sell_amount() - buy_amount(); }
};

/// What all of them made, before charges.
Amount ProfitOf(const std::vector<ClosedLot>& lots);

}  // namespace sauda::orders::portfolio
