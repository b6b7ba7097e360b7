#include "services/orders/src/adapters/deal_rows.hpp"

#include <optional>
#include <string>
#include <utility>

#include "libs/base/check.hpp"

namespace sauda::orders {
namespace {

constexpr auto kInsertDeal = R"(
  INSERT INTO orders.trades (
    order_no, account_id, route, simulated, market_ms, segment, trade_id, side, broker_order_id,
    product, instrument_id, instrument_key, trading_symbol, kind, multiplier, quantity, price,
    charges, at_ms)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
  ON CONFLICT (account_id, simulated, market_day, segment, trade_id, side) DO NOTHING
  RETURNING trade_no)";

constexpr auto kSelectDeal = R"(
  SELECT t.trade_no, o.client_order_id, t.account_id, t.route, t.simulated, t.at_ms, t.trade_id,
         t.broker_order_id, t.instrument_id, t.instrument_key, t.trading_symbol, t.segment, t.kind,
         t.multiplier, t.product, t.side, t.quantity, t.price, t.market_ms, t.charges
  FROM orders.trades t JOIN orders.orders o USING (order_no) )";

const std::string kSameName = std::string{kSelectDeal} + R"(
  WHERE t.account_id = $1 AND t.simulated = $2 AND t.market_day = $3::date AND t.segment = $4
    AND t.trade_id = $5 AND t.side = $6)";

const std::string kDealPage = std::string{kSelectDeal} + R"(
  WHERE t.account_id = $1 AND ($2::int = 0 OR (t.route = $2::int AND t.simulated = $3))
    AND ($4::text = '' OR o.client_order_id = $4::text)
    AND t.market_day BETWEEN $5::date AND $6::date
    AND (t.market_day, t.trade_no) > ($7::date, $8::bigint)
  ORDER BY t.market_day, t.trade_no LIMIT $9)";

template <typename Enum>
int AsNumber(Enum word) {
  return static_cast<int>(word);
}

KeptDeal DealOf(const pqxx::row& row) {
  const auto price = Decimal::Parse(row[17].c_str());
  const auto charges =
      row[19].is_null() ? Result<Amount>{Amount{}} : Amount::Parse(row[19].c_str());
  Check(price && charges, "money in the ledger is what was written there");
  return {.number = row[0].as<std::int64_t>(),
          .order = {.account_id = row[2].c_str(), .client_order_id = row[1].c_str()},
          .route = static_cast<Route>(row[3].as<int>()),
          .simulated = row[4].as<bool>(),
          .at_ms = row[5].as<std::int64_t>(),
          .deal = {.trade = {.id = row[6].c_str(),
                             .order_id = row[7].c_str(),
                             .contract = {.instrument_id = row[8].as<std::int64_t>(),
                                          .key = row[9].c_str(),
                                          .trading_symbol = row[10].c_str(),
                                          .segment = row[11].c_str(),
                                          .kind = static_cast<portfolio::Kind>(row[12].as<int>()),
                                          .multiplier = row[13].as<std::int64_t>()},
                             .product = static_cast<Product>(row[14].as<int>()),
                             .side = static_cast<Side>(row[15].as<int>()),
                             .quantity = row[16].as<std::int64_t>(),
                             .price = *price,
                             .market_ms = row[18].as<std::int64_t>(),
                             .charges = *charges},
                   .charged = !row[19].is_null()}};
}

/// The number of the new row; 0: the name is taken.
std::int64_t InsertDeal(pqxx::work& work, std::int64_t order_number, const KeptDeal& kept) {
  const portfolio::Trade& trade = kept.deal.trade;
  const auto charges = kept.deal.charged ? std::optional{trade.charges.ToString()} : std::nullopt;
  const pqxx::result rows = work.exec_params(
      kInsertDeal, order_number, kept.order.account_id, AsNumber(kept.route), kept.simulated,
      trade.market_ms, trade.contract.segment, trade.id, AsNumber(trade.side), trade.order_id,
      AsNumber(trade.product), trade.contract.instrument_id, trade.contract.key,
      trade.contract.trading_symbol, AsNumber(trade.contract.kind), trade.contract.multiplier,
      trade.quantity, trade.price.ToString(), charges, kept.at_ms);
  return rows.empty() ? 0 : rows.front()[0].as<std::int64_t>();
}

/// Whether what is kept under that name is this trade.
bool IsKept(pqxx::work& work, const KeptDeal& deal) {
  const portfolio::Trade& trade = deal.deal.trade;
  const pqxx::result rows =
      work.exec_params(kSameName, deal.order.account_id, deal.simulated, trade.day().ToString(),
                       trade.contract.segment, trade.id, AsNumber(trade.side));
  return !rows.empty() && IsSameDeal(DealOf(rows.front()), deal);
}

}  // namespace

Result<std::vector<KeptDeal>> KeepDeals(pqxx::work& work, const NumberedOrder& order,
                                        const std::vector<Deal>& deals, std::int64_t now_ms) {
  std::vector<KeptDeal> fresh;
  for (const Deal& deal : deals) {
    KeptDeal kept = AsKept(order.order, deal, now_ms);
    kept.number = InsertDeal(work, order.number, kept);
    if (kept.number != 0) {
      fresh.push_back(std::move(kept));
    } else if (!IsKept(work, kept)) {
      return TradeConflict(kept);
    }
  }
  return fresh;
}

Ledger::DealPage SelectDeals(pqxx::work& work, const Ledger::DealQuery& query) {
  const pqxx::result rows =
      work.exec_params(kDealPage, query.account_id, AsNumber(query.route), query.simulated,
                       query.client_order_id, query.from.ToString(), query.to.ToString(),
                       query.after.day.ToString(), query.after.number, query.limit + 1);
  Ledger::DealPage page;
  for (const pqxx::row row : rows) {
    if (page.deals.size() == static_cast<std::size_t>(query.limit)) {
      const KeptDeal& last = page.deals.back();
      page.next = {.day = last.deal.trade.day(), .number = last.number};
      break;
    }
    page.deals.push_back(DealOf(row));
  }
  return page;
}

}  // namespace sauda::orders
