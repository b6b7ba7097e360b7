#pragma once

#include <cstdint>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/closed_lot.hpp"
#include "services/orders/src/core/portfolio/period.hpp"
#include "services/orders/src/core/portfolio/pnl_report.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// What was made and paid.
struct PnlSum {
  std::int64_t trades = 0;
  Amount realised;  ///< before charges
  Amount charges;

  Amount net() const { return realised - charges; }
  friend bool operator==(const PnlSum&, const PnlSum&) = default;
};

struct PnlDay {
  IstDate day;
  PnlSum sum;
};

struct PnlYear {
  FinancialYear year;
  PnlSum sum;
};

/// Profits by the day they were made, charges by the day of the trade; only days with either, in
/// order.
std::vector<PnlDay> PnlByDay(const std::vector<ClosedLot>& closed, const std::vector<Trade>& trades,
                             const PnlFilter& filter);

/// The same by financial year.
std::vector<PnlYear> PnlByYear(const std::vector<PnlDay>& days);

}  // namespace sauda::orders::portfolio
