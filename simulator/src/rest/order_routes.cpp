#include "simulator/src/rest/order_routes.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/rest/order_body.hpp"
#include "simulator/src/rest/order_json.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;
using Parts = std::shared_ptr<const OrderParts>;

std::optional<std::string> QueryOf(const http::Request& request, std::string_view name) {
  const std::string_view value = request.Query(name);
  return value.empty() ? std::nullopt : std::optional{std::string{value}};
}

std::int64_t LatencyMs(const Moment& moment) {
  const auto took = std::chrono::steady_clock::now() - moment.now;
  return std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
}

http::Response PlaceV3(const OrderParts& parts, const http::Request& request, const Moment& at) {
  const auto body = ReadPlace(request.body);
  if (!body) return Failure(body.error());
  const auto ids = parts.brokerage.Place(*body, at.market_ms);
  if (!ids) return Failure(ids.error());
  json list = json::array();
  for (const exchange::OrderId id : *ids) list.push_back(std::to_string(id));
  return SuccessWithLatency({{"order_ids", list}}, LatencyMs(at));
}

http::Response PlaceV2(const OrderParts& parts, const http::Request& request, const Moment& at) {
  auto body = ReadPlace(request.body);
  if (!body) return Failure(body.error());
  body->slice = false;  // v2 knows neither
  body->terms.market_protection.reset();
  const auto ids = parts.brokerage.Place(*body, at.market_ms);
  if (!ids) return Failure(ids.error());
  return Success({{"order_id", std::to_string(ids->front())}});
}

http::Response Done(const Answer<exchange::OrderId>& id, const Moment& at, bool v3) {
  if (!id) return Failure(id.error());
  json data = {{"order_id", std::to_string(*id)}};
  return v3 ? SuccessWithLatency(std::move(data), LatencyMs(at)) : Success(std::move(data));
}

http::Response Modify(const OrderParts& parts, const http::Request& request, const Moment& at,
                      bool v3) {
  const auto body = ReadModify(request.body);
  if (!body) return Failure(body.error());
  return Done(parts.brokerage.Modify(*body, at.market_ms), at, v3);
}

json RowJson(const OrderParts& parts, const OrderRow& row, RowForm form) {
  return OrderJson(row, parts.market.master().at(row.listing), parts.user_id, form);
}

http::Response NotFound(const std::optional<std::string>& order_id) {
  return Failure({.http = 400,
                  .code = "UDAPI100010",
                  .message = "Order not found",
                  .property = "order_id",
                  .invalid_value = order_id});
}

http::Response Details(const OrderParts& parts, const http::Request& request) {
  const auto text = QueryOf(request, "order_id");
  const auto id = CheckOrderId(text, "UDAPI1023");
  if (!id) return Failure(id.error());
  const OrderRow* const row = parts.brokerage.Find(*id);
  return row == nullptr ? NotFound(text) : Success(RowJson(parts, *row, RowForm::kBook));
}

http::Response History(const OrderParts& parts, const http::Request& request) {
  const auto text = QueryOf(request, "order_id");
  const auto tag = QueryOf(request, "tag");
  if (!text && !tag) {
    return Failure(
        {.http = 400, .code = "UDAPI100059", .message = "Either 'order_id' or 'tag' is required"});
  }
  std::vector<OrderRow> rows;
  if (text) {
    const auto id = CheckOrderId(text, "UDAPI1023");
    if (!id) return Failure(id.error());
    rows = parts.brokerage.History(*id);
    if (rows.empty()) return NotFound(text);
    if (tag && rows.front().tag != *tag) rows.clear();
  } else {
    rows = parts.brokerage.HistoryOfTag(*tag);
  }
  json list = json::array();
  for (const OrderRow& row : rows) list.push_back(RowJson(parts, row, RowForm::kHistory));
  return Success(std::move(list));
}

http::Response Trades(const OrderParts& parts, std::optional<exchange::OrderId> of) {
  json list = json::array();
  for (const TradeRow& trade : parts.brokerage.trades()) {
    if (of && trade.order.state.id != *of) continue;
    list.push_back(TradeJson(trade, parts.market.master().at(trade.order.listing)));
  }
  return Success(std::move(list));
}

http::Response TradesOfOrder(const OrderParts& parts, const http::Request& request) {
  const auto text = QueryOf(request, "order_id");
  const auto id = CheckOrderId(text, "UDAPI1023");
  if (!id) return Failure(id.error());
  if (parts.brokerage.Find(*id) == nullptr) return NotFound(text);
  return Trades(parts, *id);
}

http::Response Positions(const OrderParts& parts) {
  json list = json::array();
  for (const Position& position : parts.brokerage.portfolio().positions()) {
    const FullState* const state = parts.market.State(position.listing);
    list.push_back(PositionJson(position, parts.market.master().at(position.listing),
                                state == nullptr ? 0 : state->ltp,
                                state == nullptr ? 0 : state->cp));
  }
  return Success(std::move(list));
}

