#include "simulator/src/core/logins.hpp"

#include <utility>

#include "simulator/src/core/ist.hpp"

namespace sauda::sim {
namespace {

ApiError Missing(const char* code, const char* property) {
  return {.http = 400,
          .code = code,
          .message = std::string{"The '"} + property + "' is required",
          .property = property};
}

}  // namespace

Logins::Logins(AppRegistration app, std::string user_id, bool plus_plan, Ports ports)
    : app_{std::move(app)},
      user_id_{std::move(user_id)},
      plus_plan_{plus_plan},
      ports_{std::move(ports)} {}

std::optional<ApiError> Logins::CheckDialog(std::string_view client_id,
                                            std::string_view redirect_uri,
                                            std::string_view response_type) const {
  if (client_id.empty()) return Missing("UDAPI1017", "client_id");
  if (redirect_uri.empty()) return Missing("UDAPI1018", "redirect_uri");
  if (client_id != app_.api_key || redirect_uri != app_.redirect_uri) {
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
  std::erase_if(codes_, [now](const auto& code) { return code.second <= now; });
}

Answer<std::string> Logins::NewCode(Monotonic now) {
  ForgetStaleCodes(now);
  if (codes_.size() >= kMaxCodes) {
    return Refuse({.http = 429, .code = "UDAPI10005", .message = "Too Many Request Sent"});
  }
  std::string code = ports_.random_text(6);
  codes_[code] = now + kCodeLife;
  return code;
}

Answer<std::string> Logins::Exchange(const ExchangeRequest& request, Monotonic now,
                                     std::int64_t market_ms) {
  ForgetStaleCodes(now);
  const bool code_known = request.code && codes_.erase(*request.code) > 0;
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
  if (*request.client_id != app_.api_key || *request.client_secret != app_.api_secret.Reveal()) {
    return Refuse({.http = 401, .code = "UDAPI100016", .message = "Invalid Credentials"});
  }
  if (*request.redirect_uri != app_.redirect_uri) {
    return Refuse({.http = 401,
                   .code = "UDAPI100068",
                   .message = "Check your 'client_id' and 'redirect_uri'; one or both are "
                              "incorrect.",
                   .property = "redirect_uri"});
  }
  if (!code_known) {
    return Refuse({.http = 400,
                   .code = "UDAPI1022",
                   .message = "The 'code' is invalid, used or expired",
                   .property = "code"});
  }
  TokenClaims claims{.subject = user_id_,
                     .id = ports_.random_text(24),
                     .plus_plan = plus_plan_,
                     .issued_ms = market_ms,
                     .expires_ms = NextTokenEndMs(market_ms)};
  issued_.insert(claims.id);
  return ports_.sign(claims);
}

std::optional<ApiError> Logins::CheckToken(std::string_view token, std::int64_t market_ms) const {
  const auto claims = ports_.read(token);
  if (!claims || claims->subject != user_id_ || claims->expires_ms <= market_ms) {
    return InvalidToken();
  }
  if (revoked_.contains(claims->id)) return InvalidToken();
  if (only_issued_ && !issued_.contains(claims->id)) return InvalidToken();
  return std::nullopt;
}

void Logins::Revoke(std::string_view token) {
  if (const auto claims = ports_.read(token)) revoked_.insert(claims->id);
}

void Logins::ExpireAll() {
  issued_.clear();
  only_issued_ = true;
}

}  // namespace sauda::sim
