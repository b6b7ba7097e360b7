#pragma once

#include <cstdint>

#include "services/feed/src/core/alerts/alert_rule.hpp"

namespace sauda::feed {

/// Whether a rule is armed, and when it fires. Not thread-safe.
class Trigger {
 public:
  explicit Trigger(const AlertRule& rule)
      : sign_{rule.direction == Direction::kAbove ? 1.0 : -1.0},
        level_{sign_ * rule.level},
        rearm_{sign_ * rule.level - rule.hysteresis} {}

  /// Takes the next number, a finite one. True: the rule fires.
  bool Take(double number) {
    const double height = sign_ * number;
    if (height >= level_) {
      const bool fires = side_ == Side::kArmed;
      side_ = Side::kResting;
      return fires;
    }
    if (side_ == Side::kUnknown || height < rearm_) side_ = Side::kArmed;
    return false;
  }

  /// Whether it has taken a number.
  bool knows_side() const { return side_ != Side::kUnknown; }

 private:
  enum class Side : std::uint8_t { kUnknown, kArmed, kResting };

  double sign_;
  double level_;  // the two as heights: rising is towards the level
  double rearm_;
  Side side_ = Side::kUnknown;
};

}  // namespace sauda::feed
