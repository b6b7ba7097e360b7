#include "simulator/src/core/logins.hpp"

#include <charconv>
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

/// The number an id begins with; 0 without one.
std::uint64_t GenerationOf(std::string_view id) {
  std::uint64_t generation = 0;
  std::from_chars(id.data(), id.data() + id.size(), generation);
  return generation;
}

}  // namespace

Logins::Logins(AppRegistration app, std::string user_id, bool plus_plan, Ports ports,
               EndedTokens ended)
    : app_{std::move(app)},
      user_id_{std::move(user_id)},
      plus_plan_{plus_plan},
      ports_{std::move(ports)},
      ended_{std::move(ended)} {}

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
                     .id = std::to_string(ended_.generation) + "." + ports_.random_text(24),
                     .plus_plan = plus_plan_,
                     .issued_ms = market_ms,
                     .expires_ms = NextTokenEndMs(market_ms)};
  return ports_.sign(claims);
}

std::optional<ApiError> Logins::CheckToken(std::string_view token, std::int64_t market_ms) const {
  const auto claims = ports_.read(token);
  if (!claims || claims->subject != user_id_ || claims->expires_ms <= market_ms) {
    return InvalidToken();
  }
  if (ended_.revoked.contains(claims->id)) return InvalidToken();
  if (GenerationOf(claims->id) != ended_.generation) return InvalidToken();
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
