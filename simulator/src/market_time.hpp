#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "libs/base/clock.hpp"

namespace sauda::sim {

/// The market's clock for threads other than the loop's, which sets it. Thread-safe.
class MarketTime {
 public:
  struct Reading {
    std::int64_t ms = 0;  ///< epoch ms, UTC
    double speed = 1.0;   ///< market seconds per second; 0: moves only with its data
  };

  void Set(std::int64_t ms, double speed, Monotonic now) {
    const std::lock_guard lock{mutex_};
    ms_ = ms;
    speed_ = speed;
    at_ = now;
  }

  Reading Read() const {
    const std::lock_guard lock{mutex_};
    const std::chrono::duration<double, std::milli> since = std::chrono::steady_clock::now() - at_;
    return {.ms = ms_ + static_cast<std::int64_t>(since.count() * speed_), .speed = speed_};
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t ms_ = 0;  // guarded by mutex_, as are the next two
  double speed_ = 0;
  Monotonic at_;
};

}  // namespace sauda::sim
