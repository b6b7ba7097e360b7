#include "services/gateway/src/core/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace sauda::gateway {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr double kMsPerMinute = 60'000;
constexpr std::chrono::seconds kSweepPause{1};  // a full map is not searched at every request

}  // namespace

std::optional<std::chrono::milliseconds> RateLimiter::Take(const std::string& client,
                                                           Monotonic now) {
  const std::lock_guard lock{mutex_};
  Bucket& bucket = BucketOf(client, now);
  bucket.tokens = TokensAt(bucket, now);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const double wait_ms =
      (1 - bucket.tokens) * kMsPerMinute / static_cast<double>(limits_.per_minute);
  return std::chrono::milliseconds{std::max<std::int64_t>(1, std::llround(std::ceil(wait_ms)))};
}

double RateLimiter::TokensAt(const Bucket& bucket, Monotonic now) const {
  const double rested_ms = std::max(0.0, Milliseconds{now - bucket.at}.count());
  return std::min(
      static_cast<double>(limits_.burst),
      bucket.tokens + rested_ms * static_cast<double>(limits_.per_minute) / kMsPerMinute);
}

RateLimiter::Bucket& RateLimiter::BucketOf(const std::string& client, Monotonic now) {
  const auto found = buckets_.find(client);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= limits_.most_clients && now - swept_ >= kSweepPause) {
    swept_ = now;
    std::erase_if(buckets_, [&](const auto& each) {
      return TokensAt(each.second, now) >= static_cast<double>(limits_.burst);
    });
  }
  const bool room = buckets_.size() < limits_.most_clients;
  return buckets_
      .try_emplace(room ? client : std::string{},
                   Bucket{.tokens = static_cast<double>(limits_.burst), .at = now})
      .first->second;
}

std::size_t RateLimiter::clients() const {
  const std::lock_guard lock{mutex_};
  return buckets_.size();
}

}  // namespace sauda::gateway
