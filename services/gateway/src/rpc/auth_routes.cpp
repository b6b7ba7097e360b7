#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using auth::v1alpha1::AuthService;
using auth::v1alpha1::TokenStatus;
using nlohmann::json;

/// Who completes a login: the broker's redirect, which brings no key.
constexpr const char* kCallback = "callback";

std::string StateName(auth::v1alpha1::LoginState state) {
  switch (state) {
    case auth::v1alpha1::LOGIN_STATE_LOGGED_IN:
      return "logged_in";
    case auth::v1alpha1::LOGIN_STATE_EXPIRED:
      return "expired";
    default:
      return "logged_out";
  }
}

json KindJson(auth::v1alpha1::TokenKind kind) {
  switch (kind) {
    case auth::v1alpha1::TOKEN_KIND_ACCESS:
      return "access";
    case auth::v1alpha1::TOKEN_KIND_EXTENDED:
      return "extended";
    case auth::v1alpha1::TOKEN_KIND_ANALYTICS:
      return "analytics";
    default:
      return nullptr;
  }
}

Result<auth::v1alpha1::TokenKind> KindOf(const std::string& word) {
  for (const auto kind : {auth::v1alpha1::TOKEN_KIND_ACCESS, auth::v1alpha1::TOKEN_KIND_EXTENDED,
                          auth::v1alpha1::TOKEN_KIND_ANALYTICS}) {
    if (KindJson(kind) == word) return kind;
  }
  return Error{Code::kInvalidArgument, "TOKEN_KIND_UNKNOWN",
               "kind: expected access, extended or analytics"};
}

json StatusJson(const TokenStatus& status) {
  return {{"account_id", status.account_id()}, {"state", StateName(status.state())},
          {"kind", KindJson(status.kind())},   {"broker_user_id", status.broker_user_id()},
          {"expires_ms", status.expires_ms()}, {"seconds_to_expiry", status.seconds_to_expiry()},
          {"simulated", status.simulated()}};
}

http::Response AnswerStatus(const Result<TokenStatus>& status, const http::Request& request) {
  if (!status) return Refusal(status.error(), request.request_id);
  return Success(StatusJson(*status), request.request_id);
}

http::Response Login(const Peers& peers, const Asked& request) {
  auth::v1alpha1::BeginLoginRequest begin;
  begin.set_account_id(request.account);
  const auto begun = Call<auth::v1alpha1::BeginLoginResponse>(
      *peers.auth, &AuthService::Stub::BeginLogin, begin, peers.call_limit, request.request_id);
  if (!begun) return Refusal(begun.error(), request.request_id);
  return http::Response::Redirect(begun->login_url());
}

/// The broker sends the person's browser here; it goes on to the page, or reads what went wrong.
http::Response Callback(const Peers& peers, const Asked& request) {
  auth::v1alpha1::CompleteLoginRequest complete;
  complete.set_code(std::string{request.Query("code")});
  complete.set_state(std::string{request.Query("state")});
  // The exchange is a call to the broker: it may take longer than a call between services.
  const auto status =
      Call<TokenStatus>(*peers.auth, &AuthService::Stub::CompleteLogin, complete,
                        peers.call_limit + std::chrono::seconds{15}, request.request_id, kCallback);
  if (!status) return Refusal(status.error(), request.request_id);
  auto response = http::Response::Redirect("/");
  response.headers.Set("Referrer-Policy", "no-referrer");  // this address held a code
  return response;
}

http::Response Status(const Peers& peers, const Asked& request) {
  auth::v1alpha1::GetStatusRequest ask;
  ask.set_account_id(request.account);
  return AnswerStatus(Call<TokenStatus>(*peers.auth, &AuthService::Stub::GetStatus, ask,
                                        peers.call_limit, request.request_id),
                      request);
}

http::Response Logout(const Peers& peers, const Asked& request) {
  auth::v1alpha1::LogoutRequest logout;
  logout.set_account_id(request.account);
  return AnswerStatus(Call<TokenStatus>(*peers.auth, &AuthService::Stub::Logout, logout,
                                        peers.call_limit + std::chrono::seconds{15},
                                        request.request_id, request.caller.key_id),
                      request);
}

