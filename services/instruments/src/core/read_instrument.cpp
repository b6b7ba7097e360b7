#include "services/instruments/src/core/read_instrument.hpp"

#include <string>

#include "services/instruments/src/core/field_reader.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

Result<Kind> KindOf(SegmentClass segment_class, const std::string& type) {
  const bool index = segment_class == SegmentClass::kIndex;
  if (segment_class == SegmentClass::kCash) return Kind::kEquity;
  if (index && type == "INDEX") return Kind::kIndex;
  if (!index && type == "FUT") return Kind::kFuture;
  if (!index && (type == "CE" || type == "PE")) return Kind::kOption;
  if (type == "COM" && segment_class == SegmentClass::kCommodity) return Kind::kSpot;
  return FieldReader::Invalid(Field::kType,
                              ("'" + Shown(type) + "' does not fit the segment").c_str());
}

Result<void> ReadTexts(const FieldReader& reader, const RawRecord& record, Instrument& out) {
  const SegmentFacts& facts = kSegments[out.segment];
  std::string segment;
  if (auto read = reader.Text(Field::kSegment, true, segment); !read) return read;
  if (!FindSegment(segment)) {
    return Error{Code::kInvalidArgument, "SEGMENT_UNKNOWN",
                 "'" + Shown(segment) + "' is no known segment"};
  }
  if (segment != facts.name) return FieldReader::Invalid(Field::kSegment, "is not that of the key");
  if (auto read = reader.Text(Field::kExchange, true, out.exchange); !read) return read;
  if (!facts.exchange.empty() && out.exchange != facts.exchange) {
    return FieldReader::Invalid(Field::kExchange, "is not that of the segment");
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
  if (weekly.type != RawValue::Type::kAbsent && weekly.type != RawValue::Type::kBool) {
    return FieldReader::Invalid(Field::kWeekly, "is not true or false");
  }
  out.weekly = weekly.type == RawValue::Type::kBool && weekly.text == "true";
  return reader.Text(Field::kUnderlyingSymbol, false, out.underlying_symbol);
}

Result<void> ReadTick(const FieldReader& reader, TickUnit unit, Instrument& out) {
  const SegmentClass segment_class = kSegments[out.segment].kind;
  const bool tradable = segment_class != SegmentClass::kIndex;
  Decimal tick;
  if (auto read = reader.Number(Field::kTickSize, tradable, tick); !read) return read;
  if (reader.Has(Field::kTickSize) && tick <= Decimal{}) {
    return FieldReader::Invalid(Field::kTickSize, "is not above zero");
  }
  const bool rupees =
      unit == TickUnit::kRupeesForEquities &&
      (segment_class == SegmentClass::kCash || segment_class == SegmentClass::kEquityDerivative);
  if (!rupees && tick.nanos() % 100 != 0) {
    return FieldReader::Invalid(Field::kTickSize, "is too fine");
  }
  out.tick_size = rupees ? tick : Decimal::FromNanos(tick.nanos() / 100);
  return {};
}

Result<void> ReadNumbers(const FieldReader& reader, TickUnit unit, Instrument& out) {
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
    return FieldReader::Invalid(Field::kMultiplier, "is not above zero");
  }
  if (auto read = reader.Expiry(expires, out.expiry_ms); !read) return read;
  if (!expires && out.expiry_ms != 0) {
    return FieldReader::Invalid(Field::kExpiry, "is given for what does not expire");
  }
  if (auto read = reader.Number(Field::kStrike, out.kind == Kind::kOption, out.strike); !read) {
    return read;
  }
  // Futures and spots carry 0.0. An option's strike may be any number above zero.
  const bool fits = out.kind == Kind::kOption ? out.strike > Decimal{} : out.strike == Decimal{};
  if (!fits) return FieldReader::Invalid(Field::kStrike, "does not fit the instrument's type");
  return {};
}

}  // namespace

Result<void> ReadInstrument(const RawRecord& record, TickUnit unit, Instrument& out) {
  const FieldReader reader{record};
  out.key.clear();
  const auto segment = reader.Key(out.key);
  if (!segment) return segment.error();
  out.segment = *segment;
  if (auto read = ReadTexts(reader, record, out); !read) return read;
  return ReadNumbers(reader, unit, out);
}

}  // namespace sauda::instruments
