#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"

namespace sauda::http {
class Client;
}  // namespace sauda::http

namespace sauda::feed {

/// Delivers alerts by POST. The body is JSON; with it go
///
///   X-Sauda-Delivery    `<instance>-<number>`: the same for every attempt, so that a receiver can
///                       tell a repeat
///   X-Sauda-Timestamp   seconds since the Unix epoch at this attempt
///   X-Sauda-Signature   `v1=` and the HMAC-SHA256, in hex, of timestamp, `.` and body, under the
///                       webhook's secret
///
/// A 2xx answer is a delivery, whatever its body. 408, 425, 429 and 5xx, and no answer, may be
/// tried again; any other answer ends it. Redirects are not followed. Each host has a client of its
/// own that may reach no other; it asks nobody while the host wants a pause (Retry-After, up to 5
/// minutes) or, for 10 s, when it has failed 5 times in a row. A CA file that cannot be read may be
/// tried again too. Thread-safe.
class HttpWebhookClient final : public WebhookClient {
 public:
  struct Options {
    std::string instance;
    std::string account_id;
    std::string ca_file;  ///< PEM of who may vouch for receivers; empty: the system's
    std::chrono::milliseconds deadline{5'000};
  };

  /// `clock` outlives it.
  HttpWebhookClient(Options options, const Clock& clock);
  ~HttpWebhookClient() override;

  /// Fails as WebhookClient says. The message never holds the address or the secret.
  WebhookResult Call(const Webhook& webhook, const Alert& alert) override;

 private:
  Result<std::shared_ptr<http::Client>> ClientOf(const std::string& url);

  const Options options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<http::Client>> clients_;  // guarded by mutex_; by host:port
};

/// The signature of a delivery, as X-Sauda-Signature has it.
std::string SignWebhook(const Secret& secret, std::string_view timestamp, std::string_view body);

}  // namespace sauda::feed
