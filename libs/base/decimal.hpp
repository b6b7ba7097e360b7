#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda {

/// An exact decimal number in steps of 10^-9: order prices, money, charges, strikes. Never made
/// from a double. Range about ±9.2 * 10^9.
class Decimal {
 public:
  static constexpr std::int64_t kNanosPerUnit = 1'000'000'000;

  constexpr Decimal() = default;
  static constexpr Decimal FromNanos(std::int64_t nanos) { return Decimal{nanos}; }
  static constexpr Decimal FromUnits(std::int64_t units) { return Decimal{units * kNanosPerUnit}; }

  /// Reads a JSON number or its text: "1512.45", "-0.05", "1e3", "2.5E-1". At most nine decimals
  /// may be significant. Fails with kInvalidArgument / DECIMAL_MALFORMED, DECIMAL_OUT_OF_RANGE or
  /// DECIMAL_TOO_FINE.
  static Result<Decimal> Parse(std::string_view text);

  /// The shortest text that reads back as the same number: "1512.45", "-0.05", "1000".
  std::string ToString() const;

  /// For display and for the broker's JSON; exact up to 15 significant digits.
  double ToDouble() const {
    return static_cast<double>(nanos_) / static_cast<double>(kNanosPerUnit);
  }

  constexpr std::int64_t nanos() const { return nanos_; }
  constexpr bool IsMultipleOf(Decimal step) const {
    return step.nanos_ != 0 && nanos_ % step.nanos_ == 0;
  }

  friend constexpr auto operator<=>(Decimal, Decimal) = default;
  friend constexpr Decimal operator+(Decimal a, Decimal b) { return Decimal{a.nanos_ + b.nanos_}; }
  friend constexpr Decimal operator-(Decimal a, Decimal b) { return Decimal{a.nanos_ - b.nanos_}; }
  friend constexpr Decimal operator*(Decimal a, std::int64_t times) {
    return Decimal{a.nanos_ * times};
  }

 private:
  explicit constexpr Decimal(std::int64_t nanos) : nanos_{nanos} {}
  std::int64_t nanos_ = 0;
};

}  // namespace sauda
