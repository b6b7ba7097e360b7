#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
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
  /// Trades are missing from `from_ms` to `to_ms` (since the Unix epoch). The volume at the edge of
  /// the first minute with a trade after it may be theirs. Bars that it touches say so themselves.
  void MarkGap(std::int64_t from_ms, std::int64_t to_ms) { gap_ = {from_ms, to_ms}; }
  /// Forgets all minutes, and what it was told of gaps.
  void Forget();

  /// Mean close of the last `period` minutes: 20, 50 or 200.
  double Average(std::uint32_t period) const;
  /// Volume of the last minute over the mean of the 20 before it; absent when those had none, or
  /// the volume of one of them or of the last may be another minute's, because of a gap.
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
    bool volume_known = true;  // it is the minute's own
  };

  static constexpr std::array<std::uint32_t, 3> kPeriods{20, 50, 200};

  const Minute* Before(std::int64_t at_ms, std::uint32_t minutes) const;
  bool KnowsVolume(const Candle& bar, std::vector<Minute>::const_iterator place) const;
  void Refresh();
  double RatioOfVolumes() const;

  std::vector<Minute> minutes_;  // oldest first
  std::size_t capacity_ = 1;
  std::array<double, kPeriods.size()> averages_{kAbsent, kAbsent, kAbsent};
  double volume_ratio_ = kAbsent;
  std::optional<Span> gap_;  // the last one; Span's end is included here
};

}  // namespace sauda::feed
