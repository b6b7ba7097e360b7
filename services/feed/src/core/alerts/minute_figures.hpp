#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "services/feed/src/core/alerts/alert_rule.hpp"
#include "services/feed/src/core/candle.hpp"

namespace sauda::feed {

/// The newest completed minutes of one instrument and the figures that rules want of them. Figures
/// are NaN while there is too little for them. Bounded by what Need was told. Not thread-safe.
class MinuteFigures {
 public:
  static constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

  /// Keeps at least so many minutes from now on.
  void Need(std::size_t minutes);

  /// Takes a bar of one complete minute; the same minute again replaces it.
  void Put(const Candle& bar);

  /// Mean close of the last `period` minutes: 20, 50 or 200.
  double Average(std::uint32_t period) const;
  /// Volume of the last minute over the mean of the 20 before it; absent when those had none.
  double VolumeRatio() const { return volume_ratio_; }

  /// As of `minutes` before `at_ms` (since the Unix epoch): what the last minute that had ended by
  /// then ended with. Absent when that was on another day (IST).
  double CloseBefore(std::int64_t at_ms, std::uint32_t minutes) const;
  double OpenInterestBefore(std::int64_t at_ms, std::uint32_t minutes) const;

  std::size_t size() const { return minutes_.size(); }

 private:
  struct Minute {
    std::int64_t start_ms = 0;
    double close = 0;
    double open_interest = 0;
    double volume = 0;
  };

  static constexpr std::array<std::uint32_t, 3> kPeriods{20, 50, 200};

  const Minute* Before(std::int64_t at_ms, std::uint32_t minutes) const;
  void Refresh();

  std::vector<Minute> minutes_;  // oldest first
  std::size_t capacity_ = 1;
  std::array<double, kPeriods.size()> averages_{kAbsent, kAbsent, kAbsent};
  double volume_ratio_ = kAbsent;
};

}  // namespace sauda::feed
