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

json StatusJson(const TokenStatus& status) {
  return {{"account_id", status.account_id()},
          {"state", StateName(status.state())},
          {"broker_user_id", status.broker_user_id()},
          {"expires_ms", status.expires_ms()},
          {"seconds_to_expiry", status.seconds_to_expiry()},
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
  const auto known = OnlyKnown(*body, {"account_id", "access_token"});
  const auto account = AccountIn(*body, request);
  const auto token = TextOf(*body, "access_token");
  if (const Error* const problem = FirstError(known, account, token)) {
    return Refusal(*problem, request.request_id);
  }
  auth::v1alpha1::SubmitTokenRequest submit;
  submit.set_account_id(*account);
  submit.set_access_token(*token);
  return AnswerStatus(Call<TokenStatus>(*peers.auth, &AuthService::Stub::SubmitToken, submit,
                                        peers.call_limit + std::chrono::seconds{15},
                                        request.request_id, request.caller.key_id),
                      request);
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
}

}  // namespace sauda::gateway
