#include "services/orders/src/core/portfolio/pnl_report.hpp"

#include <map>
#include <tuple>

#include "services/orders/src/core/portfolio/lots.hpp"

namespace sauda::orders::portfolio {
namespace {

using RowKey = std::tuple<IstDate, std::int64_t, Product, IstDate, IstDate>;

RowKey KeyOf(const ClosedLot& lot) {
  return {lot.closed_on, lot.contract.instrument_id, lot.product, lot.buy_day, lot.sell_day};
}

void AddTo(PnlRow& row, const ClosedLot& lot) {
  row.contract = lot.contract;
  row.product = lot.product;
  row.quantity += lot.quantity;
  row.buy_date = lot.buy_day;
  row.buy_amount += lot.buy_amount();
  row.sell_date = lot.sell_day;
  row.sell_amount += lot.sell_amount();
  row.closed_on = lot.closed_on;
}

}  // namespace

PnlReport MakePnlReport(const std::vector<ClosedLot>& closed, const PnlFilter& filter) {
  std::map<RowKey, PnlRow> rows;
  for (const ClosedLot& lot : closed) {
    if (filter.Takes(lot.contract, lot.closed_on)) AddTo(rows[KeyOf(lot)], lot);
  }
  PnlReport report;
  report.rows.reserve(rows.size());
  for (auto& [key, row] : rows) {
    const std::int64_t units = row.quantity * row.contract.multiplier;
    row.buy_average = MeanPrice(row.buy_amount, units).value_or(Decimal{});
    row.sell_average = MeanPrice(row.sell_amount, units).value_or(Decimal{});
    report.buy_amount += row.buy_amount;
    report.sell_amount += row.sell_amount;
    report.rows.push_back(row);
  }
  return report;
}

}  // namespace sauda::orders::portfolio
