#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/feed/src/core/alerts/alert_log.hpp"

namespace sauda::feed {

/// Whom to call when a rule that names it fires.
struct Webhook {
  std::string id;   ///< the caller's, unique in the account
  std::string url;  ///< https, or http to this machine itself
  Secret secret;    ///< what deliveries are signed with

  friend bool operator==(const Webhook&, const Webhook&) = default;
};

inline constexpr std::size_t kMaxWebhooks = 16;

/// Fails with kInvalidArgument and
///   WEBHOOK_ID_INVALID  as an alert's id
///   URL_INVALID         not https with a host, or http to loopback; longer than 2048 bytes; with
///                       user information, a fragment, or anything but visible ASCII
///   SECRET_INVALID      not 16 to 128 visible ASCII characters
/// The message quotes neither address nor secret: an address may carry a token.
Result<void> CheckWebhook(const Webhook& webhook);

/// Why an alert was not delivered.
struct WebhookFailure {
  /// kUnavailable, kDeadlineExceeded or kResourceExhausted when another attempt may succeed, and
  /// any other code when none will.
  Error error;
  /// Nobody was asked, and nobody will be before that: the receiver's machine wants a pause, or
  /// failed too often. Absent: this was an attempt.
  std::optional<Monotonic> not_before = std::nullopt;
};
using WebhookResult = tl::expected<void, WebhookFailure>;

/// Calls webhooks.
class WebhookClient {
 public:
  virtual ~WebhookClient() = default;
  /// One attempt to deliver; blocks, with a deadline. Thread-safe.
  virtual WebhookResult Call(const Webhook& webhook, const Alert& alert) = 0;
};

/// The webhooks of the account. Thread-safe; returns at once.
class Webhooks {
 public:
  virtual ~Webhooks() = default;
  /// The same webhook twice is one. Fails as CheckWebhook does, with kResourceExhausted /
  /// WEBHOOK_LIMIT, or kAlreadyExists / WEBHOOK_ID_REUSED: the id names another.
  virtual Result<void> AddWebhook(const Webhook& webhook) = 0;
  /// What waits for it is given up. False: there is none.
  virtual bool RemoveWebhook(const std::string& webhook_id) = 0;
  /// By id, rising.
  virtual std::vector<Webhook> ListWebhooks() const = 0;
};

}  // namespace sauda::feed
