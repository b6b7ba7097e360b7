#include "services/instruments/src/core/read_instrument.hpp"

#include <algorithm>
#include <string>

#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kMaxKeyName = 100;
constexpr std::size_t kMaxText = 200;
constexpr std::int64_t kMaxQuantity = 1'000'000'000;
constexpr std::int64_t kFirstExpiryMs = 946'684'800'000;   // 2000-01-01
constexpr std::int64_t kLastExpiryMs = 4'102'444'800'000;  // 2100-01-01

using Type = RawValue::Type;

Error Refuse(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

/// Reads the fields of one record; every method gives the reason and names the field.
class Reader {
 public:
  explicit Reader(const RawRecord& record) : record_{record} {}

  bool Has(Field field) const { return record_[field].type != Type::kAbsent; }

  Result<void> Text(Field field, bool required, std::string& out) const {
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

  /// Zero when absent and not required.
  Result<void> Number(Field field, bool required, Decimal& out) const {
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

  /// A quantity: 1755 or 1755.0, from `least` up.
  Result<void> Quantity(Field field, bool required, std::int64_t least, std::int64_t& out) const {
    Decimal number;
    out = 0;
    if (auto read = Number(field, required, number); !read || !Has(field)) return read;
    if (!number.IsMultipleOf(Decimal::FromUnits(1))) return Invalid(field, "is not whole");
    out = number.nanos() / Decimal::kNanosPerUnit;
    if (out < least || out > kMaxQuantity) return Invalid(field, "is out of range");
    return {};
  }

  /// Milliseconds since the epoch: beyond the range of a Decimal.
  Result<void> Expiry(bool required, std::int64_t& out) const {
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

  static Error Missing(Field field) { return Refuse("FIELD_MISSING", Name(field) + " is missing"); }
  static Error Invalid(Field field, const char* what) {
    return Refuse("FIELD_INVALID", Name(field) + " " + what);
  }

 private:
  static std::string Name(Field field) {
    return std::string{kFieldNames[static_cast<std::size_t>(field)]};
  }
  const RawRecord& record_;
};

Result<void> ReadKey(const RawRecord& record, Instrument& out) {
  const RawValue& value = record[Field::kKey];
  if (value.type == Type::kAbsent || (value.type == Type::kText && value.text.empty())) {
    return Refuse("KEY_MISSING", "instrument_key is missing");
  }
  if (value.type != Type::kText) return Refuse("KEY_MALFORMED", "instrument_key is not a text");
  const std::string_view key = value.text;
  const std::string shown = Shown(key);
  const std::size_t bar = key.find('|');
  const std::string_view name = bar == std::string_view::npos ? "" : key.substr(bar + 1);
  const bool sound = !name.empty() && name.size() <= kMaxKeyName && IsPrintable(name) &&
                     name.find_first_of("|,") == std::string_view::npos;
  if (!sound) return Refuse("KEY_MALFORMED", "'" + shown + "' is not <segment>|<name>");
  const auto segment = FindSegment(key.substr(0, bar));
  if (!segment) return Refuse("SEGMENT_UNKNOWN", "'" + shown + "' is in no known segment");
  out.key.assign(key);
  out.segment = *segment;
  return {};
}

Result<Kind> KindOf(SegmentClass segment_class, const std::string& type) {
  const Error unknown =
      Reader::Invalid(Field::kType, ("'" + Shown(type) + "' does not fit the segment").c_str());
  if (segment_class == SegmentClass::kCash) return Kind::kEquity;
  if (segment_class == SegmentClass::kIndex) {
    if (type == "INDEX") return Kind::kIndex;
    return unknown;
  }
  if (type == "FUT") return Kind::kFuture;
  if (type == "CE" || type == "PE") return Kind::kOption;
  if (type == "COM" && segment_class == SegmentClass::kCommodity) return Kind::kSpot;
  return unknown;
}

Result<void> ReadTexts(const Reader& reader, const RawRecord& record, Instrument& out) {
  const SegmentFacts& facts = kSegments[out.segment];
  std::string segment;
  if (auto read = reader.Text(Field::kSegment, true, segment); !read) return read;
  if (!FindSegment(segment)) {
    return Refuse("SEGMENT_UNKNOWN", "'" + Shown(segment) + "' is no known segment");
  }
  if (segment != facts.name) return Reader::Invalid(Field::kSegment, "is not that of the key");
  if (auto read = reader.Text(Field::kExchange, true, out.exchange); !read) return read;
  if (!facts.exchange.empty() && out.exchange != facts.exchange) {
    return Reader::Invalid(Field::kExchange, "is not that of the segment");
  }
  if (auto read = reader.Text(Field::kType, true, out.type); !read) return read;
  const auto kind = KindOf(facts.kind, out.type);
  if (!kind) return kind.error();
  out.kind = *kind;
  if (auto read = reader.Text(Field::kSymbol, true, out.symbol); !read) return read;
  if (auto read = reader.Text(Field::kName, true, out.name); !read) return read;
  if (auto read = reader.Text(Field::kShortName, false, out.short_name); !read) return read;
  if (auto read = reader.Text(Field::kToken, true, out.token); !read) return read;
  if (auto read = reader.Text(Field::kIsin, false, out.isin); !read) return read;
  if (auto read = reader.Text(Field::kUnderlyingKey, false, out.underlying_key); !read) return read;
  const auto& weekly = record[Field::kWeekly];
  if (weekly.type != Type::kAbsent && weekly.type != Type::kBool) {
    return Reader::Invalid(Field::kWeekly, "is not true or false");
  }
  out.weekly = weekly.type == Type::kBool && weekly.text == "true";
  return reader.Text(Field::kUnderlyingSymbol, false, out.underlying_symbol);
}

Result<void> ReadTick(const Reader& reader, TickUnit unit, Instrument& out) {
  const SegmentClass segment_class = kSegments[out.segment].kind;
  const bool tradable = segment_class != SegmentClass::kIndex;
  Decimal tick;
  if (auto read = reader.Number(Field::kTickSize, tradable, tick); !read) return read;
  if (reader.Has(Field::kTickSize) && tick <= Decimal{}) {
    return Reader::Invalid(Field::kTickSize, "is not above zero");
  }
  const bool rupees =
      unit == TickUnit::kRupeesForEquities &&
      (segment_class == SegmentClass::kCash || segment_class == SegmentClass::kEquityDerivative);
  if (!rupees && tick.nanos() % 100 != 0) {
    return Reader::Invalid(Field::kTickSize, "is too fine");
  }
  out.tick_size = rupees ? tick : Decimal::FromNanos(tick.nanos() / 100);
  return {};
}

Result<void> ReadNumbers(const Reader& reader, TickUnit unit, Instrument& out) {
  const bool tradable = out.kind != Kind::kIndex;
  const bool expires = out.kind == Kind::kFuture || out.kind == Kind::kOption;
  if (auto read = reader.Quantity(Field::kLotSize, tradable, 1, out.lot_size); !read) return read;
  if (auto read = reader.Quantity(Field::kFreezeQuantity, false, 0, out.freeze_quantity); !read) {
    return read;
  }
  if (auto read = ReadTick(reader, unit, out); !read) return read;
  if (auto read = reader.Number(Field::kMultiplier, false, out.quantity_multiplier); !read) {
    return read;
  }
  if (reader.Has(Field::kMultiplier) && out.quantity_multiplier <= Decimal{}) {
    return Reader::Invalid(Field::kMultiplier, "is not above zero");
  }
  if (auto read = reader.Expiry(expires, out.expiry_ms); !read) return read;
  if (!expires && out.expiry_ms != 0) {
    return Reader::Invalid(Field::kExpiry, "is given for what does not expire");
  }
  if (auto read = reader.Number(Field::kStrike, out.kind == Kind::kOption, out.strike); !read) {
    return read;
  }
  // Futures and spots carry 0.0. An option's strike may be any number above zero.
  const bool fits = out.kind == Kind::kOption ? out.strike > Decimal{} : out.strike == Decimal{};
  if (!fits) return Reader::Invalid(Field::kStrike, "does not fit the instrument's type");
  return {};
}

}  // namespace

Result<void> ReadInstrument(const RawRecord& record, TickUnit unit, Instrument& out) {
  const Reader reader{record};
  out.key.clear();
  if (auto read = ReadKey(record, out); !read) return read;
  if (auto read = ReadTexts(reader, record, out); !read) return read;
  return ReadNumbers(reader, unit, out);
}

}  // namespace sauda::instruments
