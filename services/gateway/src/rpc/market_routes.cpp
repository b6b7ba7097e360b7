#include <optional>

#include <nlohmann/json.hpp>

#include "libs/base/clock.hpp"
#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"
#include "services/gateway/src/rpc/subscribe_body.hpp"

namespace sauda::gateway {
namespace {

using feed::v1alpha1::FeedService;
using feed::v1alpha1::FeedStatus;
using feed::v1alpha1::ListSubscriptionsResponse;
using nlohmann::json;

bool IsConnected(const FeedStatus& status) {
  return status.connection() == feed::v1alpha1::CONNECTION_STATE_LIVE ||
         status.connection() == feed::v1alpha1::CONNECTION_STATE_QUIET ||
         status.connection() == feed::v1alpha1::CONNECTION_STATE_STALE;
}

Result<FeedStatus> StatusOf(const Peers& peers, const std::string& request_id) {
  return Call<FeedStatus>(*peers.feed, &FeedService::Stub::GetStatus,
                          feed::v1alpha1::GetStatusRequest{}, peers.call_limit, request_id);
}

Result<ListSubscriptionsResponse> SubscriptionsOf(const Peers& peers,
                                                  const std::string& request_id) {
  return Call<ListSubscriptionsResponse>(*peers.feed, &FeedService::Stub::ListSubscriptions,
                                         feed::v1alpha1::ListSubscriptionsRequest{},
                                         peers.call_limit, request_id);
}

json CountsByKind(const ListSubscriptionsResponse& list) {
  std::map<feed::v1alpha1::Kind, int> counts;
  for (const auto& each : list.subscriptions()) ++counts[each.kind()];
  return {{"index", counts[feed::v1alpha1::KIND_INDEX]},
          {"equity", counts[feed::v1alpha1::KIND_EQUITY]},
          {"futures", counts[feed::v1alpha1::KIND_FUTURE]},
          {"options", counts[feed::v1alpha1::KIND_OPTION]}};
}

http::Response FeedAway(const Context& context, const Error& why, const std::string& request_id) {
  return Success({{"service_running", false},
                  {"websocket_connected", false},
                  {"connection", context.hub.state().connection},
                  {"connection_detail", why.message},
                  {"subscriptions", {{"index", 0}, {"equity", 0}, {"futures", 0}, {"options", 0}}},
                  {"total_subscribed", 0},
                  {"cached_prices", context.hub.count()},
                  {"simulated", context.hub.simulated()}},
                 request_id);
}

/// The status of market-feed/…, after whatever was asked of the feed, and what came of a Subscribe.
http::Response FeedAnswerWith(const std::optional<json>& outcome, const Context& context,
                              const http::Request& request) {
  const auto status = StatusOf(context.peers, request.request_id);
  const auto list = SubscriptionsOf(context.peers, request.request_id);
  if (const Error* const problem = FirstError(status, list)) {
    if (IsAway(*problem)) return FeedAway(context, *problem, request.request_id);
    return Refusal(*problem, request.request_id);
  }
  json data = {{"service_running", true},
               {"websocket_connected", IsConnected(*status)},
               {"connection", Word(feed::v1alpha1::ConnectionState_Name(status->connection()),
                                   "CONNECTION_STATE_")},
               {"connection_detail", status->connection_detail()},
               {"subscriptions", CountsByKind(*list)},
               {"total_subscribed", status->total_symbols()},
               {"cached_prices", status->cached_prices()},
               {"market_ms", status->market_ms()},
               {"simulated", status->simulated()}};
  if (outcome) data["outcome"] = *outcome;
  return Success(data, request.request_id);
}

http::Response FeedAnswer(const Context& context, const http::Request& request) {
  return FeedAnswerWith(std::nullopt, context, request);
}

/// Connects; what the body names is subscribed too.
http::Response Connect(const Context& context, const http::Request& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto subscribe = ReadSubscribe(*body);
  if (!subscribe) return Refusal(subscribe.error(), request.request_id);
  std::optional<json> outcome;
  if (!subscribe->names().empty() || subscribe->has_selection()) {
    const auto subscribed = Call<feed::v1alpha1::SubscribeResponse>(
        *context.peers.feed, &FeedService::Stub::Subscribe, *subscribe, context.peers.call_limit,
        request.request_id);
    if (!subscribed) return Refusal(subscribed.error(), request.request_id);
    outcome = OutcomeOf(*subscribed);
  }
  const auto connected = Call<FeedStatus>(*context.peers.feed, &FeedService::Stub::Connect,
                                          feed::v1alpha1::ConnectRequest{},
                                          context.peers.call_limit, request.request_id);
  if (!connected) return Refusal(connected.error(), request.request_id);
  return FeedAnswerWith(outcome, context, request);
}

/// With `symbols` in the body their subscription ends; without, the connection does.
http::Response Disconnect(const Context& context, const http::Request& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"symbols"});
  const auto symbols = TextsOf(*body, "symbols");
  if (const Error* const problem = FirstError(known, symbols)) {
    return Refusal(*problem, request.request_id);
  }
  if (!symbols->empty()) {
    feed::v1alpha1::UnsubscribeRequest unsubscribe;
    for (const auto& each : *symbols) unsubscribe.add_names(each);
    const auto ended = Call<feed::v1alpha1::UnsubscribeResponse>(
        *context.peers.feed, &FeedService::Stub::Unsubscribe, unsubscribe, context.peers.call_limit,
        request.request_id);
    if (!ended) return Refusal(ended.error(), request.request_id);
    context.hub.Forget({ended->instrument_keys().begin(), ended->instrument_keys().end()});
    return FeedAnswer(context, request);
  }
  const auto done = Call<FeedStatus>(*context.peers.feed, &FeedService::Stub::Disconnect,
                                     feed::v1alpha1::DisconnectRequest{}, context.peers.call_limit,
                                     request.request_id);
  if (!done) return Refusal(done.error(), request.request_id);
  return FeedAnswer(context, request);
}