http::Response Paste(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"account_id", "access_token", "kind"});
  const auto account = AccountIn(*body, request);
  const auto token = TextOf(*body, "access_token");
  const auto word = TextOf(*body, "kind", "access");
  if (const Error* const problem = FirstError(known, account, token, word)) {
    return Refusal(*problem, request.request_id);
  }
  const auto kind = KindOf(*word);
  if (!kind) return Refusal(kind.error(), request.request_id);
  auth::v1alpha1::SubmitTokenRequest submit;
  submit.set_account_id(*account);
  submit.set_access_token(*token);
  submit.set_kind(*kind);
  return AnswerStatus(Call<TokenStatus>(*peers.auth, &AuthService::Stub::SubmitToken, submit,
                                        peers.call_limit + std::chrono::seconds{15},
                                        request.request_id, request.caller.key_id),
                      request);
}

/// Has the person asked for consent in the broker's app.
http::Response Approval(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"account_id", "again"});
  const auto account = AccountIn(*body, request);
  const auto again = FlagOf(*body, "again", false);
  if (const Error* const problem = FirstError(known, account, again)) {
    return Refusal(*problem, request.request_id);
  }
  auth::v1alpha1::RequestApprovalRequest ask;
  ask.set_account_id(*account);
  ask.set_again(*again);
  const auto asked = Call<auth::v1alpha1::RequestApprovalResponse>(
      *peers.auth, &AuthService::Stub::RequestApproval, ask,
      peers.call_limit + std::chrono::seconds{15}, request.request_id, request.caller.key_id);
  if (!asked) return Refusal(asked.error(), request.request_id);
  return Success({{"account_id", asked->account_id()},
                  {"expires_ms", asked->expires_ms()},
                  {"pending_before", asked->pending_before()},
                  {"notifier_differs", asked->notifier_differs()}},
                 request.request_id);
}

/// The broker's notice after consent. It comes without authentication: the path is the secret, and
/// auth believes no token that the broker does not confirm. Unknown members are the broker's own.
http::Response Notice(const Peers& peers, const Asked& request) {
  const auto body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) {
    return Refusal({Code::kInvalidArgument, "JSON_NOT_AN_OBJECT", "the body is no JSON object"},
                   request.request_id);
  }
  auth::v1alpha1::DeliverTokenRequest deliver;
  deliver.set_notifier_key(std::string{request.Param("key")});
  const auto take = [&](const char* name,
                        void (*set)(auth::v1alpha1::DeliverTokenRequest&, const std::string&)) {
    if (const auto text = TextOf(body, name); text) set(deliver, *text);
  };
  using Out = auth::v1alpha1::DeliverTokenRequest;
  take("message_type", [](Out& out, const std::string& text) { out.set_message_type(text); });
  take("client_id", [](Out& out, const std::string& text) { out.set_client_id(text); });
  take("user_id", [](Out& out, const std::string& text) { out.set_user_id(text); });
  take("token_type", [](Out& out, const std::string& text) { out.set_token_type(text); });
  take("access_token", [](Out& out, const std::string& text) { out.set_access_token(text); });
  const auto status =
      Call<TokenStatus>(*peers.auth, &AuthService::Stub::DeliverToken, deliver,
                        peers.call_limit + std::chrono::seconds{15}, request.request_id);
  if (!status) return Refusal(status.error(), request.request_id);
  return Success({{"taken", true}}, request.request_id);  // no more than the sender knows
}

}  // namespace

void AddAuthRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("GET", "/api/v1/auth/login", Login);
  add("GET", "/api/integrations/upstox/callback", Callback);
  add("GET", "/api/v1/auth/callback", Callback);
  add("GET", "/api/v1/auth/status", Status);
  add("POST", "/api/v1/auth/logout", Logout);
  add("POST", "/api/v1/auth/token", Paste);
  add("POST", "/api/v1/auth/approval", Approval);
  add("POST", "/api/integrations/upstox/notifier/{key}", Notice);
}

}  // namespace sauda::gateway
