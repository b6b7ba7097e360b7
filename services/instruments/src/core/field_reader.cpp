#include "services/instruments/src/core/field_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kMaxKeyName = 100;
constexpr std::size_t kMaxText = 200;
constexpr std::int64_t kMaxQuantity = 1'000'000'000;
constexpr std::int64_t kFirstExpiryMs = 946'684'800'000;   // 2000-01-01
constexpr std::int64_t kLastExpiryMs = 4'102'444'800'000;  // 2100-01-01

using Type = RawValue::Type;

Error RefuseField(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

std::string FieldName(Field field) {
  return std::string{kFieldNames[static_cast<std::size_t>(field)]};
}

}  // namespace

Result<Segment> FieldReader::Key(std::string& out) const {
  const RawValue& value = record_[Field::kKey];
  if (value.type == Type::kAbsent || (value.type == Type::kText && value.text.empty())) {
    return RefuseField("KEY_MISSING", "instrument_key is missing");
  }
  if (value.type != Type::kText)
    return RefuseField("KEY_MALFORMED", "instrument_key is not a text");
  const std::string_view key = value.text;
  const std::size_t bar = key.find('|');
  const std::string_view name = bar == std::string_view::npos ? "" : key.substr(bar + 1);
  const bool sound = !name.empty() && name.size() <= kMaxKeyName && IsPrintable(name) &&
                     name.find_first_of("|,") == std::string_view::npos;
  if (!sound) return RefuseField("KEY_MALFORMED", "'" + Shown(key) + "' is not <segment>|<name>");
  const auto segment = FindSegment(key.substr(0, bar));
  if (!segment) {
    return RefuseField("SEGMENT_UNKNOWN", "'" + Shown(key) + "' is in no known segment");
  }
  out.assign(key);
  return *segment;
}

Result<void> FieldReader::Text(Field field, bool required, std::string& out) const {
  const RawValue& value = record_[field];
  out.clear();
  if (value.type == Type::kAbsent || (value.type == Type::kText && value.text.empty())) {
    if (required) return Missing(field);
    return {};
  }
  if (value.type != Type::kText) return Invalid(field, "is not a text");
  if (value.text.size() > kMaxText) return Invalid(field, "is too long");
  if (!IsPrintable(value.text)) return Invalid(field, "has control characters or is not UTF-8");
  out.assign(value.text);
  return {};
}

Result<void> FieldReader::Number(Field field, bool required, Decimal& out) const {
  const RawValue& value = record_[field];
  out = {};
  if (value.type == Type::kAbsent) {
    if (required) return Missing(field);
    return {};
  }
  if (value.type != Type::kNumber) return Invalid(field, "is not a number");
  const auto parsed = Decimal::Parse(value.text);
  if (!parsed) return Invalid(field, parsed.error().message.c_str());
  out = *parsed;
  return {};
}

Result<void> FieldReader::Quantity(Field field, bool required, std::int64_t least,
                                   std::int64_t& out) const {
  Decimal number;
  out = 0;
  if (auto read = Number(field, required, number); !read || !Has(field)) return read;
  if (!number.IsMultipleOf(Decimal::FromUnits(1))) return Invalid(field, "is not whole");
  out = number.nanos() / Decimal::kNanosPerUnit;
  if (out < least || out > kMaxQuantity) return Invalid(field, "is out of range");
  return {};
}

Result<void> FieldReader::Expiry(bool required, std::int64_t& out) const {
  const RawValue& value = record_[Field::kExpiry];
  out = 0;
  if (value.type == Type::kAbsent) {
    if (required) return Missing(Field::kExpiry);
    return {};
  }
  const bool digits = !value.text.empty() && value.text.size() <= 13 &&
                      std::all_of(value.text.begin(), value.text.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (value.type != Type::kNumber || !digits) {
    return Invalid(Field::kExpiry, "is not milliseconds since the epoch");
  }
  for (const char c : value.text) out = out * 10 + (c - '0');
  if (out < kFirstExpiryMs || out > kLastExpiryMs) {
    return Invalid(Field::kExpiry, "is not between 2000 and 2100");
  }
  return {};
}

Error FieldReader::Missing(Field field) {
  return RefuseField("FIELD_MISSING", FieldName(field) + " is missing");
}

Error FieldReader::Invalid(Field field, const char* what) {
  return RefuseField("FIELD_INVALID", FieldName(field) + " " + what);
}

}  // namespace sauda::instruments
