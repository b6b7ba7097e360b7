#include "libs/base/decimal_rounding.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace sauda {
namespace {

constexpr int kDecimals = 9;

template <typename... Format>
Result<Decimal> ParseText(double number, Format... format) {
  std::array<char, std::numeric_limits<double>::max_exponent10 + 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, format...);
  if (error != std::errc{}) return Decimal::Parse({});
  return Decimal::Parse({text.data(), static_cast<std::size_t>(end - text.data())});
}

bool IsTooFine(const Result<Decimal>& parsed) {
  return !parsed && parsed.error().reason == "DECIMAL_TOO_FINE";
}

}  // namespace

Result<Decimal> RoundedDecimal(double number) {
  auto exact = ParseText(number);
  const bool tiny = number > -1.0 && number < 1.0;  // its exponent may be out of Parse's range
  if (exact || !(IsTooFine(exact) || tiny)) return exact;
  return ParseText(number, std::chars_format::fixed, kDecimals);
}

Result<Decimal> RoundedDecimal(std::string_view text) {
  auto exact = Decimal::Parse(text);
  if (!IsTooFine(exact)) return exact;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return exact;
  return RoundedDecimal(number);
}

}  // namespace sauda
