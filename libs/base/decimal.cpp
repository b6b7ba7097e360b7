#include "libs/base/decimal.hpp"

#include <charconv>
#include <limits>

namespace sauda {
namespace {

constexpr int kScale = 9;
constexpr int kMaxExponent = 40;  // far beyond the range; keeps the arithmetic below small

Error Refuse(const char* reason, std::string_view text, const char* why) {
  return {Code::kInvalidArgument, reason,
          "'" + std::string{text.substr(0, 40)} + "' is not a decimal: " + why};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The parts of "-12.50e1": sign, digits "1250", and the power of ten of the last digit.
struct Parts {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

Result<Parts> Split(std::string_view text) {
  Parts parts;
  std::string_view rest = text;
  if (rest.starts_with('-')) {
    parts.negative = true;
    rest.remove_prefix(1);
  }
  const auto take_digits = [&] {
    std::size_t taken = 0;
    while (taken < rest.size() && IsDigit(rest[taken])) ++taken;
    parts.digits.append(rest.substr(0, taken));
    rest.remove_prefix(taken);
    return static_cast<int>(taken);
  };
  if (take_digits() == 0) return Refuse("DECIMAL_MALFORMED", text, "no digits");
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const int decimals = take_digits();
    if (decimals == 0) return Refuse("DECIMAL_MALFORMED", text, "no digits after the point");
    parts.exponent = -decimals;
  }
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    if (rest.starts_with('+')) rest.remove_prefix(1);
    int power = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), power);
    if (error != std::errc{}) return Refuse("DECIMAL_MALFORMED", text, "bad exponent");
    if (power > kMaxExponent || power < -kMaxExponent) {
      return Refuse("DECIMAL_OUT_OF_RANGE", text, "exponent too large");
    }
    parts.exponent += power;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  if (!rest.empty()) return Refuse("DECIMAL_MALFORMED", text, "unexpected character");
  return parts;
}

}  // namespace

Result<Decimal> Decimal::Parse(std::string_view text) {
  auto parts = Split(text);
  if (!parts) return parts.error();
  std::string& digits = parts->digits;
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return Decimal{};
  int shift = parts->exponent + kScale;  // zeros to append, or digits to take off
  for (; shift < 0 && !digits.empty() && digits.back() == '0'; ++shift) digits.pop_back();
  if (shift < 0) return Refuse("DECIMAL_TOO_FINE", text, "more than nine decimals");
  digits.append(static_cast<std::size_t>(shift), '0');
  std::int64_t nanos = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), nanos);
  if (error != std::errc{}) return Refuse("DECIMAL_OUT_OF_RANGE", text, "too large");
  return Decimal{parts->negative ? -nanos : nanos};
}

std::string Decimal::ToString() const {
  const bool negative = nanos_ < 0;
  // Unsigned, so that the smallest number has a magnitude too.
  const std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(nanos_) + 1 : static_cast<std::uint64_t>(nanos_);
  std::string text = std::to_string(magnitude);
  if (text.size() <= kScale) text.insert(0, kScale + 1 - text.size(), '0');
  text.insert(text.size() - kScale, 1, '.');
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return negative ? "-" + text : text;
}

}  // namespace sauda