/// JSON that was made already and that other answers may share.
http::Response Made(Event body) {
  http::Response response;
  response.headers.Set("Content-Type", "application/json");
  response.shared_body = std::move(body);
  return response;
}

http::Response SocketStatus(const Context& context, const http::Request& request) {
  const auto status = StatusOf(context.peers, request.request_id);
  const auto list = SubscriptionsOf(context.peers, request.request_id);
  if (const Error* const problem = FirstError(status, list)) {
    if (!IsAway(*problem)) return Refusal(*problem, request.request_id);
    return SuccessFlat({{"is_running", false},
                        {"websocket_connected", false},
                        {"subscriptions",
                         {{"total_symbols", 0},
                          {"subscribed_count", 0},
                          {"failed_count", 0},
                          {"silent_count", 0},
                          {"subscription_rate", 0}}},
                        {"subscribed_symbols", json::array()},
                        {"simulated", context.hub.simulated()}},
                       request.request_id);
  }
  json symbols = json::array();
  for (const auto& each : list->subscriptions()) symbols.push_back(each.instrument_key());
  return SuccessFlat({{"is_running", true},
                      {"websocket_connected", IsConnected(*status)},
                      {"subscriptions",
                       {{"total_symbols", status->total_symbols()},
                        {"subscribed_count", status->subscribed_count()},
                        {"failed_count", status->failed_count()},
                        {"silent_count", status->silent_count()},
                        {"subscription_rate", status->subscription_rate()}}},
                      {"subscribed_symbols", symbols},
                      {"simulated", status->simulated()}},
                     request.request_id);
}

http::Response Subscriptions(const Context& context, const http::Request& request) {
  const auto list = SubscriptionsOf(context.peers, request.request_id);
  if (!list) return Refusal(list.error(), request.request_id);
  json subscriptions = json::array();
  for (const auto& each : list->subscriptions()) {
    subscriptions.push_back({{"instrument_key", each.instrument_key()},
                             {"trading_symbol", each.trading_symbol()},
                             {"kind", feed::v1alpha1::Kind_Name(each.kind())},
                             {"mode", feed::v1alpha1::Mode_Name(each.mode())},
                             {"state", feed::v1alpha1::SubscriptionState_Name(each.state())},
                             {"attempts", each.attempts()},
                             {"failure", each.failure()},
                             {"ticks", each.ticks()},
                             {"last_received_ms", each.last_received_ns() / 1'000'000}});
  }
  return SuccessFlat({{"subscriptions", subscriptions},
                      {"count", subscriptions.size()},
                      {"simulated", context.hub.simulated()}},
                     request.request_id);
}

void AddPrices(const Context& context) {
  struct List {
    const char* path;
    const char* type;
    std::optional<Kind> kind;
  };
  for (const List& list :
       {List{"indices", "index", Kind::kIndex}, List{"equity/prices", "equity", Kind::kEquity},
        List{"futures/prices", "futures", Kind::kFuture},
        List{"options/prices", "options", Kind::kOption},
        List{"all/prices", "all", std::nullopt}}) {
    context.routes.Add("GET", std::string{"/api/v1/market/market-feed/"} + list.path,
                       [&hub = context.hub, list](const Asked&, const http::Respond& respond) {
                         respond(Made(hub.PriceList(list.type, list.kind, SystemClock{}.UtcNs())));
                       });
  }
  context.routes.Add("GET", "/api/v1/websocket/latest-ticks",
                     [&hub = context.hub](const Asked&, const http::Respond& respond) {
                       respond(http::Response::Json(200, hub.Ticks()));
                     });
}

}  // namespace

void AddMarketRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Context&, const http::Request&)) {
    context.routes.Add(method, path, OnWorkers(context, [context, answer](const Asked& request) {
                         return answer(context, request);
                       }));
  };
  add("POST", "/api/v1/market/market-feed/connect", Connect);
  add("POST", "/api/v1/market/market-feed/disconnect", Disconnect);
  add("GET", "/api/v1/market/market-feed/status", FeedAnswer);
  add("GET", "/api/v1/websocket/status", SocketStatus);
  add("GET", "/api/v1/websocket/subscriptions", Subscriptions);
  AddPrices(context);
}

}  // namespace sauda::gateway
