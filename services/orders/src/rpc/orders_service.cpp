#include "services/orders/src/rpc/orders_service.hpp"

#include <charconv>
#include <chrono>

#include "services/orders/src/rpc/convert.hpp"

namespace sauda::orders {
namespace {

constexpr std::int32_t kDefaultPageSize = 100;
constexpr std::int32_t kMaxPageSize = 500;

/// Puts the order into the answer, or passes the failure on.
Result<void> Answer(const Result<Order>& order, wire::Order* response) {
  if (!order) return order.error();
  ToWire(*order, *response);
  return {};
}

Result<Ledger::Query> QueryOf(const wire::ListOrdersRequest& request) {
  Ledger::Query query{.account_id = request.account_id(),
                      .open_only = request.open_only(),
                      .limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size()};
  if (query.limit < 1 || query.limit > kMaxPageSize) {
    return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: 1 to 500"};
  }
  const std::string& token = request.page_token();
  if (token.empty()) return query;
  const char* const end = token.data() + token.size();
  const auto [stop, error] = std::from_chars(token.data(), end, query.before);
  if (error != std::errc{} || stop != end || query.before < 1) {
    return Error{Code::kInvalidArgument, "PAGE_TOKEN_INVALID",
                 "page_token: as the last page gave it"};
  }
  return query;
}

}  // namespace

grpc::Status OrdersService::PlaceOrder(grpc::ServerContext* context,
                                       const wire::PlaceOrderRequest* request,
                                       wire::Order* response) {
  return parts_.calls.Run(*context, "PlaceOrder", [&](const std::string&) -> Result<void> {
    auto order = FromWire(*request);
    if (!order) return order.error();
    const auto still_waits = [context] {
      return !context->IsCancelled() && std::chrono::system_clock::now() < context->deadline();
    };
    return Answer(parts_.desk.Place(*std::move(order), still_waits), response);
  });
}

grpc::Status OrdersService::ModifyOrder(grpc::ServerContext* context,
                                        const wire::ModifyOrderRequest* request,
                                        wire::Order* response) {
  return parts_.calls.Run(*context, "ModifyOrder", [&](const std::string&) -> Result<void> {
    const auto change = FromWire(*request);
    if (!change) return change.error();
    return Answer(parts_.desk.Modify({request->account_id(), request->client_order_id()}, *change),
                  response);
  });
}

grpc::Status OrdersService::CancelOrder(grpc::ServerContext* context,
                                        const wire::CancelOrderRequest* request,
                                        wire::Order* response) {
  return parts_.calls.Run(*context, "CancelOrder", [&](const std::string&) {
    return Answer(parts_.desk.Cancel({request->account_id(), request->client_order_id()}),
                  response);
  });
}

grpc::Status OrdersService::GetOrder(grpc::ServerContext* context,
                                     const wire::GetOrderRequest* request, wire::Order* response) {
  return parts_.calls.Run(*context, "GetOrder", [&](const std::string&) {
    return Answer(parts_.desk.Get({request->account_id(), request->client_order_id()}), response);
  });
}

grpc::Status OrdersService::ListOrders(grpc::ServerContext* context,
                                       const wire::ListOrdersRequest* request,
                                       wire::ListOrdersResponse* response) {
  return parts_.calls.Run(*context, "ListOrders", [&](const std::string&) -> Result<void> {
    const auto query = QueryOf(*request);
    if (!query) return query.error();
    const auto page = parts_.desk.List(*query);
    if (!page) return page.error();
    for (const Order& order : page->orders) ToWire(order, *response->add_orders());
    if (page->next != 0) response->set_next_page_token(std::to_string(page->next));
    return {};
  });
}

grpc::Status OrdersService::GetStatus(grpc::ServerContext* context, const wire::GetStatusRequest*,
                                      wire::OrdersStatus* response) {
  return parts_.calls.Run(*context, "GetStatus", [&](const std::string&) -> Result<void> {
    response->set_route(ToWire(parts_.venue.route()));
    response->set_simulated(parts_.venue.simulated());
    auto ready = parts_.kill == nullptr ? Result<void>{} : parts_.kill->Check();
    if (ready) ready = parts_.venue.CheckReady();
    const auto counts = parts_.ledger.Count(parts_.account_id);
    response->set_accepting(ready && counts);
    if (!ready) response->set_detail(ready.error().reason + ": " + ready.error().message);
    if (!counts) {
      response->set_detail(counts.error().reason + ": " + counts.error().message);
      return {};
    }
    response->set_unknown_orders(counts->unknown);
    response->set_open_orders(counts->open);
    return {};
  });
}

grpc::ServerWriteReactor<wire::Order>* OrdersService::WatchOrders(
    grpc::CallbackServerContext* context, const wire::WatchOrdersRequest* request) {
  const std::string request_id = rpc::RequestIdOf(*context);
  std::string account_id = request->account_id();
  const auto account = parts_.desk.ResolveAccount(account_id);
  if (account) return parts_.hub.Open(request_id, account_id);
  /// A call that is refused before it begins.
  class RefusedCall final : public grpc::ServerWriteReactor<wire::Order> {
   public:
    explicit RefusedCall(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };
  return new RefusedCall{parts_.calls.End("WatchOrders", request_id,
                                          std::chrono::steady_clock::now(), account.error())};
}

}  // namespace sauda::orders
