#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sauda::feed {

/// How an instrument ticks: the spacing that 99 of 100 ticks keep to, of its last some thousand.
/// Not thread-safe.
class Cadence {
 public:
  /// The time since the tick before; less than nothing counts as nothing.
  void Add(std::chrono::nanoseconds spacing);

  /// Rounded up, by at most a fifth. Absent: too few ticks to say.
  std::optional<std::chrono::nanoseconds> P99() const;

 private:
  static constexpr std::uint32_t kEnough = 100;      // to say anything
  static constexpr std::uint32_t kForgetAt = 4'096;  // then each counts half
  /// Four for each doubling, from 10 ms; the last takes all that is longer than about 10 minutes.
  static constexpr std::size_t kBuckets = 64;

  std::array<std::uint16_t, kBuckets> counts_{};
  std::uint32_t total_ = 0;
};

}  // namespace sauda::feed
