#include "libs/keys/api_key.hpp"

#include <algorithm>

namespace sauda::keys {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kIdDigits = 2 * kIdBytes;
constexpr std::size_t kSecretCharacters = (8 * kSecretBytes + 5) / 6;

/// Without padding (RFC 4648, section 5).
std::string Base64Url(std::span<const std::uint8_t> bytes) {
  std::string text;
  std::uint32_t gathered = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    gathered = gathered << 8U | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[gathered >> (bits - 6) & 0x3FU];
  }
  if (bits > 0) text += kAlphabet[gathered << (6 - bits) & 0x3FU];
  return text;
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string_view NameOf(Scope scope) {
  switch (scope) {
    case Scope::kRead:
      return "read";
    case Scope::kTrade:
      return "trade";
    case Scope::kAdmin:
      break;
  }
  return "admin";
}

std::optional<Scope> ScopeOf(std::string_view name) {
  const auto* const found = std::find_if(kScopes.begin(), kScopes.end(),
                                         [&](Scope scope) { return NameOf(scope) == name; });
  if (found == kScopes.end()) return std::nullopt;
  return *found;
}

std::optional<Scopes> Scopes::FromBits(std::int64_t bits) {
  if (bits < 0 || bits > All().bits()) return std::nullopt;
  Scopes scopes;
  scopes.bits_ = static_cast<std::uint8_t>(bits);
  return scopes;
}

std::string TextOf(Scopes scopes) {
  std::string text;
  for (const Scope scope : kScopes) {
    if (!scopes.Has(scope)) continue;
    if (!text.empty()) text += ',';
    text += NameOf(scope);
  }
  return text;
}

Secret KeyText(std::string_view id, std::span<const std::uint8_t, kSecretBytes> secret) {
  std::string text{kPrefix};
  text += id;
  text += '_';
  text += Base64Url(secret);
  return Secret{std::move(text)};
}

std::string KeyId(std::span<const std::uint8_t, kIdBytes> random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (const std::uint8_t byte : random) {
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 0xFU];
  }
  return id;
}

bool IsKeyId(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), IsHexDigit);
}

std::optional<std::string> IdInside(const Secret& text) {
  const std::string_view whole = text.Reveal();
  if (whole.size() != kPrefix.size() + kIdDigits + 1 + kSecretCharacters) return std::nullopt;
  if (!whole.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = whole.substr(kPrefix.size(), kIdDigits);
  const std::string_view rest = whole.substr(kPrefix.size() + kIdDigits);
  if (!IsKeyId(id) || rest.front() != '_') return std::nullopt;
  if (rest.find_first_not_of(kAlphabet, 1) != std::string_view::npos) return std::nullopt;
  return std::string{id};
}

Digest HashOf(const Secret& text) { return Sha256(text.Reveal()); }

KeyState StateOf(std::int64_t expires_ms, std::int64_t revoked_ms, std::int64_t now_ms) {
  if (revoked_ms != 0) return KeyState::kRevoked;
  return expires_ms != 0 && now_ms >= expires_ms ? KeyState::kExpired : KeyState::kActive;
}

}  // namespace sauda::keys
