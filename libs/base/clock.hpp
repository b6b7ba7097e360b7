#pragma once

#include <chrono>
#include <cstdint>

namespace sauda {

/// Decides durations and deadlines; never shown to anyone.
using Monotonic = std::chrono::steady_clock::time_point;

/// The only way that core code reads time. Tests pass a ManualClock (tests/support).
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Monotonic Now() const = 0;

  /// Nanoseconds since the Unix epoch, UTC, by this machine's wall clock.
  virtual std::int64_t UtcNs() const = 0;
};

class SystemClock final : public Clock {
 public:
  Monotonic Now() const override { return std::chrono::steady_clock::now(); }
  std::int64_t UtcNs() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace sauda
