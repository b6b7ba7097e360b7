#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/closed_lot.hpp"
#include "services/orders/src/core/portfolio/period.hpp"

namespace sauda::orders::portfolio {

/// What a report is about.
struct PnlFilter {
  std::optional<Section> section;  ///< absent: all
  std::optional<Period> period;    ///< by the day the profit was made; absent: all days

  bool Takes(const Contract& contract, IstDate day) const {
    return (!section || contract.section() == *section) && (!period || period->Contains(day));
  }
};

/// A row of the broker's `profit-loss/data`: units bought on one day and sold on one day.
struct PnlRow {
  Contract contract;  ///< gives trade_type, scrip_name and, in its key, the ISIN
  Product product = Product::kUnknown;
  std::int64_t quantity = 0;
  IstDate buy_date;
  Decimal buy_average;  ///< rounded to 10^-9, for display
  Amount buy_amount;    ///< exact
  IstDate sell_date;
  Decimal sell_average;
  Amount sell_amount;
  IstDate closed_on;

  /// Before charges.
  Amount profit() const { return sell_amount - buy_amount; }
};

struct PnlReport {
  std::vector<PnlRow> rows;  ///< by the day the profit was made, then instrument, product and dates
  Amount buy_amount;         ///< the sums of all rows
  Amount sell_amount;

  Amount profit() const { return sell_amount - buy_amount; }
};

/// The report over what a book has closed. Lots of the same instrument, product and days are one
/// row, whatever their prices.
PnlReport MakePnlReport(const std::vector<ClosedLot>& closed, const PnlFilter& filter);

}  // namespace sauda::orders::portfolio
