#include "services/auth/src/adapters/upstox_login.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "libs/upstox/rest_client.hpp"
#include "services/auth/src/adapters/upstox_refusal.hpp"
#include "services/auth/src/core/token.hpp"

namespace sauda::auth {
namespace {

bool Mentions(const std::string& text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
         }) != text.end();
}

/// What a refusal under our credentials means; codes of upstox-api.md 1.1 and 1.2.
Error ToCredentialsError(const Error& error, const std::string& redirect_uri) {
  if (auto of_app = RefusalOfApp(error)) return *std::move(of_app);
  const std::string_view code = upstox::BrokerCodeOf(error);
  if (code == "UDAPI1018" || code == "UDAPI100068") {
    return {Code::kUnauthenticated, "REDIRECT_REJECTED",
            "the broker refused UPSTOX_REDIRECT_URI, " + redirect_uri +
                " here, or UPSTOX_API_KEY: each must be as registered with the app, to the "
                "letter: " +
                error.message};
  }
  if (code == "UDAPI1022") {
    return {Code::kUnauthenticated, "CODE_REJECTED",
            "the broker refused the code, which is expired or used: start another login"};
  }
  constexpr std::array<std::string_view, 4> kCredentials{"UDAPI1017", "UDAPI1024", "UDAPI100016",
                                                         "UDAPI100036"};
  if (std::find(kCredentials.begin(), kCredentials.end(), code) != kCredentials.end()) {
    return {Code::kUnauthenticated, "CREDENTIALS_REJECTED",
            "the broker refused UPSTOX_API_KEY or UPSTOX_API_SECRET; each must be as registered "
            "with the app: " +
                error.message};
  }
  if (error.code == Code::kUnauthenticated) {
    if (Mentions(error.message, "segment")) {
      return {Code::kUnauthenticated, "NO_ACTIVE_SEGMENT",
              "the broker says that no segment is active for this user: activate one in the "
              "broker's app (" +
                  error.message + ")"};
    }
    return {Code::kUnauthenticated, "CREDENTIALS_REJECTED", error.message};
  }
  return BrokerDown(error);
}

bool IsRejected(const Error& error) {
  return error.code == Code::kUnauthenticated || error.code == Code::kPermissionDenied;
}

/// Whether the broker knows the token and only its kind stands in the way of a profile.
bool MayNotAsk(const Error& error) {
  return error.code == Code::kPermissionDenied || upstox::BrokerCodeOf(error) == "UDAPI100067";
}

template <typename T>
Result<void> Dropped(const Result<T>& result) {
  if (!result) return result.error();
  return {};
}

}  // namespace

UpstoxLogin::UpstoxLogin(Connect connect, MarketClock& market, Options options)
    : connect_{std::move(connect)}, options_{std::move(options)}, observer_{market} {}

UpstoxLogin::~UpstoxLogin() = default;

Result<UpstoxLogin::Line*> UpstoxLogin::Connected() {
  const std::lock_guard lock{mutex_};
  if (!line_) {
    auto client = connect_();
    if (!client) return BrokerDown(client.error());
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
  if (!token) return ToCredentialsError(token.error(), options_.redirect_uri);
  BrokerSession session{.access_token = std::move(token->access_token),
                        .user_id = std::move(token->profile.user_id),
                        .simulated = observer_.simulated()};
  if (!token->extended_token.empty()) session.extended_token = std::move(token->extended_token);
  return session;
}

Result<ApprovalAnswer> UpstoxLogin::RequestApproval() {
  if (const auto there = CheckCredentials(); !there) return there.error();
  const auto line = Connected();
  if (!line) return line.error();
  auto request = (*line)->rest->RequestToken(options_.api_key, options_.api_secret);
  if (!request) return ToCredentialsError(request.error(), options_.redirect_uri);
  return ApprovalAnswer{.expires_ms = request->expires_ms,
                        .notifier_url = std::move(request->notifier_url)};
}

Result<BrokerProfile> UpstoxLogin::Prove(const Secret& token, TokenKind kind) {
  const auto line = Connected();
  if (!line) return line.error();
  upstox::RestClient& rest = *(*line)->rest;
  auto profile = rest.GetProfile(token);
  if (profile) {
    return BrokerProfile{.user_id = std::move(profile->user_id),
                         .simulated = observer_.simulated()};
  }
  Error error = profile.error();
  if (kind != TokenKind::kAccess && MayNotAsk(error)) {
    // What the kind is good for proves it: orders can be read with an extended token, the market
    // with an analytics token (upstox-api.md 1.5).
    const auto proof = kind == TokenKind::kExtended ? Dropped(rest.GetOrderBook(token))
                                                    : Dropped(rest.AuthorizeMarketFeed(token));
    if (proof) {
      return BrokerProfile{.user_id = SubjectInside(token.Reveal()).value_or(""),
                           .simulated = observer_.simulated()};
    }
    error = proof.error();
  }
  if (auto of_app = RefusalOfApp(error)) return *std::move(of_app);
  if (!IsRejected(error)) return BrokerDown(error);
  return Error{Code::kUnauthenticated, "TOKEN_REJECTED",
               "the broker does not take this token: " + error.message};
}

Result<void> UpstoxLogin::Logout(const Secret& access_token) {
  const auto line = Connected();
  if (!line) return line.error();
  const auto ended = (*line)->rest->Logout(access_token);
  // A 403 speaks of the app or the address, not of the token, which may live on.
  const bool unknown = !ended && ended.error().code == Code::kUnauthenticated;
  if (!ended && !unknown) return BrokerDown(ended.error());
  return {};
}

Result<void> UpstoxLogin::Ping() {
  const auto line = Connected();
  if (!line) return line.error();
  const auto answer =
      (*line)->client->Send({.url = options_.endpoints.api + "/"}, options_.deadline);
  if (!answer) return BrokerDown(answer.error().error);
  observer_.Observe(answer->headers);  // whatever the status: somebody is there
  return {};
}

}  // namespace sauda::auth
