#pragma once

#include <condition_variable>
#include <mutex>

#include "libs/base/clock.hpp"

namespace sauda::feed {

/// Where one thread waits for work from others.
class Waiting {
 public:
  virtual ~Waiting() = default;
  /// By the one thread. Returns when there may be something to do, or at `until`. A Wake since the
  /// last return counts.
  virtual void Wait(Monotonic until) = 0;
  /// From any thread.
  virtual void Wake() = 0;
};

/// Waits for nothing else.
class PlainWaiting final : public Waiting {
 public:
  void Wait(Monotonic until) override {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, until, [this] { return woken_; });
    woken_ = false;
  }
  void Wake() override {
    {
      const std::lock_guard lock{mutex_};
      woken_ = true;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;  // guarded by mutex_
};

}  // namespace sauda::feed
