#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/secret.hpp"
#include "libs/keys/digest.hpp"

namespace sauda::keys {

/// What a key may do. None implies another: a key that trades and reads has both.
enum class Scope : std::uint8_t { kRead, kTrade, kAdmin };

inline constexpr std::array kScopes{Scope::kRead, Scope::kTrade, Scope::kAdmin};

/// `read`, `trade` or `admin`.
std::string_view NameOf(Scope scope);

/// The way back; absent for any other word.
std::optional<Scope> ScopeOf(std::string_view name);

/// A set of scopes.
class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) Add(scope);
  }
  static constexpr Scopes All() { return {Scope::kRead, Scope::kTrade, Scope::kAdmin}; }

  constexpr void Add(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ | BitOf(scope)); }
  constexpr bool Has(Scope scope) const { return (bits_ & BitOf(scope)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  /// For a store: bit 0 read, bit 1 trade, bit 2 admin.
  constexpr std::uint8_t bits() const { return bits_; }
  /// Absent for bits that mean nothing.
  static std::optional<Scopes> FromBits(std::int64_t bits);

  friend bool operator==(const Scopes&, const Scopes&) = default;

 private:
  static constexpr std::uint8_t BitOf(Scope scope) {
    return static_cast<std::uint8_t>(1U << static_cast<std::uint8_t>(scope));
  }
  std::uint8_t bits_ = 0;
};

/// `read,trade`: in the order of kScopes.
std::string TextOf(Scopes scopes);

inline constexpr std::size_t kIdBytes = 8;
inline constexpr std::size_t kSecretBytes = 32;

/// What all texts of keys begin with, so that a search for leaked secrets finds them.
inline constexpr std::string_view kPrefix = "sauda_";

/// `sauda_<id>_<secret>`: 16 hexadecimal digits, then 32 random bytes in base64url (43 characters).
Secret KeyText(std::string_view id, std::span<const std::uint8_t, kSecretBytes> secret);

/// 16 lower-case hexadecimal digits of random bytes.
std::string KeyId(std::span<const std::uint8_t, kIdBytes> random);

/// Whether this can be a key's id.
bool IsKeyId(std::string_view text);

/// The id inside a key's text; absent for whatever has not exactly the form of KeyText. Says
/// nothing about whether there is such a key.
std::optional<std::string> IdInside(const Secret& text);

/// What is kept of a key: the SHA-256 of its whole text. One round is enough, without a salt: 256
/// random bits leave nothing to guess, which is what slow and salted hashes are for.
Digest HashOf(const Secret& text);

/// A key as the gateway needs to know it.
struct KnownKey {
  std::string id;
  Digest hash{};
  Scopes scopes;
  std::vector<std::string> accounts;  ///< those it may touch; empty: all
  std::int64_t expires_ms = 0;        ///< milliseconds since the Unix epoch, UTC; 0: never
  std::int64_t revoked_ms = 0;        ///< as above; 0: it is not revoked

  friend bool operator==(const KnownKey&, const KnownKey&) = default;
};

/// How a key stands.
enum class KeyState : std::uint8_t { kActive, kRevoked, kExpired };

/// At a time of the wall clock: keys are Sauda's own, so the market's clock says nothing about
/// them. A revoked key is revoked, however old.
KeyState StateOf(std::int64_t expires_ms, std::int64_t revoked_ms, std::int64_t now_ms);

}  // namespace sauda::keys
