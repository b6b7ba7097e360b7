#include "services/auth/src/adapters/upstox_login.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "libs/upstox/rest_client.hpp"

namespace sauda::auth {
namespace {

Error Down(const Error& error) {
  return {Code::kUnavailable, "BROKER_DOWN",
          "the broker gives no answer: " + error.reason + ", " + error.message};
}

/// What a refused exchange means; codes of upstox-api.md 1.1 and 1.2.
Error ToExchangeError(const Error& error) {
  constexpr std::array<std::string_view, 7> kCredentials{
      "BROKER_UDAPI1017",   "BROKER_UDAPI1018",   "BROKER_UDAPI1024",  "BROKER_UDAPI100016",
      "BROKER_UDAPI100068", "BROKER_UDAPI100073", "BROKER_UDAPI100036"};
  if (std::find(kCredentials.begin(), kCredentials.end(), error.reason) != kCredentials.end()) {
    return {Code::kUnauthenticated, "CREDENTIALS_REJECTED",
            "the broker refused UPSTOX_API_KEY, UPSTOX_API_SECRET or UPSTOX_REDIRECT_URI; each "
            "must be as registered with the app: " +
                error.message};
  }
  if (error.reason == "BROKER_UDAPI1022") {
    return {Code::kUnauthenticated, "CODE_REJECTED",
            "the broker refused the code, which is expired or used: start another login"};
  }
  if (error.code == Code::kUnauthenticated) {  // e.g. no segment is active for the user
    return {Code::kUnauthenticated, "CREDENTIALS_REJECTED", error.message};
  }
  return Down(error);
}

bool IsRejected(const Error& error) {
  return error.code == Code::kUnauthenticated || error.code == Code::kPermissionDenied;
}

}  // namespace

UpstoxLogin::UpstoxLogin(Connect connect, MarketClock& market, Options options)
    : connect_{std::move(connect)}, options_{std::move(options)}, observer_{market} {}

UpstoxLogin::~UpstoxLogin() = default;

Result<UpstoxLogin::Line*> UpstoxLogin::Connected() {
  const std::lock_guard lock{mutex_};
  if (!line_) {
    auto client = connect_();
    if (!client) return Down(client.error());
    auto line = std::make_unique<Line>();
    line->client = std::move(*client);
    line->rest = std::make_unique<upstox::RestClient>(*line->client, options_.endpoints, observer_,
                                                      options_.deadline);
    line_ = std::move(line);
  }
  return line_.get();
}

Result<void> UpstoxLogin::CheckCredentials() const {
  if (!options_.api_key.empty() && !options_.api_secret.empty()) return {};
  return Error{Code::kFailedPrecondition, "CREDENTIALS_MISSING",
               "UPSTOX_API_KEY and UPSTOX_API_SECRET (or UPSTOX_API_SECRET_FILE) are needed for a "
               "login; without them only a token can be pasted"};
}

Result<std::string> UpstoxLogin::DialogUrl(const std::string& state) {
  if (const auto there = CheckCredentials(); !there) return there.error();
  return options_.endpoints.LoginDialog(options_.api_key, options_.redirect_uri, state);
}

Result<BrokerSession> UpstoxLogin::Exchange(const Secret& code) {
  if (const auto there = CheckCredentials(); !there) return there.error();
  const auto line = Connected();
  if (!line) return line.error();
  auto token = (*line)->rest->ExchangeCode({.code = code,
                                            .client_id = options_.api_key,
                                            .client_secret = options_.api_secret,
                                            .redirect_uri = options_.redirect_uri});
  if (!token) return ToExchangeError(token.error());
  BrokerSession session{.access_token = std::move(token->access_token),
                        .user_id = std::move(token->profile.user_id),
                        .simulated = observer_.simulated()};
  if (!token->extended_token.empty()) session.extended_token = std::move(token->extended_token);
  return session;
}

Result<BrokerProfile> UpstoxLogin::Profile(const Secret& access_token) {
  const auto line = Connected();
  if (!line) return line.error();
  auto profile = (*line)->rest->GetProfile(access_token);
  if (profile) {
    return BrokerProfile{.user_id = std::move(profile->user_id),
                         .simulated = observer_.simulated()};
  }
  if (!IsRejected(profile.error())) return Down(profile.error());
  return Error{Code::kUnauthenticated, "TOKEN_REJECTED",
               "the broker does not take this token: " + profile.error().message};
}

Result<void> UpstoxLogin::Logout(const Secret& access_token) {
  const auto line = Connected();
  if (!line) return line.error();
  const auto ended = (*line)->rest->Logout(access_token);
  // A 403 speaks of the app or the address, not of the token, which may live on.
  const bool unknown = !ended && ended.error().code == Code::kUnauthenticated;
  if (!ended && !unknown) return Down(ended.error());
  return {};
}

Result<void> UpstoxLogin::Ping() {
  const auto line = Connected();
  if (!line) return line.error();
  const auto answer =
      (*line)->client->Send({.url = options_.endpoints.api + "/"}, options_.deadline);
  if (!answer) return Down(answer.error().error);
  observer_.Observe(answer->headers);  // whatever the status: somebody is there
  return {};
}

}  // namespace sauda::auth
