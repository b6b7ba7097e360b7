#include <array>
#include <charconv>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace v1 = orders::v1alpha1;
using nlohmann::json;
using PortfolioStub = v1::PortfolioService::Stub;

/// Fields of the contract beside those of what is made of it.
json With(const v1::Contract& contract, json fields) {
  fields["instrument_id"] = contract.instrument_id();
  fields["instrument_key"] = contract.instrument_key();
  fields["trading_symbol"] = contract.trading_symbol();
  fields["segment"] = contract.segment();
  fields["multiplier"] = contract.multiplier();
  return fields;
}

std::string WordOf(v1::Product product) { return Word(v1::Product_Name(product), "PRODUCT_"); }

json TradeJson(const v1::Trade& trade) {
  return With(trade.contract(),
              {{"account_id", trade.account_id()},
               {"trade_id", trade.trade_id()},
               {"client_order_id", trade.client_order_id()},
               {"broker_order_id", trade.broker_order_id()},
               {"side", Word(v1::Side_Name(trade.side()), "SIDE_")},
               {"product", WordOf(trade.product())},
               {"quantity", trade.quantity()},
               {"price", trade.price()},
               {"charges", trade.charges()},
               {"market_ms", trade.market_ms()},
               {"market_date", trade.market_date()},
               {"recorded_ms", trade.recorded_ms()},
               {"route", Word(v1::OrderRoute_Name(trade.route()), "ORDER_ROUTE_")},
               {"simulated", trade.simulated()}});
}

json PositionJson(const v1::Position& position) {
  return With(position.contract(), {{"product", WordOf(position.product())},
                                    {"quantity", position.quantity()},
                                    {"from_holdings", position.from_holdings()},
                                    {"average_price", position.average_price()},
                                    {"value", position.value()},
                                    {"buy_quantity", position.buy_quantity()},
                                    {"buy_value", position.buy_value()},
                                    {"sell_quantity", position.sell_quantity()},
                                    {"sell_value", position.sell_value()},
                                    {"overnight_quantity", position.overnight_quantity()},
                                    {"day_buy_quantity", position.day_buy_quantity()},
                                    {"day_buy_value", position.day_buy_value()},
                                    {"day_sell_quantity", position.day_sell_quantity()},
                                    {"day_sell_value", position.day_sell_value()},
                                    {"last_price", position.last_price()},
                                    {"close_price", position.close_price()},
                                    {"realised", position.realised()},
                                    {"unrealised", position.unrealised()},
                                    {"pnl", position.pnl()},
                                    {"charges", position.charges()},
                                    {"simulated", position.simulated()}});
}

json HoldingJson(const v1::Holding& holding) {
  return With(holding.contract(), {{"quantity", holding.quantity()},
                                   {"t1_quantity", holding.t1_quantity()},
                                   {"used_quantity", holding.used_quantity()},
                                   {"invested", holding.invested()},
                                   {"average_price", holding.average_price()},
                                   {"last_price", holding.last_price()},
                                   {"close_price", holding.close_price()},
                                   {"pnl", holding.pnl()},
                                   {"day_change", holding.day_change()},
                                   {"day_change_percent", holding.day_change_percent()},
                                   {"simulated", holding.simulated()}});
}

json RowJson(const v1::PnlRow& row) {
  return With(row.contract(), {{"product", WordOf(row.product())},
                               {"quantity", row.quantity()},
                               {"buy_date", row.buy_date()},
                               {"buy_average", row.buy_average()},
                               {"buy_amount", row.buy_amount()},
                               {"sell_date", row.sell_date()},
                               {"sell_average", row.sell_average()},
                               {"sell_amount", row.sell_amount()},
                               {"profit", row.profit()},
                               {"closed_on", row.closed_on()}});
}

/// The page that is asked for; a size that is no number is refused by the service.
template <typename Message>
void AskPage(const Asked& request, Message& ask) {
  ask.set_page_token(std::string{request.Query("page_token")});
  const auto size = request.Query("page_size");
  if (size.empty()) return;
  std::int32_t number = 0;
  const auto [stop, error] = std::from_chars(size.data(), size.data() + size.size(), number);
  if (error != std::errc{} || stop != size.data() + size.size()) number = -1;
  ask.set_page_size(number);
}

http::Response Trades(const Peers& peers, const Asked& request) {
  v1::ListTradesRequest ask;
  ask.set_account_id(request.account);
  ask.set_client_order_id(std::string{request.Query("client_order_id")});
  ask.set_from_date(std::string{request.Query("from")});
  ask.set_to_date(std::string{request.Query("to")});
  AskPage(request, ask);
  const auto page = Call<v1::ListTradesResponse>(*peers.portfolio, &PortfolioStub::ListTrades, ask,
                                                 peers.call_limit, request.request_id);
  if (!page) return Refusal(page.error(), request.request_id);
  json data = json::array();
  for (const auto& trade : page->trades()) data.push_back(TradeJson(trade));
  return SuccessFlat({{"data", data}, {"next_page_token", page->next_page_token()}},
                     request.request_id);
}

