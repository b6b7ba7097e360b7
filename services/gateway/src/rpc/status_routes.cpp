#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/page.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kProbeLimit{2'000};
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Asks one service for its status; what it says goes into the dependency of that name.
template <typename Response, typename Stub, typename Method, typename Request>
Result<Response> Probe(const Context& context, const std::string& name, Stub& stub, Method method,
                       const Request& request, const std::string& request_id) {
  auto answer = Call<Response>(stub, method, request, kProbeLimit, request_id);
  // Of several accounts none was named: it answers.
  if (answer || answer.error().reason == "ACCOUNT_UNKNOWN") {
    context.dependencies.Up(name);
  } else {
    context.dependencies.Down(name, answer.error().reason + ": " + answer.error().message);
  }
  return answer;
}

http::Response Ready(const Context& context, const http::Request& request) {
  const Peers& peers = context.peers;
  const std::string& id = request.request_id;
  (void)Probe<auth::v1alpha1::TokenStatus>(context, "auth", *peers.auth,
                                           &auth::v1alpha1::AuthService::Stub::GetStatus,
                                           auth::v1alpha1::GetStatusRequest{}, id);
  (void)Probe<instruments::v1alpha1::InstrumentsStatus>(
      context, "instruments", *peers.instruments,
      &instruments::v1alpha1::InstrumentsService::Stub::GetStatus,
      instruments::v1alpha1::GetStatusRequest{}, id);
  (void)Probe<feed::v1alpha1::FeedStatus>(context, "feed", *peers.feed,
                                          &feed::v1alpha1::FeedService::Stub::GetStatus,
                                          feed::v1alpha1::GetStatusRequest{}, id);
  (void)Probe<orders::v1alpha1::OrdersStatus>(context, "orders", *peers.orders,
                                              &orders::v1alpha1::OrdersService::Stub::GetStatus,
                                              orders::v1alpha1::GetStatusRequest{}, id);
  json dependencies = json::object();
  for (const auto& [name, state] : context.dependencies.states()) {
    dependencies[name] = {{"up", state.up}, {"detail", state.detail}};
  }
  const bool ready = context.dependencies.all_up();
  const json body{{"status", ready ? "success" : "error"},
                  {"ready", ready},
                  {"dependencies", dependencies},
                  {"feed_connection", context.hub.state().connection},
                  {"request_id", id}};
  return http::Response::Json(ready ? 200 : 503, body.dump());
}

http::Response PageAnswer(const PageFile& file) {
  http::Response response;
  response.body = std::string{file.content};
  response.headers.Set("Content-Type", std::string{file.type});
  response.headers.Set("Content-Security-Policy", kPagePolicy);
  response.headers.Set("Cache-Control", "no-cache");
  return response;
}

}  // namespace

void AddStatusRoutes(const Context& context) {
  context.routes.Add("GET", "/healthz", [](const Asked& request, const http::Respond& respond) {
    respond(SuccessFlat(json::object(), request.request_id));
  });
  context.routes.Add("GET", "/readyz", OnWorkers(context, [context](const Asked& request) {
                       return Ready(context, request);
                     }));
  for (const PageFile& file : PageFiles()) {
    context.routes.Add(
        "GET", std::string{file.path},
        [&file](const Asked&, const http::Respond& respond) { respond(PageAnswer(file)); });
  }
}

}  // namespace sauda::gateway
