#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "libs/base/backoff.hpp"
#include "services/feed/src/core/subscription_store.hpp"

namespace sauda::feed {

/// Keeps subscriptions and the wish to be connected over restarts, on its own thread: loads them
/// once, as soon as the database answers, then saves changes. While the database is away changes
/// gather here, the newest of each key, in the order in which they first came; callers never wait.
class StateKeeper {
 public:
  struct Options {
    Backoff::Limits backoff;
    std::chrono::milliseconds patience{10'000};
  };
  struct Events {
    /// Once, by its thread, as are the others: what was kept, without the keys and with the wish
    /// that changed meanwhile.
    std::function<void(const KeptState&)> on_loaded;
    /// At most once: the database has not answered for `patience`; go on without it.
    std::function<void()> on_late;
    std::function<void(const Error&)> on_failure;
    std::function<void()> on_saved;
  };

  StateKeeper(SubscriptionStore& store, Options options, Events events);
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  void Start();

  void Put(KeptSubscription subscription);
  void Remove(const std::string& key);
  void SetConnected(bool connected);

  /// One last try to save what is unsaved, then joins. False: something stays unsaved. Idempotent.
  bool Stop();

 private:
  struct Change {
    std::uint64_t number = 0;             // rises in the order in which keys come
    std::optional<KeptSubscription> put;  // absent: removed
  };
  using Changes = std::map<std::string, Change>;  // by key

  void Note(const std::string& key, std::optional<KeptSubscription> put);
  static KeptChanges InOrder(const Changes& changes);
  void Run();
  bool Load(std::unique_lock<std::mutex>& lock);
  bool Save(std::unique_lock<std::mutex>& lock);
  bool HasChanges() const { return !changes_.empty() || connected_; }

  SubscriptionStore& store_;
  const Options options_;
  const Events events_;
  Backoff backoff_;  // its thread only

  std::mutex mutex_;  // guards everything below but the thread
  Changes changes_;
  std::uint64_t last_number_ = 0;
  std::optional<bool> connected_;
  bool loaded_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts with Start
};

}  // namespace sauda::feed
