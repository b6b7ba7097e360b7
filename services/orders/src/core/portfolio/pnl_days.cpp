#include "services/orders/src/core/portfolio/pnl_days.hpp"

#include <map>

namespace sauda::orders::portfolio {

std::vector<PnlDay> PnlByDay(const std::vector<ClosedLot>& closed, const std::vector<Trade>& trades,
                             const PnlFilter& filter) {
  std::map<IstDate, PnlSum> sums;
  for (const ClosedLot& lot : closed) {
    if (filter.Takes(lot.contract, lot.closed_on)) sums[lot.closed_on].realised += lot.profit();
  }
  for (const Trade& trade : trades) {
    if (!filter.Takes(trade.contract, trade.day())) continue;
    PnlSum& sum = sums[trade.day()];
    ++sum.trades;
    sum.charges += trade.charges;
  }
  std::vector<PnlDay> days;
  days.reserve(sums.size());
  for (const auto& [day, sum] : sums) days.push_back({.day = day, .sum = sum});
  return days;
}

std::vector<PnlYear> PnlByYear(const std::vector<PnlDay>& days) {
  std::map<FinancialYear, PnlSum> sums;
  for (const PnlDay& day : days) {
    PnlSum& sum = sums[FinancialYear::Of(day.day)];
    sum.trades += day.sum.trades;
    sum.realised += day.sum.realised;
    sum.charges += day.sum.charges;
  }
  std::vector<PnlYear> years;
  years.reserve(sums.size());
  for (const auto& [year, sum] : sums) years.push_back({.year = year, .sum = sum});
  return years;
}

}  // namespace sauda::orders::portfolio
