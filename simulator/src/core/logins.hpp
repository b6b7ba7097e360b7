#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/secret.hpp"
#include "simulator/src/core/api_error.hpp"

namespace sauda::sim {

/// A user of the simulated broker, and the one app that is registered for it.
struct AppRegistration {
  std::string api_key;
  Secret api_secret;
  std::string redirect_uri;  ///< compared character by character
  std::string user_id;
  std::string notifier_url;      ///< where approved tokens are sent; empty: nowhere
  bool extended_tokens = false;  ///< the token exchange gives one too
};

/// What a token may do; upstox-api.md 1.5.
enum class TokenKind : std::uint8_t {
  kAccess,
  kExtended,   ///< positions, holdings and orders, to read
  kAnalytics,  ///< what needs no static address, to read
};

/// `access`, `extended` or `analytics`; absent for anything else.
std::optional<TokenKind> TokenKindOf(std::string_view name);

/// What a token says.
struct TokenClaims {
  std::string subject;  ///< the user's UCC
  std::string id;       ///< jti
  bool plus_plan = false;
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
  TokenKind kind = TokenKind::kAccess;
};

/// What a code is exchanged for.
struct GivenTokens {
  std::string access;
  std::optional<std::string> extended;
  std::string user_id;
};

/// A token that the user was asked for in the broker's app.
struct PendingApproval {
  std::string client_id;
  std::string user_id;
  std::int64_t expires_ms = 0;
  std::string notifier_url;
};

/// What the notifier is sent after consent.
struct ApprovedToken {
  PendingApproval request;
  std::string access_token;
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

  /// `apps`: at least one, with keys and users of their own. `ended` is what was kept last.
  Logins(std::vector<AppRegistration> apps, bool plus_plan, Ports ports, EndedTokens ended = {});

  bool plus_plan() const { return plus_plan_; }

  /// The user whose app has this key; the first user for an unknown one.
  const std::string& UserOfApp(std::string_view client_id) const;

  /// Whether funds, orders and positions are this user's: the first one's alone are there.
  bool HasDesk(std::string_view user_id) const { return user_id == apps_.front().user_id; }

  /// The user and kind of a good token; absent for any other.
  std::optional<TokenClaims> ClaimsOf(std::string_view token) const;

  /// Whether the dialog may be shown for these parameters.
  std::optional<ApiError> CheckDialog(std::string_view client_id, std::string_view redirect_uri,
                                      std::string_view response_type) const;

  /// A fresh code, for an approved dialog of this app.
  Answer<std::string> NewCode(std::string_view client_id, Monotonic now);

  /// Gives the tokens for a code. Uses the code up when one was sent.
  Answer<GivenTokens> Exchange(const ExchangeRequest& request, Monotonic now,
                               std::int64_t market_ms);

  /// Asks the user of an app for consent, until 03:30 IST. A newer request replaces the pending
  /// one.
  Answer<PendingApproval> RequestToken(std::string_view client_id,
                                       const std::optional<std::string>& client_secret,
                                       std::int64_t market_ms);

  /// Those that wait and live, by user.
  std::vector<PendingApproval> Pending(std::int64_t market_ms) const;

  /// The user consents: its token, and where to send it. Fails with 404 / SIM_NOTHING_PENDING.
  Answer<ApprovedToken> Approve(std::string_view user_id, std::int64_t market_ms);

  /// The user refuses: false when nothing was pending. Nobody is told.
  bool Reject(std::string_view user_id, std::int64_t market_ms);

  /// A token of any kind, as the broker's console makes them: until 03:30 IST an access token, for
  /// a year the others. Absent for an unknown user.
  std::optional<std::string> Issue(std::string_view user_id, TokenKind kind,
                                   std::int64_t market_ms) const;

  /// Absent: the token is good at this market time.
  std::optional<ApiError> CheckToken(std::string_view token, std::int64_t market_ms) const;

  /// Whether a route is about funds, orders or positions.
  static bool IsOfDesk(std::string_view route);

  /// Absent: a token of this kind may ask this of this route. UDAPI100067 for an extended one,
  /// UDAPI1154 for an analytics one without the static address that nobody has here.
  static std::optional<ApiError> CheckRights(TokenKind kind, std::string_view method,
                                             std::string_view route);

  /// Ends one token; it must be good.
  void Revoke(std::string_view token);

  /// Ends every token given so far.
  void ExpireAll();

 private:
  struct Code {
    std::size_t app = 0;  // of apps_
    Monotonic ends;
  };

  /// Of apps_; absent for an unknown key.
  std::optional<std::size_t> AppOf(std::string_view client_id) const;
  std::string Sign(const std::string& user_id, TokenKind kind, std::int64_t issued_ms,
                   std::int64_t expires_ms) const;
  void ForgetStaleCodes(Monotonic now);
  void Keep() const;

  const std::vector<AppRegistration> apps_;
  const bool plus_plan_;
  const Ports ports_;
  std::unordered_map<std::string, Code> codes_;
  std::map<std::string, PendingApproval, std::less<>> pending_;  // by user
  EndedTokens ended_;
};

}  // namespace sauda::sim
