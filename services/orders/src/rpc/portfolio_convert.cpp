#include "services/orders/src/rpc/portfolio_convert.hpp"

#include <string>

namespace sauda::orders {
namespace {

template <typename Money>
std::string TextIf(const std::optional<Money>& money) {
  return money ? money->ToString() : "";
}

wire::Product WireOf(Product product) {
  return static_cast<wire::Product>(static_cast<int>(product));
}

wire::Side WireOf(Side side) { return static_cast<wire::Side>(static_cast<int>(side)); }

void PutContract(const portfolio::Contract& contract, wire::Contract& out) {
  out.set_instrument_id(contract.instrument_id);
  out.set_instrument_key(contract.key);
  out.set_trading_symbol(contract.trading_symbol);
  out.set_segment(contract.segment);
  out.set_multiplier(contract.multiplier);
}

}  // namespace

void ToWire(const KeptDeal& kept, wire::Trade& out) {
  const portfolio::Trade& trade = kept.deal.trade;
  out.set_account_id(kept.order.account_id);
  out.set_trade_id(trade.id);
  out.set_client_order_id(kept.order.client_order_id);
  out.set_broker_order_id(trade.order_id);
  PutContract(trade.contract, *out.mutable_contract());
  out.set_side(WireOf(trade.side));
  out.set_product(WireOf(trade.product));
  out.set_quantity(trade.quantity);
  out.set_price(trade.price.ToString());
  if (kept.deal.charged) out.set_charges(trade.charges.ToString());
  out.set_market_ms(trade.market_ms);
  out.set_market_date(trade.day().ToString());
  out.set_recorded_ms(kept.at_ms);
  out.set_route(ToWire(kept.route));
  out.set_simulated(kept.simulated);
}

void ToWire(const portfolio::Position& position, bool simulated, wire::Position& out) {
  PutContract(position.contract, *out.mutable_contract());
  out.set_product(WireOf(position.product));
  out.set_quantity(position.quantity);
  out.set_from_holdings(position.from_holdings);
  out.set_average_price(TextIf(position.average_price));
  out.set_value(position.value.ToString());
  out.set_buy_quantity(position.buy.quantity);
  out.set_buy_value(position.buy.value.ToString());
  out.set_sell_quantity(position.sell.quantity);
  out.set_sell_value(position.sell.value.ToString());
  out.set_overnight_quantity(position.overnight_quantity());
  out.set_day_buy_quantity(position.day_buy.quantity);
  out.set_day_buy_value(position.day_buy.value.ToString());
  out.set_day_sell_quantity(position.day_sell.quantity);
  out.set_day_sell_value(position.day_sell.value.ToString());
  out.set_last_price(TextIf(position.last_price));
  out.set_close_price(TextIf(position.close_price));
  out.set_realised(position.realised.ToString());
  out.set_unrealised(TextIf(position.unrealised));
  out.set_pnl(TextIf(position.pnl));
  out.set_charges(position.charges.ToString());
  out.set_simulated(simulated);
}

void ToWire(const portfolio::Holding& holding, bool simulated, wire::Holding& out) {
  PutContract(holding.contract, *out.mutable_contract());
  out.set_quantity(holding.quantity);
  out.set_t1_quantity(holding.t1_quantity);
  out.set_used_quantity(holding.cnc_used_quantity);
  out.set_invested(holding.invested.ToString());
  out.set_average_price(TextIf(holding.average_price));
  out.set_last_price(TextIf(holding.last_price));
  out.set_close_price(TextIf(holding.close_price));
  out.set_pnl(TextIf(holding.pnl));
  out.set_day_change(TextIf(holding.day_change));
  out.set_day_change_percent(TextIf(holding.day_change_percentage));
  out.set_simulated(simulated);
}

void ToWire(const Portfolio& view, wire::Positions& out) {
  for (const auto& position : view.positions) {
    ToWire(position, view.simulated, *out.add_positions());
  }
  out.set_market_date(view.day.ToString());
  out.set_simulated(view.simulated);
}

void ToWire(const Portfolio& view, wire::Holdings& out) {
  for (const auto& holding : view.holdings) ToWire(holding, view.simulated, *out.add_holdings());
  const auto totals = portfolio::TotalsOf(view.holdings);
  out.set_invested(totals.invested.ToString());
  out.set_pnl(TextIf(totals.pnl()));
  out.set_complete(view.openings_known && view.openings.unknown.empty());
  out.set_market_date(view.day.ToString());
  out.set_simulated(view.simulated);
}

void ToWire(const Portfolio& view, wire::Profit& out) {
  const portfolio::PnlTotals& totals = view.totals;
  out.set_market_date(view.day.ToString());
  out.set_realised(totals.realised.ToString());
  out.set_unrealised(TextIf(totals.unrealised()));
  out.set_charges(totals.charges.ToString());
  out.set_net(TextIf(totals.net()));
  out.set_priced_unrealised(totals.priced_unrealised.ToString());
  for (const auto& unpriced : totals.unpriced) out.add_unpriced(unpriced.contract.key);
  out.set_trades(view.trades);
  out.set_uncharged_trades(view.uncharged_trades);
  out.set_unbookable_trades(view.unbookable_trades);
  out.set_route(ToWire(view.route));
  out.set_simulated(view.simulated);
}

void ToWire(const portfolio::PnlRow& row, wire::PnlRow& out) {
  PutContract(row.contract, *out.mutable_contract());
  out.set_product(WireOf(row.product));
  out.set_quantity(row.quantity);
  out.set_buy_date(row.buy_date.ToString());
  out.set_buy_average(row.buy_average.ToString());
  out.set_buy_amount(row.buy_amount.ToString());
  out.set_sell_date(row.sell_date.ToString());
  out.set_sell_average(row.sell_average.ToString());
  out.set_sell_amount(row.sell_amount.ToString());
  out.set_profit(row.profit().ToString());
  out.set_closed_on(row.closed_on.ToString());
}

void ToWire(const LedgerPnl& pnl, wire::PnlReport& out) {
  out.set_buy_amount(pnl.report.buy_amount.ToString());
  out.set_sell_amount(pnl.report.sell_amount.ToString());
  out.set_profit(pnl.report.profit().ToString());
  out.set_charges(pnl.charges.ToString());
  out.set_net(pnl.net().ToString());
  out.set_trades(pnl.trades);
  out.set_uncharged_trades(pnl.uncharged_trades);
}

}  // namespace sauda::orders