http::Response AllPositions(const Peers& peers, const Asked& request) {
  v1::GetPositionsRequest ask;
  ask.set_account_id(request.account);
  const auto all = Call<v1::Positions>(*peers.portfolio, &PortfolioStub::GetPositions, ask,
                                       peers.call_limit, request.request_id);
  if (!all) return Refusal(all.error(), request.request_id);
  json data = json::array();
  for (const auto& position : all->positions()) data.push_back(PositionJson(position));
  return SuccessFlat(
      {{"data", data}, {"market_date", all->market_date()}, {"simulated", all->simulated()}},
      request.request_id);
}

http::Response AllHoldings(const Peers& peers, const Asked& request) {
  v1::GetHoldingsRequest ask;
  ask.set_account_id(request.account);
  const auto all = Call<v1::Holdings>(*peers.portfolio, &PortfolioStub::GetHoldings, ask,
                                      peers.call_limit, request.request_id);
  if (!all) return Refusal(all.error(), request.request_id);
  json data = json::array();
  for (const auto& holding : all->holdings()) data.push_back(HoldingJson(holding));
  return SuccessFlat({{"data", data},
                      {"invested", all->invested()},
                      {"pnl", all->pnl()},
                      {"complete", all->complete()},
                      {"market_date", all->market_date()},
                      {"simulated", all->simulated()}},
                     request.request_id);
}

http::Response DayProfit(const Peers& peers, const Asked& request) {
  v1::GetProfitRequest ask;
  ask.set_account_id(request.account);
  const auto profit = Call<v1::Profit>(*peers.portfolio, &PortfolioStub::GetProfit, ask,
                                       peers.call_limit, request.request_id);
  if (!profit) return Refusal(profit.error(), request.request_id);
  json unpriced = json::array();
  for (const auto& key : profit->unpriced()) unpriced.push_back(key);
  return Success({{"market_date", profit->market_date()},
                  {"realised", profit->realised()},
                  {"unrealised", profit->unrealised()},
                  {"charges", profit->charges()},
                  {"net", profit->net()},
                  {"priced_unrealised", profit->priced_unrealised()},
                  {"unpriced", unpriced},
                  {"trades", profit->trades()},
                  {"uncharged_trades", profit->uncharged_trades()},
                  {"unbookable_trades", profit->unbookable_trades()},
                  {"route", Word(v1::OrderRoute_Name(profit->route()), "ORDER_ROUTE_")},
                  {"simulated", profit->simulated()}},
                 request.request_id);
}

/// The broker's words for the sections, as in its P&L report. Empty: all.
Result<v1::PnlSegment> SegmentOf(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, v1::PnlSegment>, 5> kWords{
      {{"", v1::PNL_SEGMENT_UNSPECIFIED},
       {"EQ", v1::PNL_SEGMENT_EQUITY},
       {"FO", v1::PNL_SEGMENT_DERIVATIVES},
       {"COM", v1::PNL_SEGMENT_COMMODITY},
       {"CD", v1::PNL_SEGMENT_CURRENCY}}};
  for (const auto& [known, segment] : kWords) {
    if (known == word) return segment;
  }
  return Error{Code::kInvalidArgument, "SEGMENT_UNKNOWN", "segment: EQ, FO, COM or CD"};
}

http::Response Pnl(const Peers& peers, const Asked& request) {
  const auto segment = SegmentOf(request.Query("segment"));
  if (!segment) return Refusal(segment.error(), request.request_id);
  v1::GetPnlReportRequest ask;
  ask.set_account_id(request.account);
  ask.set_segment(*segment);
  ask.set_financial_year(std::string{request.Query("financial_year")});
  ask.set_from_date(std::string{request.Query("from")});
  ask.set_to_date(std::string{request.Query("to")});
  AskPage(request, ask);
  const auto report =
      Call<v1::PnlReport>(*peers.portfolio, &PortfolioStub::GetPnlReport, ask,
                          peers.call_limit + std::chrono::seconds{25}, request.request_id);
  if (!report) return Refusal(report.error(), request.request_id);
  json data = json::array();
  for (const auto& row : report->rows()) data.push_back(RowJson(row));
  return SuccessFlat({{"data", data},
                      {"buy_amount", report->buy_amount()},
                      {"sell_amount", report->sell_amount()},
                      {"profit", report->profit()},
                      {"charges", report->charges()},
                      {"net", report->net()},
                      {"trades", report->trades()},
                      {"uncharged_trades", report->uncharged_trades()},
                      {"next_page_token", report->next_page_token()},
                      {"simulated", report->simulated()}},
                     request.request_id);
}

}  // namespace

void AddPortfolioRoutes(const Context& context) {
  const auto add = [&](const char* path, http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add("GET", path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("/api/v1/portfolio/trades", Trades);
  add("/api/v1/portfolio/positions", AllPositions);
  add("/api/v1/portfolio/holdings", AllHoldings);
  add("/api/v1/portfolio/profit", DayProfit);
  add("/api/v1/portfolio/pnl", Pnl);
}

}  // namespace sauda::gateway
