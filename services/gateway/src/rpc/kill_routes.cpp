#include <nlohmann/json.hpp>

#include "libs/telemetry/log.hpp"
#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/recorded.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace v1 = orders::v1alpha1;
using nlohmann::json;
using KillStub = v1::KillService::Stub;

json KillJson(const v1::KillStatus& status) {
  json data{{"account_id", status.account_id()},
            {"halted", status.halted()},
            {"by", status.by()},
            {"reason", status.reason()},
            {"since_ms", status.since_ms()},
            {"open_orders", status.open_orders()},
            {"all_cancelled", status.all_cancelled()},
            {"detail", status.detail()}};
  if (status.has_dead_man_left_ms()) data["dead_man_left_ms"] = status.dead_man_left_ms();
  return data;
}

/// One call of the switch's, on behalf of the key that asks.
template <typename Method, typename Message>
http::Response AskKill(const Peers& peers, const Asked& request, Method method,
                       const Message& message) {
  const auto status = Call<v1::KillStatus>(*peers.kill, method, message, peers.call_limit,
                                           request.request_id, request.caller.key_id);
  if (!status) return Refusal(status.error(), request.request_id);
  return Success(KillJson(*status), request.request_id);
}

/// Halts first and writes the audit after it, which may be away when this is needed most.
http::Response Pull(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"account_id", "reason"});
  const auto account = AccountIn(*body, request);
  const auto reason = TextOf(*body, "reason");
  if (const Error* const problem = FirstError(known, account, reason)) {
    return Refusal(*problem, request.request_id);
  }
  v1::KillRequest kill;
  kill.set_account_id(*account);
  kill.set_reason(*reason);
  auto answer = AskKill(peers, request, &KillStub::Kill, kill);
  if (const auto noted = RecordAct(peers, request, "orders.kill", *account); !noted) {
    spdlog::error("kill not in the audit request_id={} by={} reason={}", request.request_id,
                  telemetry::Quoted(request.caller.key_id), noted.error().reason);
  }
  return answer;
}

http::Response Show(const Peers& peers, const Asked& request) {
  v1::GetKillStatusRequest get;
  get.set_account_id(request.account);
  return AskKill(peers, request, &KillStub::GetKillStatus, get);
}

http::Response KeepAlive(const Peers& peers, const Asked& request) {
  v1::KeepAliveRequest alive;
  alive.set_account_id(request.account);
  return AskKill(peers, request, &KillStub::KeepAlive, alive);
}

http::Response BeginRearm(const Peers& peers, const Asked& request, const std::string& account) {
  v1::BeginRearmRequest begin;
  begin.set_account_id(account);
  const auto begun =
      Call<v1::BeginRearmResponse>(*peers.kill, &KillStub::BeginRearm, begin, peers.call_limit,
                                   request.request_id, request.caller.key_id);
  if (!begun) return Refusal(begun.error(), request.request_id);
  return Success({{"code", begun->code()}, {"good_for_ms", begun->good_for_ms()}},
                 request.request_id);
}

/// Without a code the first step, with one the second.
http::Response Rearm(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"account_id", "code"});
  const auto account = AccountIn(*body, request);
  const auto code = TextOf(*body, "code");
  if (const Error* const problem = FirstError(known, account, code)) {
    return Refusal(*problem, request.request_id);
  }
  if (code->empty()) return BeginRearm(peers, request, *account);
  if (const auto noted = RecordAct(peers, request, "orders.rearm", *account); !noted) {
    return Refusal(noted.error(), request.request_id);
  }
  v1::RearmRequest rearm;
  rearm.set_account_id(*account);
  rearm.set_code(*code);
  return AskKill(peers, request, &KillStub::Rearm, rearm);
}

}  // namespace

void AddKillRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const Asked& request) {
                         return answer(peers, request);
                       }));
  };
  add("POST", "/api/v1/kill", Pull);
  add("GET", "/api/v1/kill", Show);
  add("POST", "/api/v1/kill/keep-alive", KeepAlive);
  add("POST", "/api/v1/kill/rearm", Rearm);
}

}  // namespace sauda::gateway
