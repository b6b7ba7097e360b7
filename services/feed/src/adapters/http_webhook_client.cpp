#include "services/feed/src/adapters/http_webhook_client.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "libs/base/check.hpp"
#include "libs/http/client.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMaxAnswer = 65'536;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// 64-bit numbers as text: JSON readers lose the last digits of large ones.
std::string BodyOf(const std::string& account_id, const std::string& delivery, const Alert& alert) {
  const AlertFiring& firing = alert.firing;
  const AlertRule& rule = *firing.rule;
  return nlohmann::json{{"delivery", delivery},
                        {"account_id", account_id},
                        {"alert_id", rule.id},
                        {"instrument", rule.instrument_key},
                        {"measure", NameOf(rule.measure)},
                        {"direction", NameOf(rule.direction)},
                        {"level", rule.level},
                        {"value", firing.value},
                        {"at_ns", std::to_string(firing.at_ns)},
                        {"tick_seq", std::to_string(firing.seq)},
                        {"simulated", firing.simulated},
                        {"note", rule.note}}
      .dump();
}

WebhookResult Judge(int status) {
  if (status >= 200 && status < 300) return {};
  const bool may_pass = status == 408 || status == 425 || status == 429 || status >= 500;
  return tl::unexpected{WebhookFailure{{may_pass ? Code::kUnavailable : Code::kFailedPrecondition,
                                        may_pass ? "WEBHOOK_DOWN" : "WEBHOOK_REFUSED",
                                        "the receiver answered " + std::to_string(status)}}};
}

}  // namespace

std::string SignWebhook(const Secret& secret, std::string_view timestamp, std::string_view body) {
  std::string text{timestamp};
  text += '.';
  text += body;
  const std::string& key = secret.Reveal();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* const made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  Check(made != nullptr, "an HMAC can be made");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string signature = "v1=";
  for (std::size_t i = 0; i < size; ++i) {
    signature += kDigits[digest[i] >> 4U];
    signature += kDigits[digest[i] & 0xFU];
  }
  return signature;
}

HttpWebhookClient::HttpWebhookClient(Options options, const Clock& clock)
    : options_{std::move(options)}, clock_{clock} {}

HttpWebhookClient::~HttpWebhookClient() = default;

WebhookResult HttpWebhookClient::Call(const Webhook& webhook, const Alert& alert) {
  const auto client = ClientOf(webhook.url);
  if (!client) return tl::unexpected{WebhookFailure{client.error()}};
  const std::string delivery = options_.instance + "-" + std::to_string(alert.number);
  const std::string body = BodyOf(options_.account_id, delivery, alert);
  const std::string timestamp = std::to_string(clock_.UtcNs() / kNsPerSecond);
  bool delivered = false;
  const auto answer = (*client)->Stream(
      {.method = "POST",
       .url = webhook.url,
       .headers = {{"Content-Type", "application/json"},
                   {"X-Sauda-Delivery", delivery},
                   {"X-Sauda-Timestamp", timestamp},
                   {"X-Sauda-Signature", SignWebhook(webhook.secret, timestamp, body)}},
       .body = body},
      options_.deadline, kMaxAnswer, [&delivered](std::string_view /*bytes*/) -> Result<void> {
        delivered = true;  // only the body of a 2xx answer comes here
        return {};
      });
  if (delivered) return {};  // however long the body is, and whether it ends
  if (answer) return Judge(answer->status);
  const auto& [why, maybe_sent, not_before] = answer.error();
  const char* const what = not_before ? "not called: " : "no answer from the receiver: ";
  return tl::unexpected{WebhookFailure{{why.code, why.reason, what + why.reason}, not_before}};
}

Result<std::shared_ptr<http::Client>> HttpWebhookClient::ClientOf(const std::string& url) {
  const auto parsed = http::Url::Parse(url);
  if (!parsed) return parsed.error();
  const std::string host = parsed->HostPort();
  const std::lock_guard lock{mutex_};
  if (const auto found = clients_.find(host); found != clients_.end()) return found->second;
  if (clients_.size() >= kMaxWebhooks) {  // some are of webhooks that have gone
    std::erase_if(clients_, [](const auto& each) { return each.second.use_count() == 1; });
  }
  auto made = http::Client::Make({.ca = {.file = options_.ca_file},
                                  .allowed = {host},
                                  .max_response_bytes = kMaxAnswer,
                                  .user_agent = "sauda-feed"},
                                 clock_);
  if (!made) {  // the file was good at the start, and may be again
    return Error{Code::kUnavailable, made.error().reason, made.error().message};
  }
  return clients_.emplace(host, std::move(*made)).first->second;
}

}  // namespace sauda::feed
