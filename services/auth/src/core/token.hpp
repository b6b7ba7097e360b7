#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/secret.hpp"

namespace sauda::auth {

/// What a token may do and how long it lives; upstox-api.md 1.5.
enum class TokenKind : std::uint8_t { kAccess, kExtended, kAnalytics };

/// In the order in which a reader of the market takes them. The extended one comes last: by the
/// broker's documents it reads positions, holdings and orders only (upstox-api.md 1.5).
inline constexpr std::array kTokenKinds{TokenKind::kAccess, TokenKind::kAnalytics,
                                        TokenKind::kExtended};

/// What a token is wanted for: any kind reads the market, orders need an access token.
enum class TokenUse : std::uint8_t { kMarketData, kOrders };

/// A token as the vault keeps it.
struct Token {
  Secret text;
  TokenKind kind = TokenKind::kAccess;
  std::string broker_user_id;   ///< the broker's UCC
  std::int64_t expires_ms = 0;  ///< by the market clock, milliseconds since the Unix epoch, UTC
  std::uint64_t version = 0;    ///< rises with every token of the account; given by the vault
  bool simulated = false;       ///< the simulator gave it

  friend bool operator==(const Token&, const Token&) = default;
};

/// `access`, `extended` or `analytics`: in keys, logs and metrics.
std::string_view NameOf(TokenKind kind);

/// The `exp` claim of a JSON web token in milliseconds since the Unix epoch, UTC; absent for
/// anything that is no such token or has none. The signature is the broker's business.
std::optional<std::int64_t> ExpiryInside(std::string_view token);

/// The `sub` claim, the broker's user, of a JSON web token; absent for anything else. Proves
/// nothing by itself.
std::optional<std::string> SubjectInside(std::string_view token);

/// When a token dies: its own claim, else 03:30 IST following `now_ms` for an access token, a year
/// later for the others (upstox-api.md 1.2, 1.5).
std::int64_t ExpiryOf(const Secret& token, TokenKind kind, std::int64_t now_ms);

/// Whether this can be a bearer token at all: 1 to 8192 characters of RFC 6750's alphabet.
bool IsWellFormed(const Secret& token);

}  // namespace sauda::auth
