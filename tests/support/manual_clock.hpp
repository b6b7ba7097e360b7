#pragma once

#include <atomic>

#include "libs/base/clock.hpp"

namespace sauda {

/// Time stands still until a test moves it. Thread-safe, so that a test may move it under a running
/// service.
class ManualClock final : public Clock {
 public:
  Monotonic Now() const override { return Monotonic{std::chrono::nanoseconds{elapsed_ns_.load()}}; }
  std::int64_t UtcNs() const override { return kStartUtcNs + elapsed_ns_.load(); }
  void Advance(std::chrono::nanoseconds by) { elapsed_ns_ += by.count(); }

 private:
  static constexpr std::int64_t kStartUtcNs = 1'765'771'200'000'000'000;  // 2025-12-15 09:30 IST
  std::atomic<std::int64_t> elapsed_ns_{0};
};

}  // namespace sauda
