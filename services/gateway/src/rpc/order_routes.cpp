#include <charconv>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using nlohmann::json;
using orders::v1alpha1::Order;
using orders::v1alpha1::OrdersService;

/// A word of a closed list to its number in the proto: `BUY` with prefix `SIDE_`. Empty gives
/// the unspecified value, which the service refuses or takes as unchanged.
template <typename Enum>
Result<Enum> WordOf(const json& body, const char* name, const std::string& prefix,
                    bool (*parse)(google::protobuf::ConstStringParam, Enum*)) {
  const auto word = TextOf(body, name);
  if (!word) return word.error();
  Enum value{};
  if (!word->empty() && !parse(prefix + *word, &value)) {
    return Error{Code::kInvalidArgument, "FIELD_WRONG",
                 std::string{name} + ": no such word '" + word->substr(0, 32) + "'"};
  }
  return value;
}

json OrderJson(const Order& order) {
  namespace v1 = orders::v1alpha1;
  return {{"account_id", order.account_id()},
          {"client_order_id", order.client_order_id()},
          {"broker_order_ids", std::vector<std::string>{order.broker_order_ids().begin(),
                                                        order.broker_order_ids().end()}},
          {"instrument_key", order.instrument_key()},
          {"instrument_id", order.instrument_id()},
          {"trading_symbol", order.trading_symbol()},
          {"side", Word(v1::Side_Name(order.side()), "SIDE_")},
          {"quantity", order.quantity()},
          {"type", Word(v1::OrderType_Name(order.type()), "ORDER_TYPE_")},
          {"price", order.price()},
          {"trigger_price", order.trigger_price()},
          {"product", Word(v1::Product_Name(order.product()), "PRODUCT_")},
          {"validity", Word(v1::Validity_Name(order.validity()), "VALIDITY_")},
          {"disclosed_quantity", order.disclosed_quantity()},
          {"state", Word(v1::OrderState_Name(order.state()), "ORDER_STATE_")},
          {"broker_status", order.broker_status()},
          {"reason", order.reason()},
          {"message", order.message()},
          {"filled_quantity", order.filled_quantity()},
          {"traded_quantity", order.traded_quantity()},
          {"confirmed", order.confirmed()},
          {"average_price", order.average_price()},
          {"tags", std::vector<std::string>{order.tags().begin(), order.tags().end()}},
          {"created_ms", order.created_ms()},
          {"updated_ms", order.updated_ms()},
          {"version", order.version()},
          {"route", Word(v1::OrderRoute_Name(order.route()), "ORDER_ROUTE_")},
          {"simulated", order.simulated()}};
}

http::Response AnswerOrder(const Result<Order>& order, const http::Request& request) {
  if (!order) return Refusal(order.error(), request.request_id);
  return Success(OrderJson(*order), request.request_id);
}

http::Response Place(const Peers& peers, const Asked& request) {
  namespace v1 = orders::v1alpha1;
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known =
      OnlyKnown(*body, {"account_id", "client_order_id", "instrument", "side", "quantity", "type",
                        "price", "trigger_price", "product", "validity", "disclosed_quantity",
                        "market_protection_percent", "tags"});
  const auto account = AccountIn(*body, request);
  const auto id = TextOf(*body, "client_order_id");
  const auto instrument = TextOf(*body, "instrument");
  const auto side = WordOf<v1::Side>(*body, "side", "SIDE_", v1::Side_Parse);
  const auto quantity = NumberOf(*body, "quantity", 0);
  const auto type = WordOf<v1::OrderType>(*body, "type", "ORDER_TYPE_", v1::OrderType_Parse);
  const auto price = DecimalOf(*body, "price");
  const auto trigger = DecimalOf(*body, "trigger_price");
  const auto product = WordOf<v1::Product>(*body, "product", "PRODUCT_", v1::Product_Parse);
  const auto validity = WordOf<v1::Validity>(*body, "validity", "VALIDITY_", v1::Validity_Parse);
  const auto disclosed = NumberOf(*body, "disclosed_quantity", 0);
  const auto protection = NumberOf(*body, "market_protection_percent", 0);
  const auto tags = TextsOf(*body, "tags");
  if (const Error* const problem =
          FirstError(known, account, id, instrument, side, quantity, type, price, trigger, product,
                     validity, disclosed, protection, tags)) {
    return Refusal(*problem, request.request_id);
  }
  if (*protection < 0 || *protection > 25) {
    return Refusal({Code::kInvalidArgument, "PROTECTION_INVALID",
                    "market_protection_percent: expected 0 to 25"},
                   request.request_id);
  }
  v1::PlaceOrderRequest place;
  place.set_account_id(*account);
  place.set_client_order_id(*id);
  place.set_instrument(*instrument);
  place.set_side(*side);
  place.set_quantity(*quantity);
  place.set_type(*type);
  place.set_price(*price);
  place.set_trigger_price(*trigger);
  place.set_product(*product);
  place.set_validity(*validity);
  place.set_disclosed_quantity(*disclosed);
  place.set_market_protection_percent(static_cast<std::int32_t>(*protection));
  for (const auto& tag : *tags) place.add_tags(tag);
  return AnswerOrder(Call<Order>(*peers.orders, &OrdersService::Stub::PlaceOrder, place,
                                 peers.call_limit + std::chrono::seconds{15}, request.request_id),
                     request);
}

