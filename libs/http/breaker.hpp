#pragma once

#include <chrono>
#include <cstdint>

#include "libs/base/clock.hpp"

namespace sauda::http {

/// A circuit breaker: after some failures in a row it refuses for a while, then lets one call try.
/// That one decides: success closes it, failure opens it again. Not thread-safe; its owner locks.
class Breaker {
 public:
  struct Limits {
    std::uint32_t failures = 5;  // in a row, that open it
    std::chrono::milliseconds open_for{10'000};
  };
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  explicit Breaker(Limits limits) : limits_{limits} {}

  /// Whether a call may be made now. True must be followed by one of the three below.
  [[nodiscard]] bool TryEnter(Monotonic now);

  void Succeeded();
  void Failed(Monotonic now);
  /// The call said nothing about the peer: it was given up on this side.
  void Abandoned() { trying_ = false; }

  State state(Monotonic now) const;
  /// Of one that is not closed: before that it lets nobody try. May have passed: somebody tries.
  Monotonic until() const { return until_; }
  /// How often it has opened.
  std::uint64_t opened() const { return opened_; }

 private:
  Limits limits_;
  std::uint32_t failures_ = 0;
  bool open_ = false;
  bool trying_ = false;  // the one call of a half-open breaker is under way
  Monotonic until_;      // while open_
  std::uint64_t opened_ = 0;
};

}  // namespace sauda::http
