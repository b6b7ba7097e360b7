#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/base/clock.hpp"
#include "libs/base/secret.hpp"
#include "simulator/src/core/api_error.hpp"

namespace sauda::sim {

/// The one app that is registered with the simulated broker.
struct AppRegistration {
  std::string api_key;
  Secret api_secret;
  std::string redirect_uri;  ///< compared character by character
};

/// What an access token says.
struct TokenClaims {
  std::string subject;  ///< the user's UCC
  std::string id;       ///< jti
  bool plus_plan = false;
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
};

/// The form of the token exchange; absent is a field that was not sent or is empty.
struct ExchangeRequest {
  std::optional<std::string> client_id;
  std::optional<std::string> client_secret;
  std::optional<std::string> code;
  std::optional<std::string> redirect_uri;
  std::optional<std::string> grant_type;
};

/// Which tokens were ended before their time. A token's id begins with the generation it was made
/// in.
struct EndedTokens {
  std::uint64_t generation = 0;                 ///< tokens of older ones are dead
  std::map<std::string, std::int64_t> revoked;  ///< ids, and when each would have ended, epoch ms
};

/// Login codes and access tokens of the simulated broker. Not thread-safe; one
/// owner. Codes live two minutes and die with their first use, whatever comes of it. Tokens end at
/// 03:30 IST by the market's clock and outlive the process: what was signed is honoured, unless it
/// is among the ended, which outlive it too.
class Logins {
 public:
  struct Ports {
    std::function<std::string(std::size_t length)> random_text;  ///< letters and digits
    std::function<std::string(const TokenClaims&)> sign;
    std::function<std::optional<TokenClaims>(std::string_view token)> read;  ///< absent: not ours
    std::function<void(const EndedTokens&)> keep;  ///< called on each change; may be empty
  };

  static constexpr std::chrono::seconds kCodeLife{120};
  static constexpr std::size_t kMaxCodes = 1'000;  // more: the answer is 429

  /// `ended` is what was kept last.
  Logins(AppRegistration app, std::string user_id, bool plus_plan, Ports ports,
         EndedTokens ended = {});

  const std::string& user_id() const { return user_id_; }
  bool plus_plan() const { return plus_plan_; }

  /// Whether the dialog may be shown for these parameters.
  std::optional<ApiError> CheckDialog(std::string_view client_id, std::string_view redirect_uri,
                                      std::string_view response_type) const;

  /// A fresh code, for an approved dialog.
  Answer<std::string> NewCode(Monotonic now);

  /// Gives the access token for a code. Uses the code up when one was sent.
  Answer<std::string> Exchange(const ExchangeRequest& request, Monotonic now,
                               std::int64_t market_ms);

  /// Absent: the token is good at this market time.
  std::optional<ApiError> CheckToken(std::string_view token, std::int64_t market_ms) const;

  /// Ends one token; it must be good.
  void Revoke(std::string_view token);

  /// Ends every token given so far.
  void ExpireAll();

 private:
  void ForgetStaleCodes(Monotonic now);
  void Keep() const;

  const AppRegistration app_;
  const std::string user_id_;
  const bool plus_plan_;
  const Ports ports_;
  std::unordered_map<std::string, Monotonic> codes_;  // and when each ends
  EndedTokens ended_;
};

}  // namespace sauda::sim
