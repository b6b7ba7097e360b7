#include "simulator/src/rest/order_json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/src/core/ist.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json TimeOrEmpty(std::int64_t ms) { return ms == 0 ? json("") : json(FormatIst(ms)); }

std::string Code(const Listing& listing) { return std::string{ExchangeCodeOf(listing.segment)}; }

std::string ReferenceOf(const OrderRow& row) { return "sim-" + std::to_string(row.state.id); }

double PerUnit(Decimal value, std::int64_t quantity) {
  return quantity == 0 ? 0 : value.ToDouble() / static_cast<double>(quantity);
}

/// What all positions have: buys and sells, today's and those carried over.
json PositionBase(const Position& position, const Listing& listing) {
  const double buy_price = position.buy_price().ToDouble();
  const double sell_price = position.sell_price().ToDouble();
  const double buy_value = position.buy_value.ToDouble();
  const double sell_value = position.sell_value.ToDouble();
  const std::int64_t day_bought = position.bought - position.overnight_bought;
  const std::int64_t day_sold = position.sold - position.overnight_sold;
  const Decimal day_buy_value = position.buy_value - position.overnight_buy_value;
  const Decimal day_sell_value = position.sell_value - position.overnight_sell_value;
  json average = nullptr;
  if (position.net() != 0) average = position.average_price().ToDouble();
  return {{"instrument_token", listing.instrument_key},
          {"product", position.product},
          {"multiplier", listing.qty_multiplier.value_or(1.0)},
          {"quantity", position.net()},
          {"average_price", average},
          {"buy_price", buy_price},
          {"sell_price", sell_price},
          {"buy_value", buy_value},
          {"sell_value", sell_value},
          {"overnight_quantity", position.overnight_bought - position.overnight_sold},
          {"overnight_buy_amount", position.overnight_buy_value.ToDouble()},
          {"overnight_buy_quantity", position.overnight_bought},
          {"overnight_sell_amount", position.overnight_sell_value.ToDouble()},
          {"overnight_sell_quantity", position.overnight_sold},
          {"day_buy_quantity", day_bought},
          {"day_buy_price", PerUnit(day_buy_value, day_bought)},
          {"day_buy_value", day_buy_value.ToDouble()},
          {"day_sell_quantity", day_sold},
          {"day_sell_price", PerUnit(day_sell_value, day_sold)},
          {"day_sell_value", day_sell_value.ToDouble()}};
}

json HoldingBase(const Holding& holding, const Listing& listing) {
  return {{"instrument_token", listing.instrument_key},
          {"isin", listing.isin},
          {"company_name", listing.name},
          {"exchange", Code(listing)},
          {"product", "D"},
          {"quantity", holding.quantity},
          {"t1_quantity", 0},
          {"average_price", holding.average_price.ToDouble()},
          {"cnc_used_quantity", holding.used},
          {"collateral_quantity", 0},
          {"collateral_type", "WC"},
          {"collateral_update_quantity", 0},
          {"haircut", 0.0}};
}

}  // namespace

