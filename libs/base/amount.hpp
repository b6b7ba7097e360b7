#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"

namespace sauda {

/// An exact sum of money in rupees, in steps of 10^-9: values of trades, profits, charges. Never
/// made from a double. Wide enough that no price times no quantity leaves it (about ±1.7 * 10^29).
class Amount {
 public:
  constexpr Amount() = default;
  constexpr Amount(Decimal rupees)
      : nanos_{rupees.nanos()} {}  // NOLINT(google-explicit-constructor): a wider number
  static constexpr Amount FromPaise(std::int64_t paise) { return Amount{Wide{paise} * 10'000'000}; }
  /// What so many units cost at a price.
  static constexpr Amount Of(Decimal price, std::int64_t quantity) {
    return Amount{Wide{price.nanos()} * quantity};
  }

  /// Reads decimal text, "-1234567890123.45"; no exponent. Fails with kInvalidArgument /
  /// AMOUNT_MALFORMED, AMOUNT_OUT_OF_RANGE (over 10^18 rupees) or AMOUNT_TOO_FINE.
  static Result<Amount> Parse(std::string_view text);

  /// The shortest text that reads back as the same sum.
  std::string ToString() const;
  /// For display and for the broker's JSON.
  double ToDouble() const;

  /// A rate's share of it, `Decimal` 0.001 being a tenth of a percent; to the nearest 10^-9, halves
  /// away from zero. Exact up to 10^18 rupees and rates up to 10.
  Amount Share(Decimal rate) const;
  /// The mean of so many, above 0, likewise rounded.
  Amount Per(std::int64_t count) const;
  /// The nearest multiple of a step above 0 (0.01: whole paise), halves away from zero.
  Amount RoundedTo(Decimal step) const;
  /// Fails with kInvalidArgument / AMOUNT_OUT_OF_RANGE when a Decimal does not reach so far.
  Result<Decimal> ToDecimal() const;

  friend constexpr auto operator<=>(Amount, Amount) = default;
  friend constexpr Amount operator+(Amount a, Amount b) { return Amount{a.nanos_ + b.nanos_}; }
  friend constexpr Amount operator-(Amount a, Amount b) { return Amount{a.nanos_ - b.nanos_}; }
  friend constexpr Amount operator-(Amount a) { return Amount{-a.nanos_}; }
  friend constexpr Amount operator*(Amount a, std::int64_t times) {
    return Amount{a.nanos_ * times};
  }
  constexpr Amount& operator+=(Amount other) { return *this = *this + other; }
  constexpr Amount& operator-=(Amount other) { return *this = *this - other; }

 private:
  __extension__ using Wide = __int128;

  explicit constexpr Amount(Wide nanos) : nanos_{nanos} {}
  static Amount Divided(Wide nanos, Wide by);

  Wide nanos_ = 0;
};

}  // namespace sauda
