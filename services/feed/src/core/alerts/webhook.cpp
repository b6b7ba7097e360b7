#include "services/feed/src/core/alerts/webhook.hpp"

#include <algorithm>
#include <string_view>

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

/// What stands between `//` and the path, without the port.
std::string_view HostOf(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view{} : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
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