json OrderJson(const OrderRow& row, const Listing& listing, const std::string& user_id,
               RowForm form) {
  const exchange::OrderState& state = row.state;
  json order = {{"exchange", Code(listing)},
                {"product", row.product},
                {"price", state.terms.price.ToDouble()},
                {"quantity", state.terms.quantity},
                {"status", exchange::ToText(state.status)},
                {"tag", TextOrNull(row.tag)},
                {"instrument_token", listing.instrument_key},
                {"placed_by", user_id},
                {"tradingsymbol", listing.trading_symbol},
                {"trading_symbol", listing.trading_symbol},
                {"order_type", ToText(state.terms.type)},
                {"validity", ToText(state.terms.validity)},
                {"trigger_price", state.terms.trigger.ToDouble()},
                {"disclosed_quantity", row.disclosed},
                {"transaction_type", ToText(state.terms.side)},
                {"average_price", state.average_price.ToDouble()},
                {"filled_quantity", state.filled},
                {"status_message", TextOrNull(state.message)},
                {"exchange_order_id", row.exchange_order_id},
                {"parent_order_id", nullptr},
                {"order_id", std::to_string(state.id)},
                {"variety", "SIMPLE"},
                {"order_timestamp", FormatIst(row.placed_ms)},
                {"exchange_timestamp", TimeOrEmpty(row.exchange_ms)},
                {"is_amo", state.after_market},
                {"order_request_id", std::to_string(row.request_number)}};
  if (form == RowForm::kHistory) return order;
  order["guid"] = nullptr;
  order["pending_quantity"] = state.pending();
  order["status_message_raw"] = TextOrNull(state.message);
  order["order_ref_id"] = ReferenceOf(row);
  if (form == RowForm::kBook) return order;
  if (listing.segment == "NSE_EQ") {  // only the stream names the series
    const std::string symbol = listing.trading_symbol + "-" + listing.instrument_type;
    order["trading_symbol"] = order["tradingsymbol"] = symbol;
  }
  order["update_type"] = "order";
  order["user_id"] = user_id;
  order["userId"] = user_id;
  order["instrument_key"] = listing.instrument_key;
  return order;
}

json TradeJson(const TradeRow& trade, const Listing& listing) {
  const OrderRow& row = trade.order;
  return {{"exchange", Code(listing)},
          {"product", row.product},
          {"tradingsymbol", listing.trading_symbol},
          {"trading_symbol", listing.trading_symbol},
          {"instrument_token", listing.instrument_key},
          {"order_type", ToText(row.state.terms.type)},
          {"transaction_type", ToText(row.state.terms.side)},
          {"quantity", trade.fill.quantity},
          {"exchange_order_id", row.exchange_order_id},
          {"order_id", std::to_string(row.state.id)},
          {"exchange_timestamp", FormatIst(trade.market_ms)},
          {"average_price", trade.fill.price.ToDouble()},
          {"trade_id", std::to_string(trade.exchange_trade_id)},
          {"order_ref_id", ReferenceOf(row)},
          {"order_timestamp", FormatIst(row.placed_ms)}};
}

json PositionJson(const Position& position, const Listing& listing, double last_price,
                  double close_price) {
  json row = PositionBase(position, listing);
  const double multiplier = listing.qty_multiplier.value_or(1.0);
  const double realised = position.realised().ToDouble() * multiplier;
  const auto net = static_cast<double>(position.net());
  const double unrealised = net * (last_price - position.average_price().ToDouble()) * multiplier;
  row["exchange"] = Code(listing);
  row["trading_symbol"] = listing.trading_symbol;
  row["tradingsymbol"] = listing.trading_symbol;
  row["value"] = (position.sell_value - position.buy_value).ToDouble();
  row["last_price"] = last_price;
  row["close_price"] = close_price;
  row["realised"] = realised;
  row["unrealised"] = unrealised;
  row["pnl"] = realised + unrealised;
  return row;
}

json PositionUpdateJson(const Position& position, const Listing& listing) {
  json row = PositionBase(position, listing);
  row["update_type"] = "position";
  row["instrument_key"] = listing.instrument_key;
  row["exchange"] = listing.segment;
  return row;
}

json HoldingJson(const Holding& holding, const Listing& listing, double last_price,
                 double close_price) {
  json row = HoldingBase(holding, listing);
  const double change = last_price - close_price;
  row["trading_symbol"] = listing.trading_symbol;
  row["tradingsymbol"] = listing.trading_symbol;
  row["last_price"] = last_price;
  row["close_price"] = close_price;
  row["pnl"] =
      (last_price - holding.average_price.ToDouble()) * static_cast<double>(holding.quantity);
  row["day_change"] = change;
  row["day_change_percentage"] = close_price > 0 ? change / close_price * 100 : 0.0;
  return row;
}

json HoldingUpdateJson(const Holding& holding, const Listing& listing) {
  json row = HoldingBase(holding, listing);
  row["update_type"] = "holding";
  row["instrument_key"] = listing.instrument_key;
  row["exchange"] = listing.segment;
  return row;
}

}  // namespace sauda::sim
