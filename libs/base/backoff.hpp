#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace sauda {

/// Exponential backoff with full jitter: each wait is uniform between zero and a ceiling that
/// doubles from `first` to `most`. The first attempt after Reset waits for nothing.
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog. Not thread-safe.
class Backoff {
 public:
  struct Limits {
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds most{30'000};
  };

  explicit Backoff(Limits limits, std::uint64_t seed = std::random_device{}())
      : limits_{limits}, random_{seed} {}

  /// How long to wait before the next attempt.
  std::chrono::milliseconds Next() {
    const std::uint32_t attempt = attempts_++;
    if (attempt == 0) return std::chrono::milliseconds{0};
    const std::uint32_t doublings = std::min<std::uint32_t>(attempt - 1, 20);
    const std::int64_t ceiling =
        std::min<std::int64_t>(limits_.most.count(), limits_.first.count() << doublings);
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>{0, ceiling}(random_)};
  }

  void Reset() { attempts_ = 0; }

  /// Attempts since the last Reset.
  std::uint32_t attempts() const { return attempts_; }

 private:
  Limits limits_;
  std::mt19937_64 random_;
  std::uint32_t attempts_ = 0;
};

}  // namespace sauda
