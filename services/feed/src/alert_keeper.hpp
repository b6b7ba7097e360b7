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

/// Keeps alert rules over restarts, and every alert for good, on its own thread: loads the rules
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
    /// Once: the kept rules, without those that changed meanwhile.
    std::function<void(const std::vector<AlertRule>&)> on_loaded;
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
  void Add(std::span<const Alert> alerts);

  /// One last try to save what is unsaved, then joins. False: something stays unsaved. Idempotent.
  bool Stop();

 private:
  using Rules = std::map<std::string, std::optional<AlertRule>>;  // by id; absent: removed

  void Note(const std::string& rule_id, std::optional<AlertRule> rule);
  void Run();
  bool Load(std::unique_lock<std::mutex>& lock);
  bool Save(std::unique_lock<std::mutex>& lock);
  bool HasChanges() const { return !rules_.empty() || !fired_.empty(); }

  AlertStore& store_;
  const Options options_;
  const Events events_;
  Backoff backoff_;  // its thread only

  std::mutex mutex_;  // guards everything below but the thread
  Rules rules_;
  std::deque<Alert> fired_;
  bool loaded_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts with Start
};

}  // namespace sauda::feed
