#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "libs/base/clock.hpp"

namespace sauda::feed {

/// One line in ten seconds, with what was left out since the last. Used by one thread.
class RareLog {
 public:
  /// How many were left out before this one; absent: leave this one out too.
  std::optional<std::uint64_t> Due(Monotonic now) {
    if (last_ && now - *last_ < std::chrono::seconds{10}) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  std::optional<Monotonic> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace sauda::feed
