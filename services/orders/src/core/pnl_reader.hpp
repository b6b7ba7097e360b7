#pragma once

#include <cstdint>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/calendar/calendar.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/portfolio/pnl_report.hpp"

namespace sauda::orders {

/// A report over the ledger's trades.
struct LedgerPnl {
  portfolio::PnlReport report;
  std::int64_t trades = 0;            ///< of the days and section
  std::int64_t uncharged_trades = 0;  ///< of those, without charges
  Amount charges;                     ///< of the rest

  Amount net() const { return report.profit() - charges; }
};

/// What a report reads.
struct PnlQuery {
  Ledger::Place place;
  portfolio::PnlFilter filter;
  std::vector<KeptDeal> openings;  ///< what was owned before, see ReadOpenings
  portfolio::IstDate today;        ///< later trades do not count; today's sales out of holdings do
};

/// Reads all trades up to the last day in pages, and keeps of what was closed that which the filter
/// takes. Trades that no position can be made of are left out. Fails as Ledger::Deals does, or with
/// kResourceExhausted / PNL_TOO_LONG: over 200000 matches.
Result<LedgerPnl> ReadPnl(Ledger& ledger, const calendar::Calendar& calendar,
                          const PnlQuery& query);

}  // namespace sauda::orders
