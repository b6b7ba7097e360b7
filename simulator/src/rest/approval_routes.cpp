#include "simulator/src/rest/approval_routes.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "simulator/src/rest/admin_routes.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

http::Response BadApproval(const std::string& message) {
  return Failure({.http = 400, .code = "SIM_APPROVAL_INVALID", .message = message});
}

/// A text of a JSON object; `fallback` when it is not there.
std::string TextOf(const json& body, const char* name, std::string fallback = {}) {
  if (!body.is_object() || !body.contains(name) || !body[name].is_string()) return fallback;
  return body[name].get<std::string>();
}

json NoticeJson(const ApprovedToken& approved) {
  return {{"client_id", approved.request.client_id},
          {"user_id", approved.request.user_id},
          {"access_token", approved.access_token},
          {"token_type", "Bearer"},
          {"expires_at", std::to_string(approved.expires_ms)},
          {"issued_at", std::to_string(approved.issued_ms)},
          {"message_type", "access_token"}};
}

/// Spoils a notice as asked; false for a fault that is not known here.
bool Spoil(const std::string& fault, json& notice) {
  if (fault.empty() || fault == "lost" || fault == "twice") return true;
  if (fault == "wrong-client") {
    notice["client_id"] = "another-app";
  } else if (fault == "wrong-user") {
    notice["user_id"] = "ANOTHER";
  } else if (fault == "bad-token") {
    notice["access_token"] = "forged.token.text";
  } else if (fault == "no-token") {
    notice.erase("access_token");
  } else {
    return false;
  }
  return true;
}

/// Sends the notice so many times, one after the other, then answers with what came of the last.
void SendNotice(const std::shared_ptr<const ApprovalParts>& parts, const std::string& url,
                const std::string& body, int times, const http::Respond& respond) {
  const bool taken =
      parts->send(url, body, [parts, url, body, times, respond](const NoticeOutcome& outcome) {
        if (times > 1) return SendNotice(parts, url, body, times - 1, respond);
        respond(Success({{"notified", outcome.status != 0},
                         {"status", outcome.status},
                         {"reason", outcome.reason}}));
      });
  if (!taken) respond(FailureOfStatus(503));
}

void Approve(const std::shared_ptr<const ApprovalParts>& parts, const http::Request& request,
             const http::Respond& respond) {
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  const std::string fault = TextOf(body, "fault");
  json probe = json::object();
  if (!Spoil(fault, probe)) {
    return respond(
        BadApproval("fault must be lost, twice, wrong-client, wrong-user, bad-token or no-token"));
  }
  const std::int64_t market_ms = parts->guard.Now().market_ms;
  const auto pending = parts->logins.Pending(market_ms);
  if (pending.empty()) {
    return respond(
        Failure(parts->logins.Approve(TextOf(body, "user_id"), market_ms).error()));  // says so
  }
  auto approved =
      parts->logins.Approve(TextOf(body, "user_id", pending.front().user_id), market_ms);
  if (!approved) return respond(Failure(approved.error()));
  spdlog::info("consent given user={} fault={}", approved->request.user_id,
               fault.empty() ? "none" : fault);
  if (fault == "lost" || approved->request.notifier_url.empty()) {
    return respond(Success({{"notified", false}, {"status", 0}, {"reason", "not sent"}}));
  }
  json notice = NoticeJson(*approved);
  (void)Spoil(fault, notice);
  SendNotice(parts, approved->request.notifier_url, notice.dump(), fault == "twice" ? 2 : 1,
             respond);
}

http::Response Reject(const ApprovalParts& parts, const http::Request& request,
                      const Moment& moment) {
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  std::string user = TextOf(body, "user_id");
  const auto pending = parts.logins.Pending(moment.market_ms);
  if (user.empty() && !pending.empty()) user = pending.front().user_id;
  return Success({{"rejected", parts.logins.Reject(user, moment.market_ms)}});
}

http::Response List(const ApprovalParts& parts, const http::Request&, const Moment& moment) {
  json list = json::array();
  for (const PendingApproval& pending : parts.logins.Pending(moment.market_ms)) {
    list.push_back({{"user_id", pending.user_id},
                    {"client_id", pending.client_id},
                    {"expires_ms", pending.expires_ms}});
  }
  return Success(std::move(list));
}

http::Response Issue(const ApprovalParts& parts, const http::Request& request,
                     const Moment& moment) {
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  const auto kind = TokenKindOf(TextOf(body, "kind", "access"));
  if (!kind) return BadApproval("kind must be access, extended or analytics");
  const std::string user = TextOf(body, "user_id", parts.logins.UserOfApp(""));
  const auto token = parts.logins.Issue(user, *kind, moment.market_ms);
  if (!token) return BadApproval("there is no such user");
  return Success({{"access_token", *token}});
}

http::Response AdminOnly() {
  return Failure({.http = 403,
                  .code = "SIM_ADMIN_TOKEN",
                  .message = "X-Sim-Admin must carry the admin token"});
}

}  // namespace

void AddApprovalRoutes(http::Server& server, const ApprovalParts& given) {
  const auto parts = std::make_shared<const ApprovalParts>(given);
  const auto add = [&](const char* method, const char* path, auto handle) {
    server.Route(
        method, path,
        parts->guard.OnLoop([parts, handle](const http::Request& request, const Moment& moment) {
          if (!IsAdmin(request, parts->admin_token)) return AdminOnly();
          return handle(*parts, request, moment);
        }));
  };
  add("GET", "/sim/admin/approvals", List);
  add("POST", "/sim/admin/approvals/reject", Reject);
  add("POST", "/sim/admin/tokens", Issue);
  server.Route("POST", "/sim/admin/approvals/approve",
               [parts](const http::Request& request, const http::Respond& respond) {
                 const bool taken = parts->loop.Post([parts, request, respond] {
                   if (!IsAdmin(request, parts->admin_token)) return respond(AdminOnly());
                   Approve(parts, request, respond);
                 });
                 if (!taken) respond(FailureOfStatus(503));
               });
}

}  // namespace sauda::sim
