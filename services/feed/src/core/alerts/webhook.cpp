#include "services/feed/src/core/alerts/webhook.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "libs/base/text.hpp"
#include "services/feed/src/core/alerts/alert_rule.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMaxUrl = 2'048;
constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kLongestSecret = 128;

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool IsName(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return IsHex(c) || (c >= 'G' && c <= 'Z') || (c >= 'g' && c <= 'z') || c == '-' || c == '.' ||
           c == '_';
  });
}

bool IsIpv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return IsHex(c) || c == ':' || c == '.'; });
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

/// The host of what stands between `//` and the path, by the rules of the client that calls it:
/// what that could never call is refused here. Empty: malformed.
std::string_view HostOf(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view host = authority.substr(1, end - 1);
    const std::string_view after = authority.substr(end + 1);
    const bool fits =
        after.empty() || after == ":" || (after.starts_with(':') && IsPort(after.substr(1)));
    return IsIpv6(host) && fits ? host : std::string_view{};
  }
  const std::size_t colon = authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  const bool fits = colon == std::string_view::npos || IsPort(authority.substr(colon + 1));
  return IsName(host) && fits ? host : std::string_view{};
}

bool IsWebhookUrl(std::string_view url) {
  if (url.size() > kMaxUrl || !IsVisibleAscii(url)) return false;
  if (url.find_first_of("@#") != std::string_view::npos) return false;
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kPlain = "http://";
  if (url.starts_with(kTls)) return !HostOf(url.substr(kTls.size())).empty();
  return url.starts_with(kPlain) && IsLoopbackHost(HostOf(url.substr(kPlain.size())));
}

}  // namespace

Result<void> CheckWebhook(const Webhook& webhook) {
  const auto refuse = [](const char* reason) {
    return Error{Code::kInvalidArgument, reason, std::string{"the webhook is refused: "} + reason};
  };
  if (!IsAlertId(webhook.id)) return refuse("WEBHOOK_ID_INVALID");
  if (!IsWebhookUrl(webhook.url)) return refuse("URL_INVALID");
  const std::string& secret = webhook.secret.Reveal();
  if (secret.size() < kShortestSecret || secret.size() > kLongestSecret ||
      !IsVisibleAscii(secret)) {
    return refuse("SECRET_INVALID");
  }
  return {};
}

}  // namespace sauda::feed
