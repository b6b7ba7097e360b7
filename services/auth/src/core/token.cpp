#include "services/auth/src/core/token.hpp"

#include <algorithm>
#include <charconv>

#include "libs/calendar/ist.hpp"

namespace sauda::auth {
namespace {

constexpr std::size_t kMostBytes = 8'192;
constexpr std::size_t kLongestSubject = 32;
constexpr std::int64_t kYearMs = 365 * calendar::kMsPerDay;
/// A claim beyond the year 9999 is nonsense and would overflow in milliseconds.
constexpr std::int64_t kLastSecond = 253'402'300'799;

int DigitOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-' || c == '+') return 62;
  if (c == '_' || c == '/') return 63;
  return -1;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  unsigned gathered = 0;
  unsigned bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const int digit = DigitOf(c);
    if (digit < 0) return std::nullopt;
    gathered = (gathered << 6U | static_cast<unsigned>(digit)) & 0xFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(gathered >> bits & 0xFFU);
    }
  }
  return bytes;
}

/// The claims of a JSON web token, its middle part; absent for anything else.
std::optional<std::string> ClaimsOf(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return FromBase64Url(token.substr(first + 1, second - first - 1));
}

/// Where a claim's value begins. Claims are one flat object (upstox-api.md 1.2).
std::optional<std::size_t> ValueAt(const std::string& claims, std::string_view name) {
  const std::string key = '"' + std::string{name} + '"';
  auto at = claims.find(key);
  if (at == std::string::npos) return std::nullopt;
  at = claims.find_first_not_of(" \t\r\n", at + key.size());
  if (at == std::string::npos || claims[at] != ':') return std::nullopt;
  at = claims.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string::npos) return std::nullopt;
  return at;
}

}  // namespace

std::string_view NameOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAccess:
      return "access";
    case TokenKind::kExtended:
      return "extended";
    case TokenKind::kAnalytics:
      break;
  }
  return "analytics";
}

std::optional<std::int64_t> ExpiryInside(std::string_view token) {
  const auto claims = ClaimsOf(token);
  const auto at = claims ? ValueAt(*claims, "exp") : std::nullopt;
  if (!at) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, problem] =
      std::from_chars(claims->data() + *at, claims->data() + claims->size(), seconds);
  if (problem != std::errc{} || seconds <= 0 || seconds > kLastSecond) return std::nullopt;
  return seconds * 1'000;
}

std::optional<std::string> SubjectInside(std::string_view token) {
  const auto claims = ClaimsOf(token);
  const auto at = claims ? ValueAt(*claims, "sub") : std::nullopt;
  if (!at || (*claims)[*at] != '"') return std::nullopt;
  const auto end = claims->find('"', *at + 1);
  if (end == std::string::npos) return std::nullopt;
  std::string subject = claims->substr(*at + 1, end - *at - 1);
  const bool plain = std::all_of(subject.begin(), subject.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (!plain || subject.empty() || subject.size() > kLongestSubject) return std::nullopt;
  return subject;
}

std::int64_t ExpiryOf(const Secret& token, TokenKind kind, std::int64_t now_ms) {
  if (const auto inside = ExpiryInside(token.Reveal())) return *inside;
  return kind == TokenKind::kAccess ? calendar::NextTokenExpiryMs(now_ms) : now_ms + kYearMs;
}

bool IsWellFormed(const Secret& token) {
  const std::string& text = token.Reveal();
  return !text.empty() && text.size() <= kMostBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return DigitOf(c) >= 0 || c == '.' || c == '~' || c == '='; });
}

}  // namespace sauda::auth
