#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "libs/base/clock.hpp"

namespace sauda::gateway {

/// A token bucket for each client. Bounded: clients that have not asked for so long that their
/// bucket is full again are forgotten, and while there are too many others all new ones share one
/// bucket. Thread-safe.
class RateLimiter {
 public:
  struct Limits {
    std::int64_t burst = 20;       ///< at once, after a rest
    std::int64_t per_minute = 60;  ///< in the long run
    std::size_t most_clients = 10'000;
  };

  explicit RateLimiter(Limits limits) : limits_{limits} {}

  /// Absent: go on. Else how long to wait until the next would pass, at least a millisecond.
  std::optional<std::chrono::milliseconds> Take(const std::string& client, Monotonic now);

  std::size_t clients() const;

 private:
  struct Bucket {
    double tokens = 0;
    Monotonic at{};  ///< when they were counted
  };

  double TokensAt(const Bucket& bucket, Monotonic now) const;
  Bucket& BucketOf(const std::string& client, Monotonic now);

  const Limits limits_;
  mutable std::mutex mutex_;
  // mutex_ guards the rest
  std::map<std::string, Bucket> buckets_;  // by client; "" is whom there was no room for
  Monotonic swept_{};
};

}  // namespace sauda::gateway
