#include "libs/base/amount.hpp"

#include <algorithm>
#include <limits>

#include "libs/base/check.hpp"

namespace sauda {
namespace {

constexpr std::size_t kAmountDecimals = 9;
constexpr std::size_t kMostUnitDigits = 18;

Error RefuseAmount(const char* reason, std::string_view text, const char* why) {
  return {Code::kInvalidArgument, reason,
          "'" + std::string{text.substr(0, 40)} + "' is no sum of money: " + why};
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

/// To the nearest whole number, halves away from zero.
Amount Amount::Divided(Wide nanos, Wide by) {
  const Wide half = by / 2;
  return Amount{(nanos < 0 ? nanos - half : nanos + half) / by};
}

Result<Amount> Amount::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::size_t point = std::min(rest.find('.'), rest.size());
  std::string_view units = rest.substr(0, point);
  std::string_view decimals = rest.substr(std::min(point + 1, rest.size()));
  const bool sound = !units.empty() && AllDigits(units) && AllDigits(decimals) &&
                     decimals.empty() == (point == rest.size());
  if (!sound) return RefuseAmount("AMOUNT_MALFORMED", text, "not digits with a point between");
  units.remove_prefix(std::min(units.find_first_not_of('0'), units.size()));
  if (units.size() > kMostUnitDigits) return RefuseAmount("AMOUNT_OUT_OF_RANGE", text, "too large");
  while (decimals.ends_with('0')) decimals.remove_suffix(1);
  if (decimals.size() > kAmountDecimals) {
    return RefuseAmount("AMOUNT_TOO_FINE", text, "more than nine decimals");
  }
  Wide nanos = 0;
  for (const char c : units) nanos = nanos * 10 + (c - '0');
  for (std::size_t i = 0; i < kAmountDecimals; ++i) {
    nanos = nanos * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  }
  return Amount{negative ? -nanos : nanos};
}

std::string Amount::ToString() const {
  std::string text;  // from its end
  Wide rest = nanos_ < 0 ? -nanos_ : nanos_;
  for (std::size_t place = 0; place <= kAmountDecimals || rest != 0; ++place) {
    if (place == kAmountDecimals) text.push_back('.');
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  text.erase(0, text.find_first_not_of('0'));
  if (text.front() == '.') text.erase(0, 1);
  if (nanos_ < 0) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

double Amount::ToDouble() const {
  return static_cast<double>(nanos_) / static_cast<double>(Decimal::kNanosPerUnit);
}

Amount Amount::Share(Decimal rate) const {
  return Divided(nanos_ * rate.nanos(), Decimal::kNanosPerUnit);
}

Amount Amount::Per(std::int64_t count) const {
  Check(count > 0, "a mean is of something");
  return Divided(nanos_, count);
}

Amount Amount::RoundedTo(Decimal step) const {
  Check(step > Decimal{}, "a step is above 0");
  return Amount{Divided(nanos_, step.nanos()).nanos_ * step.nanos()};
}

Result<Decimal> Amount::ToDecimal() const {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (nanos_ > kMost || nanos_ < -kMost) {
    return RefuseAmount("AMOUNT_OUT_OF_RANGE", ToString(), "too large for a price");
  }
  return Decimal::FromNanos(static_cast<std::int64_t>(nanos_));
}

}  // namespace sauda
