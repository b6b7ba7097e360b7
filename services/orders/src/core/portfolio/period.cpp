#include "services/orders/src/core/portfolio/period.hpp"

#include <algorithm>

namespace sauda::orders::portfolio {
namespace {

constexpr int kCentury = 2000;
constexpr IstDate kFirstDay{.year = kCentury, .month = 1, .day = 1};
constexpr IstDate kLastDay{.year = kCentury + 99, .month = 12, .day = 31};

/// Two digits, or absent.
std::optional<int> TwoDigits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

std::string TwoDigits(int number) {
  const int rest = number % 100;
  return {static_cast<char>('0' + rest / 10), static_cast<char>('0' + rest % 10)};
}

}  // namespace

FinancialYear FinancialYear::Of(IstDate day) {
  return {.begins = day.month >= 4 ? day.year : day.year - 1};
}

Result<FinancialYear> FinancialYear::Parse(std::string_view text) {
  const auto first = TwoDigits(text.substr(0, std::min<std::size_t>(2, text.size())));
  const auto second = TwoDigits(text.substr(std::min<std::size_t>(2, text.size())));
  if (!first || !second || *second != (*first + 1) % 100) {
    return Error{Code::kInvalidArgument, "FINANCIAL_YEAR_INVALID",
                 "'" + std::string{text.substr(0, 20)} +
                     "' is no financial year: two years in a row, two digits each, such as 2526"};
  }
  return FinancialYear{.begins = kCentury + *first};
}

std::string FinancialYear::ToString() const { return TwoDigits(begins) + TwoDigits(begins + 1); }

Period FinancialYear::period() const {
  return {.from = {.year = begins, .month = 4, .day = 1},
          .to = {.year = begins + 1, .month = 3, .day = 31}};
}

Result<Period> PeriodOf(const Span& span) {
  Period period = span.year ? span.year->period() : Period{.from = kFirstDay, .to = kLastDay};
  if (span.from) period.from = std::max(period.from, *span.from);
  if (span.to) period.to = std::min(period.to, *span.to);
  if (period.from > period.to) {
    return Error{
        Code::kInvalidArgument, "DATES_INVALID",
        "no day is asked for: " + period.from.ToString() + " is after " + period.to.ToString()};
  }
  return period;
}

}  // namespace sauda::orders::portfolio
