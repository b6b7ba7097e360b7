#include "services/orders/src/core/pnl_reader.hpp"

#include <algorithm>
#include <vector>

#include "services/orders/src/core/portfolio/deal_book.hpp"

namespace sauda::orders {
namespace {

constexpr std::size_t kMostMatches = 200'000;

using portfolio::ClosedLot;

void CountTrade(const Deal& deal, const portfolio::PnlFilter& filter, LedgerPnl& pnl) {
  if (!filter.Takes(deal.trade.contract, deal.trade.day())) return;
  ++pnl.trades;
  pnl.uncharged_trades += deal.charged ? 0 : 1;
  pnl.charges += deal.trade.charges;
}

}  // namespace

Result<LedgerPnl> ReadPnl(Ledger& ledger, const calendar::Calendar& calendar,
                          const PnlQuery& query) {
  std::vector<ClosedLot> closed;
  const auto collect = [&](const std::vector<ClosedLot>& lots) {
    for (const ClosedLot& lot : lots) {
      if (query.filter.Takes(lot.contract, lot.closed_on)) closed.push_back(lot);
    }
  };
  portfolio::DealBook book{calendar, collect};
  for (const KeptDeal& opening : query.openings) (void)book.Take(opening);
  LedgerPnl pnl;
  const auto last =
      query.filter.period ? std::min(query.filter.period->to, query.today) : query.today;
  Ledger::DealQuery ask{.account_id = query.place.account_id,
                        .route = query.place.route,
                        .simulated = query.place.simulated,
                        .to = last,
                        .limit = 1'000};
  for (bool more = true; more;) {
    const auto page = ledger.Deals(ask);
    if (!page) return page.error();
    for (const KeptDeal& kept : page->deals) {
      if (book.Take(kept)) CountTrade(kept.deal, query.filter, pnl);
    }
    if (closed.size() > kMostMatches) {
      return Error{Code::kResourceExhausted, "PNL_TOO_LONG",
                   "more than 200000 matches of trades: ask for fewer days"};
    }
    more = page->next.has_value();
    if (more) ask.after = *page->next;
  }
  if (book.book()) collect(book.book()->Deliveries());
  pnl.report = portfolio::MakePnlReport(closed, query.filter);
  return pnl;
}

}  // namespace sauda::orders