http::Response Holdings(const OrderParts& parts) {
  json list = json::array();
  for (const Holding& holding : parts.brokerage.portfolio().holdings()) {
    const FullState* const state = parts.market.State(holding.listing);
    list.push_back(HoldingJson(holding, parts.market.master().at(holding.listing),
                               state == nullptr ? 0 : state->ltp,
                               state == nullptr ? 0 : state->cp));
  }
  return Success(std::move(list));
}

void AddStreamRoutes(http::Server& server, const Parts& parts) {
  using Access = Guard::Access;
  const auto target = FaultTarget::kPortfolio;
  server.Route("GET", "/v2/feed/portfolio-stream-feed/authorize",
               parts->guard.Wrap(target, Access::kToken,
                                 [parts](const http::Request& request, const Moment& at) {
                                   const auto address = parts->hub.NewAddress(request, at.now);
                                   if (!address) return Failure(address.error());
                                   return Success({{"authorized_redirect_uri", *address},
                                                   {"authorizedRedirectUri", *address}});
                                 }));
  server.RouteWebSocket(
      "/v2/feed/portfolio-stream-feed",
      parts->guard.WrapUpgrade(
          target, Access::kToken,
          [parts](const http::Request& request, const Moment& at, http::Upgrade& upgrade) {
            const auto address = parts->hub.NewAddress(request, at.now);
            upgrade.Refuse(address ? http::Response::Redirect(*address) : Failure(address.error()));
          }));
  server.RouteWebSocket(PortfolioHub::kPath,
                        parts->guard.WrapUpgrade(target, Access::kOpen,
                                                 [parts](const http::Request& request,
                                                         const Moment& at, http::Upgrade& upgrade) {
                                                   parts->hub.Connect(request, at, upgrade);
                                                 }));
}

}  // namespace

StreamTeller::StreamTeller(const Master& master, PortfolioHub& hub, Metrics& metrics,
                           std::string user_id, OrderRecord* record)
    : master_{master},
      hub_{hub},
      metrics_{metrics},
      user_id_{std::move(user_id)},
      record_{record} {}

void StreamTeller::OnOrder(const OrderRow& row) {
  if (record_ != nullptr) record_->Stepped(row, master_.at(row.listing));
  metrics_.order_updates.Add({{"status", std::string{exchange::ToText(row.state.status)}}})
      .Increment();
  const json message = OrderJson(row, master_.at(row.listing), user_id_, RowForm::kStream);
  hub_.Publish("order", message.dump(-1, ' ', false, json::error_handler_t::replace));
}

void StreamTeller::OnTrade(const TradeRow& trade) {
  if (record_ != nullptr) record_->Traded(trade);
}

void StreamTeller::OnPosition(const Position& position) {
  hub_.Publish("position", PositionUpdateJson(position, master_.at(position.listing)).dump());
}

void StreamTeller::OnHolding(const Holding& holding) {
  hub_.Publish("holding", HoldingUpdateJson(holding, master_.at(holding.listing)).dump());
}

void AddOrderRoutes(http::Server& server, const OrderParts& given) {
  const auto parts = std::make_shared<const OrderParts>(given);
  const auto add = [&](const char* method, const std::string& path, FaultTarget target,
                       auto handle) {
    server.Route(method, path,
                 parts->guard.Wrap(target, Guard::Access::kToken,
                                   [parts, handle](const http::Request& request, const Moment& at) {
                                     return handle(*parts, request, at);
                                   }));
  };
  using Request = http::Request;
  const FaultTarget orders = FaultTarget::kOrders;
  add("POST", "/v3/order/place", orders, PlaceV3);
  add("POST", "/v2/order/place", orders, PlaceV2);
  for (const bool v3 : {false, true}) {
    const std::string version = v3 ? "/v3" : "/v2";
    add("PUT", version + "/order/modify", orders,
        [v3](const OrderParts& p, const Request& r, const Moment& at) {
          return Modify(p, r, at, v3);
        });
    add("DELETE", version + "/order/cancel", orders,
        [v3](const OrderParts& p, const Request& r, const Moment& at) {
          return Done(p.brokerage.Cancel(QueryOf(r, "order_id"), at.market_ms), at, v3);
        });
  }
  const auto get = [&](const char* path, auto handle) {
    add("GET", path, FaultTarget::kRest,
        [handle](const OrderParts& p, const Request& r, const Moment&) { return handle(p, r); });
  };
  get("/v2/order/retrieve-all", [](const OrderParts& p, const Request&) {
    json list = json::array();
    for (const OrderRow& row : p.brokerage.Orders()) {
      list.push_back(RowJson(p, row, RowForm::kBook));
    }
    return Success(std::move(list));
  });
  get("/v2/order/details", Details);
  get("/v2/order/history", History);
  get("/v2/order/trades", TradesOfOrder);
  get("/v2/order/trades/get-trades-for-day",
      [](const OrderParts& p, const Request&) { return Trades(p, std::nullopt); });
  get("/v2/portfolio/short-term-positions",
      [](const OrderParts& p, const Request&) { return Positions(p); });
  get("/v2/portfolio/long-term-holdings",
      [](const OrderParts& p, const Request&) { return Holdings(p); });
  AddStreamRoutes(server, parts);
}

}  // namespace sauda::sim
