#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/calendar/ist.hpp"

namespace sauda::orders::portfolio {

using calendar::IstDate;

/// Days from one to another, both included.
struct Period {
  IstDate from;
  IstDate to;

  bool Contains(IstDate day) const { return from <= day && day <= to; }
  friend bool operator==(const Period&, const Period&) = default;
};

/// An Indian financial year, April to March.
struct FinancialYear {
  int begins = 1970;  ///< the year of its April

  static FinancialYear Of(IstDate day);
  /// Reads the broker's form: `2526` is April 2025 to March 2026. Fails with kInvalidArgument /
  /// FINANCIAL_YEAR_INVALID.
  static Result<FinancialYear> Parse(std::string_view text);

  std::string ToString() const;  ///< `2526`
  Period period() const;

  friend auto operator<=>(const FinancialYear&, const FinancialYear&) = default;
};

/// What a report is asked for by; absent: not by that.
struct Span {
  std::optional<FinancialYear> year;
  std::optional<IstDate> from;  ///< included
  std::optional<IstDate> to;    ///< included
};

/// The days that are in all of what is asked for. Fails with kInvalidArgument / DATES_INVALID: no
/// day is.
Result<Period> PeriodOf(const Span& span);

}  // namespace sauda::orders::portfolio
