#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// The streams that are open: each holds one of gRPC's threads, so that there may only be a few.
/// They wait here for the next look, and are woken when the service stops. Thread-safe.
class Watches {
 public:
  static constexpr int kMost = 8;

  /// The right to stream, while it lives.
  class Place {
   public:
    explicit Place(Watches& watches) : watches_{watches} {}
    ~Place() { watches_.Leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Watches& watches_;
  };

  /// Whether a stream may be opened; then a Place must be made. Fails with kResourceExhausted /
  /// TOO_MANY_WATCHERS and kUnavailable / SHUTTING_DOWN.
  Result<void> Enter() {
    const std::lock_guard lock{mutex_};
    if (stopped_) return ShuttingDown();
    if (open_ == kMost) {
      return Error{Code::kResourceExhausted, "TOO_MANY_WATCHERS",
                   "as many streams as are allowed are open: 8"};
    }
    ++open_;
    return {};
  }

  /// Waits; fails at once with kUnavailable / SHUTTING_DOWN when the service stops.
  Result<void> Wait(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    if (woken_.wait_for(lock, time, [this] { return stopped_; })) return ShuttingDown();
    return {};
  }

  /// Ends what streams and refuses what would.
  void Stop() {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    woken_.notify_all();
  }

 private:
  static Error ShuttingDown() {
    return {Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
  }
  void Leave() {
    const std::lock_guard lock{mutex_};
    --open_;
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  int open_ = 0;  // this and the rest guarded by mutex_
  bool stopped_ = false;
};

}  // namespace sauda::instruments
