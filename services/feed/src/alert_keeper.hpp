#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/backoff.hpp"
#include "services/feed/src/core/alerts/alert_store.hpp"

namespace sauda::feed {

/// Keeps alert rules and webhooks over restarts, and every alert for good, on its own thread: loads
/// once, as soon as the database answers, then saves what changes. While the database is away
/// changes gather here; callers never wait. Alerts that wait are bounded: the oldest are lost to
/// the database (not to watchers), and counted.
class AlertKeeper {
 public:
  struct Options {
    Backoff::Limits backoff;
    std::size_t waiting_alerts = 65'536;
    std::size_t batch_alerts = 1'024;  ///< most in one transaction
  };
  /// By its thread, but on_lost.
  struct Events {
    /// Once: what was kept, without what changed meanwhile.
    std::function<void(const KeptAlerts&)> on_loaded;
    std::function<void(const Error&)> on_failure;
    std::function<void()> on_saved;
    std::function<void(std::uint64_t alerts)> on_lost;  ///< by whoever adds alerts
  };

  AlertKeeper(AlertStore& store, Options options, Events events);
  ~AlertKeeper();
  AlertKeeper(const AlertKeeper&) = delete;
  AlertKeeper& operator=(const AlertKeeper&) = delete;

  void Start();

  void Put(const AlertRule& rule);
  void Remove(const std::string& rule_id);
  void PutWebhook(const Webhook& webhook);
  void RemoveWebhook(const std::string& webhook_id);
  void Add(std::span<const Alert> alerts);

  /// One last try to save what is unsaved, then joins. False: something stays unsaved. Idempotent.
  bool Stop();

 private:
  template <typename Kept>
  using Changes = std::map<std::string, std::optional<Kept>>;  // by id; absent: removed

  template <typename Kept>
  void Note(Changes<Kept>& changes, const std::string& id, std::optional<Kept> kept);
  void Run();
  bool Load(std::unique_lock<std::mutex>& lock);
  bool Save(std::unique_lock<std::mutex>& lock);
  bool HasChanges() const { return !rules_.empty() || !webhooks_.empty() || !fired_.empty(); }

  AlertStore& store_;
  const Options options_;
  const Events events_;
  Backoff backoff_;  // its thread only

  std::mutex mutex_;  // guards everything below but the thread
  Changes<AlertRule> rules_;
  Changes<Webhook> webhooks_;
  std::deque<Alert> fired_;
  bool loaded_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts with Start
};

}  // namespace sauda::feed
