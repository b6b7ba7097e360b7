#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// The fields of a record of the broker's files that Sauda reads (upstox-api 3.3); others are
/// ignored.
enum class Field : std::uint8_t {
  kKey,
  kSegment,
  kExchange,
  kType,
  kSymbol,
  kName,
  kToken,
  kIsin,
  kLotSize,
  kFreezeQuantity,
  kTickSize,
  kMultiplier,
  kExpiry,
  kStrike,
  kUnderlyingKey,
  kUnderlyingSymbol,
  kWeekly,
  kShortName,
  // of the lists beside the master
  kMtfEnabled,
  kMtfBracket,
  kIntradayMargin,
  kIntradayLeverage,
};

inline constexpr std::array<std::string_view, 22> kFieldNames{
    "instrument_key",  "segment",
    "exchange",        "instrument_type",
    "trading_symbol",  "name",
    "exchange_token",  "isin",
    "lot_size",        "freeze_quantity",
    "tick_size",       "qty_multiplier",
    "expiry",          "strike_price",
    "underlying_key",  "underlying_symbol",
    "weekly",          "short_name",
    "mtf_enabled",     "mtf_bracket",
    "intraday_margin", "intraday_leverage"};

/// One value before anything is believed: its JSON type and its text. A number's text is as it was
/// written, so that no price goes through a double.
struct RawValue {
  enum class Type : std::uint8_t { kAbsent, kText, kNumber, kBool, kOther };
  Type type = Type::kAbsent;
  std::string_view text;  // lives until the next record is parsed
};

/// One record's values by field.
class RawRecord {
 public:
  RawValue& operator[](Field field) { return values_[static_cast<std::size_t>(field)]; }
  const RawValue& operator[](Field field) const { return values_[static_cast<std::size_t>(field)]; }
  void Clear() { values_.fill({}); }

 private:
  std::array<RawValue, kFieldNames.size()> values_;
};

/// In what tick_size is given: the JSON master says paise everywhere, the old CSV rupees for shares
/// and their derivatives (upstox-api 3.3, 3.5).
enum class TickUnit : std::uint8_t { kPaise, kRupeesForEquities };

/// Takes one JSON object apart. Implemented over simdjson in adapters; a parser is used by one
/// thread.
class RecordParser {
 public:
  virtual ~RecordParser() = default;

  /// Fills `out`, whose texts live until the next call. Fails with kInvalidArgument /
  /// RECORD_MALFORMED when the text is not one JSON object, or names a field twice.
  virtual Result<void> Parse(std::string_view record, RawRecord& out) = 0;
};

}  // namespace sauda::instruments
