#pragma once

#include <chrono>

#include "libs/base/clock.hpp"

namespace sauda::orders {

/// Room for cancels that nobody else may take: so many a second, of this process alone, so that a
/// kill needs no Redis (design 4.6). Owned by one thread; not thread-safe.
class CancelReserve {
 public:
  explicit CancelReserve(int per_second)
      : apart_{std::chrono::nanoseconds{std::chrono::seconds{1}} / per_second} {}

  /// When the next call may leave; takes that place. Never two closer together than a second has
  /// room for.
  Monotonic Next(Monotonic now) {
    const Monotonic at = now > free_at_ ? now : free_at_;
    free_at_ = at + apart_;
    return at;
  }

 private:
  const std::chrono::nanoseconds apart_;
  Monotonic free_at_{};
};

}  // namespace sauda::orders
