#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"
#include "services/feed/src/core/alerts/webhook_queue.hpp"

namespace sauda::feed {

/// Calls webhooks when rules that name them fire, on a few threads of its own, one call at a time
/// for each webhook and in the order of the alerts. A webhook that does not answer costs the others
/// nothing while there are more threads than such webhooks. What waits at a stop is not called.
class AlertCaller final : public Webhooks {
 public:
  struct Options {
    std::size_t threads = 4;
    WebhookQueue::Options queue;
  };
  /// How an alert fared; `kPutOff`: nobody may be asked yet; `kLost`: the queue was full, or its
  /// webhook is gone.
  enum class Fate : std::uint8_t { kDelivered, kRetried, kPutOff, kGivenUp, kLost };
  /// The first by its threads or by whoever adds alerts, the others by whoever adds or removes, in
  /// the order in which that happened. None may wait or call back. `why` is null if kDelivered or
  /// kLost.
  struct Events {
    std::function<void(Fate fate, const std::string& webhook_id, const Error* why)> on_fate;
    std::function<void(const Webhook&)> on_added;  ///< not by RestoreWebhook
    std::function<void(const std::string& webhook_id)> on_removed;
  };

  /// `client` and `clock` outlive it.
  AlertCaller(WebhookClient& client, const Clock& clock, Options options, Events events);
  ~AlertCaller() override;
  AlertCaller(const AlertCaller&) = delete;
  AlertCaller& operator=(const AlertCaller&) = delete;

  Result<void> AddWebhook(const Webhook& webhook) override;
  bool RemoveWebhook(const std::string& webhook_id) override;
  std::vector<Webhook> ListWebhooks() const override;
  /// One that an earlier run had; one that has its id now stays. Fails as AddWebhook does.
  Result<void> RestoreWebhook(const Webhook& webhook);

  /// Queues those whose rule names a webhook; returns at once.
  void Add(std::span<const Alert> alerts);

  /// Ends what is under way and joins. Idempotent.
  void Stop();

 private:
  struct Line {
    Webhook webhook;
    WebhookQueue queue;
  };
  using LinePtr = std::shared_ptr<Line>;  // a call may be under way when its webhook is removed

  /// Needs mutex_. False: there is such a webhook, and it is `webhook`.
  Result<bool> AddNew(const Webhook& webhook);
  void Run();
  /// The webhook to be called next, or null; needs mutex_.
  LinePtr NextDue() const;
  void CallOnce(std::unique_lock<std::mutex>& lock, const LinePtr& line);

  WebhookClient& client_;
  const Clock& clock_;
  const Options options_;
  const Events events_;

  mutable std::mutex mutex_;  // guards the rest but the threads, and what lines point to
  std::map<std::string, LinePtr> lines_;  // by the webhook's id
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;  // last: they start when the rest is there
};

/// `delivered`, `retried`, `put_off`, `given_up` or `lost`.
std::string_view NameOf(AlertCaller::Fate fate);

}  // namespace sauda::feed