http::Response Modify(const Peers& peers, const Asked& request) {
  namespace v1 = orders::v1alpha1;
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known =
      OnlyKnown(*body, {"account_id", "quantity", "price", "trigger_price", "type", "validity"});
  const auto account = AccountIn(*body, request);
  const auto quantity = NumberOf(*body, "quantity", 0);
  const auto price = DecimalOf(*body, "price");
  const auto trigger = DecimalOf(*body, "trigger_price");
  const auto type = WordOf<v1::OrderType>(*body, "type", "ORDER_TYPE_", v1::OrderType_Parse);
  const auto validity = WordOf<v1::Validity>(*body, "validity", "VALIDITY_", v1::Validity_Parse);
  if (const Error* const problem =
          FirstError(known, account, quantity, price, trigger, type, validity)) {
    return Refusal(*problem, request.request_id);
  }
  v1::ModifyOrderRequest modify;
  modify.set_account_id(*account);
  modify.set_client_order_id(std::string{request.Param("id")});
  if (body->contains("quantity")) modify.set_quantity(*quantity);
  if (body->contains("price")) modify.set_price(*price);
  if (body->contains("trigger_price")) modify.set_trigger_price(*trigger);
  modify.set_type(*type);
  modify.set_validity(*validity);
  return AnswerOrder(Call<Order>(*peers.orders, &OrdersService::Stub::ModifyOrder, modify,
                                 peers.call_limit + std::chrono::seconds{15}, request.request_id),
                     request);
}

http::Response Cancel(const Peers& peers, const Asked& request) {
  orders::v1alpha1::CancelOrderRequest cancel;
  cancel.set_account_id(request.account);
  cancel.set_client_order_id(std::string{request.Param("id")});
  return AnswerOrder(Call<Order>(*peers.orders, &OrdersService::Stub::CancelOrder, cancel,
                                 peers.call_limit + std::chrono::seconds{15}, request.request_id),
                     request);
}

http::Response Get(const Peers& peers, const Asked& request) {
  orders::v1alpha1::GetOrderRequest get;
  get.set_account_id(request.account);
  get.set_client_order_id(std::string{request.Param("id")});
  return AnswerOrder(Call<Order>(*peers.orders, &OrdersService::Stub::GetOrder, get,
                                 peers.call_limit, request.request_id),
                     request);
}

http::Response List(const Peers& peers, const Asked& request) {
  orders::v1alpha1::ListOrdersRequest ask;
  ask.set_account_id(request.account);
  ask.set_open_only(request.Query("open") == "true");
  ask.set_page_token(std::string{request.Query("page_token")});
  if (const auto size = request.Query("page_size"); !size.empty()) {
    std::int32_t number = 0;
    const auto [stop, error] = std::from_chars(size.data(), size.data() + size.size(), number);
    if (error != std::errc{} || stop != size.data() + size.size()) number = -1;  // refused there
    ask.set_page_size(number);
  }
  const auto listed = Call<orders::v1alpha1::ListOrdersResponse>(
      *peers.orders, &OrdersService::Stub::ListOrders, ask, peers.call_limit, request.request_id);
  if (!listed) return Refusal(listed.error(), request.request_id);
  json data = json::array();
  for (const auto& each : listed->orders()) data.push_back(OrderJson(each));
  return SuccessFlat({{"data", data}, {"next_page_token", listed->next_page_token()}},
                     request.request_id);
}

}  // namespace

void AddOrderRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("POST", "/api/v1/orders", Place);
  add("GET", "/api/v1/orders", List);
  add("GET", "/api/v1/orders/{id}", Get);
  add("PUT", "/api/v1/orders/{id}", Modify);
  add("DELETE", "/api/v1/orders/{id}", Cancel);
}

}  // namespace sauda::gateway
