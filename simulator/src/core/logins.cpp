#include "simulator/src/core/logins.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "simulator/src/core/ist.hpp"

namespace sauda::sim {
namespace {

/// What is made in the broker's console lives so long.
constexpr std::int64_t kYearMs = 365LL * 24 * 3'600'000;

ApiError Missing(const char* code, const char* property) {
  return {.http = 400,
          .code = code,
          .message = std::string{"The '"} + property + "' is required",
          .property = property};
}

/// The number an id begins with; 0 without one.
std::uint64_t GenerationOf(std::string_view id) {
  std::uint64_t generation = 0;
  std::from_chars(id.data(), id.data() + id.size(), generation);
  return generation;
}

}  // namespace

std::optional<TokenKind> TokenKindOf(std::string_view name) {
  if (name == "access") return TokenKind::kAccess;
  if (name == "extended") return TokenKind::kExtended;
  if (name == "analytics") return TokenKind::kAnalytics;
  return std::nullopt;
}

Logins::Logins(std::vector<AppRegistration> apps, bool plus_plan, Ports ports, EndedTokens ended)
    : apps_{std::move(apps)},
      plus_plan_{plus_plan},
      ports_{std::move(ports)},
      ended_{std::move(ended)} {}

std::optional<std::size_t> Logins::AppOf(std::string_view client_id) const {
  const auto found = std::find_if(apps_.begin(), apps_.end(), [&](const AppRegistration& app) {
    return app.api_key == client_id;
  });
  if (found == apps_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - apps_.begin());
}

const std::string& Logins::UserOfApp(std::string_view client_id) const {
  return apps_[AppOf(client_id).value_or(0)].user_id;
}

std::optional<ApiError> Logins::CheckDialog(std::string_view client_id,
                                            std::string_view redirect_uri,
                                            std::string_view response_type) const {
  if (client_id.empty()) return Missing("UDAPI1017", "client_id");
  if (redirect_uri.empty()) return Missing("UDAPI1018", "redirect_uri");
  const auto app = AppOf(client_id);
  if (!app || redirect_uri != apps_[*app].redirect_uri) {
    return ApiError{.http = 401,
                    .code = "UDAPI100068",
                    .message =
                        "Check your 'client_id' and 'redirect_uri'; one or both are "
                        "incorrect."};
  }
  if (response_type != "code") {
    return ApiError{.http = 400,
                    .code = "UDAPI100036",
                    .message = "The 'response_type' must be 'code'",
                    .property = "response_type",
                    .invalid_value = std::string{response_type}};
  }
  return std::nullopt;
}

void Logins::ForgetStaleCodes(Monotonic now) {
  std::erase_if(codes_, [now](const auto& code) { return code.second.ends <= now; });
}

Answer<std::string> Logins::NewCode(std::string_view client_id, Monotonic now) {
  ForgetStaleCodes(now);
  if (codes_.size() >= kMaxCodes) {
    return Refuse({.http = 429, .code = "UDAPI10005", .message = "Too Many Request Sent"});
  }
  std::string code = ports_.random_text(6);
  codes_[code] = {.app = AppOf(client_id).value_or(0), .ends = now + kCodeLife};
  return code;
}

Answer<GivenTokens> Logins::Exchange(const ExchangeRequest& request, Monotonic now,
                                     std::int64_t market_ms) {
  ForgetStaleCodes(now);
  std::optional<std::size_t> code_of;  // the app that the code was made for
  if (request.code) {
    const auto code = codes_.find(*request.code);
    if (code != codes_.end()) {
      code_of = code->second.app;
      codes_.erase(code);
    }
  }
  if (!request.client_id) return Refuse(Missing("UDAPI1017", "client_id"));
  if (!request.client_secret) return Refuse(Missing("UDAPI1024", "client_secret"));
  if (!request.code) return Refuse(Missing("UDAPI1022", "code"));
  if (!request.redirect_uri) return Refuse(Missing("UDAPI1018", "redirect_uri"));
  if (!request.grant_type) return Refuse(Missing("UDAPI1023", "grant_type"));
  if (*request.grant_type != "authorization_code") {
    return Refuse({.http = 400,
                   .code = "UDAPI1023",
                   .message = "The 'grant_type' must be 'authorization_code'",
                   .property = "grant_type",
                   .invalid_value = *request.grant_type});
  }
  const auto app_index = AppOf(*request.client_id);
  if (!app_index || *request.client_secret != apps_[*app_index].api_secret.Reveal()) {
    return Refuse({.http = 401, .code = "UDAPI100016", .message = "Invalid Credentials"});
  }
  const AppRegistration& app = apps_[*app_index];
  if (*request.redirect_uri != app.redirect_uri) {
    return Refuse({.http = 401,
                   .code = "UDAPI100068",
                   .message = "Check your 'client_id' and 'redirect_uri'; one or both are "
                              "incorrect.",
                   .property = "redirect_uri"});
  }
  if (code_of != app_index) {
    return Refuse({.http = 400,
                   .code = "UDAPI1022",
                   .message = "The 'code' is invalid, used or expired",
                   .property = "code"});
  }
  GivenTokens given{
      .access = Sign(app.user_id, TokenKind::kAccess, market_ms, NextTokenEndMs(market_ms)),
      .extended = std::nullopt,
      .user_id = app.user_id};
  if (app.extended_tokens) {
    given.extended = Sign(app.user_id, TokenKind::kExtended, market_ms, market_ms + kYearMs);
  }
  return given;
}

Answer<PendingApproval> Logins::RequestToken(std::string_view client_id,
                                             const std::optional<std::string>& client_secret,
                                             std::int64_t market_ms) {
  if (!client_secret) return Refuse(Missing("UDAPI1024", "client_secret"));
  const auto app = AppOf(client_id);
  if (!app || *client_secret != apps_[*app].api_secret.Reveal()) {
    return Refuse({.http = 401, .code = "UDAPI100016", .message = "Invalid Credentials"});
  }
  const AppRegistration& of = apps_[*app];
  PendingApproval pending{.client_id = of.api_key,
                          .user_id = of.user_id,
                          .expires_ms = NextTokenEndMs(market_ms),
                          .notifier_url = of.notifier_url};
  pending_.insert_or_assign(of.user_id, pending);
  return pending;
}

std::vector<PendingApproval> Logins::Pending(std::int64_t market_ms) const {
  std::vector<PendingApproval> waiting;
  for (const auto& [user, pending] : pending_) {
    if (market_ms < pending.expires_ms) waiting.push_back(pending);
  }
  return waiting;
}

Answer<ApprovedToken> Logins::Approve(std::string_view user_id, std::int64_t market_ms) {
  const auto found = pending_.find(user_id);
  if (found == pending_.end() || found->second.expires_ms <= market_ms) {
    return Refuse({.http = 404,
                   .code = "SIM_NOTHING_PENDING",
                   .message = "no token of this user waits for consent"});
  }
  ApprovedToken approved{.request = std::move(found->second),
                         .access_token = {},
                         .issued_ms = market_ms,
                         .expires_ms = NextTokenEndMs(market_ms)};
  pending_.erase(found);
  approved.access_token =
      Sign(approved.request.user_id, TokenKind::kAccess, approved.issued_ms, approved.expires_ms);
  return approved;
}

bool Logins::Reject(std::string_view user_id, std::int64_t market_ms) {
  const auto found = pending_.find(user_id);
  if (found == pending_.end()) return false;
  const bool lived = market_ms < found->second.expires_ms;
  pending_.erase(found);
  return lived;
}

std::optional<std::string> Logins::Issue(std::string_view user_id, TokenKind kind,
                                         std::int64_t market_ms) const {
  for (const AppRegistration& app : apps_) {
    if (app.user_id != user_id) continue;
    return Sign(app.user_id, kind, market_ms,
                kind == TokenKind::kAccess ? NextTokenEndMs(market_ms) : market_ms + kYearMs);
  }
  return std::nullopt;
}

std::string Logins::Sign(const std::string& user_id, TokenKind kind, std::int64_t issued_ms,
                         std::int64_t expires_ms) const {
  return ports_.sign({.subject = user_id,
                      .id = std::to_string(ended_.generation) + "." + ports_.random_text(24),
                      .plus_plan = plus_plan_,
                      .issued_ms = issued_ms,
                      .expires_ms = expires_ms,
                      .kind = kind});
}

std::optional<TokenClaims> Logins::ClaimsOf(std::string_view token) const {
  auto claims = ports_.read(token);
  if (!claims) return std::nullopt;
  const bool known = std::any_of(apps_.begin(), apps_.end(), [&](const AppRegistration& app) {
    return app.user_id == claims->subject;
  });
  if (!known || ended_.revoked.contains(claims->id)) return std::nullopt;
  if (GenerationOf(claims->id) != ended_.generation) return std::nullopt;
  return claims;
}

std::optional<ApiError> Logins::CheckToken(std::string_view token, std::int64_t market_ms) const {
  const auto claims = ClaimsOf(token);
  if (!claims || claims->expires_ms <= market_ms) return InvalidToken();
  return std::nullopt;
}

bool Logins::IsOfDesk(std::string_view route) {
  constexpr std::array<std::string_view, 8> kOfDesk{"/v2/order/",
                                                    "/v3/order/",
                                                    "/v2/portfolio/",
                                                    "/v3/portfolio/",
                                                    "/v2/user/get-funds",
                                                    "/v3/user/get-funds",
                                                    "/v2/feed/portfolio-stream-feed",
                                                    "/v3/feed/portfolio-stream-feed"};
  return std::any_of(kOfDesk.begin(), kOfDesk.end(),
                     [route](std::string_view prefix) { return route.starts_with(prefix); });
}

std::optional<ApiError> Logins::CheckRights(TokenKind kind, std::string_view method,
                                            std::string_view route) {
  const bool reads = method == "GET";
  const bool of_orders = route.starts_with("/v2/order/") || route.starts_with("/v2/portfolio/");
  const bool of_user = route.starts_with("/v2/user/") || route.starts_with("/v3/user/");
  if (kind == TokenKind::kExtended && !(reads && of_orders)) {
    return ApiError{.http = 403,
                    .code = "UDAPI100067",
                    .message = "This API is not permitted with an extended_token."};
  }
  if (kind == TokenKind::kAnalytics && (!reads || of_orders || of_user)) {
    return ApiError{.http = 403,
                    .code = "UDAPI1154",
                    .message = "Access to this API is restricted to a registered static IP"};
  }
  return std::nullopt;
}

void Logins::Keep() const {
  if (ports_.keep) ports_.keep(ended_);
}

void Logins::Revoke(std::string_view token) {
  const auto claims = ports_.read(token);
  if (!claims) return;
  // What had ended before this one was made is dead without being listed.
  std::erase_if(ended_.revoked,
                [&](const auto& entry) { return entry.second <= claims->issued_ms; });
  ended_.revoked[claims->id] = claims->expires_ms;
  Keep();
}

void Logins::ExpireAll() {
  ++ended_.generation;
  ended_.revoked.clear();
  Keep();
}

}  // namespace sauda::sim
