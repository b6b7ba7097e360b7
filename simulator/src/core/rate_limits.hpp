#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/clock.hpp"

namespace sauda::sim {

/// Most calls in any second, minute and half hour; 0 is no limit.
struct RateLimit {
  std::size_t per_second = 0;
  std::size_t per_minute = 0;
  std::size_t per_half_hour = 0;
};

/// Counts calls in sliding windows. Real time, not the market's. A refused call
/// does not count. Not thread-safe; one owner. Keeps at most the half hour's calls of each group,
/// so groups come from a closed set.
class RateLimits {
 public:
  /// Whether one more call of `group` is within the limit; counts it if so.
  bool Allow(std::string_view group, const RateLimit& limit, Monotonic now) {
    const auto found = calls_.find(group);
    auto& calls = found != calls_.end() ? found->second : calls_[std::string{group}];
    while (!calls.empty() && now - calls.front() >= std::chrono::minutes{30}) calls.pop_front();
    const auto over = [&](std::size_t most, std::chrono::seconds window) {
      return most > 0 && calls.size() >= most && now - calls[calls.size() - most] < window;
    };
    if (over(limit.per_second, std::chrono::seconds{1}) ||
        over(limit.per_minute, std::chrono::minutes{1}) ||
        over(limit.per_half_hour, std::chrono::minutes{30})) {
      return false;
    }
    if (limit.per_second + limit.per_minute + limit.per_half_hour > 0) calls.push_back(now);
    return true;
  }

 private:
  std::map<std::string, std::deque<Monotonic>, std::less<>> calls_;
};

}  // namespace sauda::sim
