#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sauda::feed {

/// How far the market's clock was from this machine's, and when: for telling at which time of the
/// market something happened that is known by the time of receiving. With a real broker it is the
/// way of a frame, with the simulator it may be years. Remembers the last kSteps steps of more than
/// kStepMs; a plain value. Milliseconds since the Unix epoch.
class MarketOffset {
 public:
  static constexpr std::size_t kSteps = 8;
  static constexpr std::int64_t kStepMs = 2'000;

  /// At `received_ms` the market's clock showed `market_ms`. Calls rise in the time of receiving.
  void Observe(std::int64_t received_ms, std::int64_t market_ms) {
    const std::int64_t offset_ms = market_ms - received_ms;
    if (count_ > 0) {
      const std::int64_t moved_ms = offset_ms - steps_[count_ - 1].offset_ms;
      if (moved_ms <= kStepMs && moved_ms >= -kStepMs) return;
    }
    if (count_ == kSteps) {
      for (std::size_t i = 1; i < kSteps; ++i) steps_[i - 1] = steps_[i];
      --count_;
    }
    steps_[count_++] = {received_ms, offset_ms};
  }

  /// The market's time at `received_ms`; the same when nothing was observed yet.
  std::int64_t MarketMs(std::int64_t received_ms) const {
    std::size_t i = count_;
    while (i > 1 && steps_[i - 1].from_ms > received_ms) --i;
    return received_ms + (i == 0 ? 0 : steps_[i - 1].offset_ms);
  }

 private:
  struct Step {
    std::int64_t from_ms = 0;
    std::int64_t offset_ms = 0;
  };
  std::array<Step, kSteps> steps_{};  // oldest first
  std::size_t count_ = 0;
};

}  // namespace sauda::feed
