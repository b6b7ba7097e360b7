#pragma once

#include <condition_variable>
#include <mutex>

#include "services/feed/src/core/waiting.hpp"

namespace sauda::feed {

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
