#include "services/instruments/src/core/csv_record.hpp"

#include <charconv>
#include <chrono>
#include <optional>

#include "services/instruments/src/core/segment.hpp"

namespace sauda::instruments {
namespace {

enum Column : std::size_t {
  kKey,
  kToken,
  kSymbol,
  kName,
  kLastPrice,
  kExpiry,
  kStrike,
  kTick,
  kLot,
  kType,
  kOption,
  kExchange,
  kColumns
};

constexpr std::array<std::string_view, kColumns> kHeader{
    "instrument_key", "exchange_token",  "tradingsymbol", "name",
    "last_price",     "expiry",          "strike",        "tick_size",
    "lot_size",       "instrument_type", "option_type",   "exchange"};

RawValue Text(std::string_view text) {
  return {text.empty() ? RawValue::Type::kAbsent : RawValue::Type::kText, text};
}

RawValue Number(std::string_view text) {
  return {text.empty() ? RawValue::Type::kAbsent : RawValue::Type::kNumber, text};
}

/// The JSON master's type of the CSV's two; the CSV's own when there is none.
std::string_view JsonType(std::string_view type, std::string_view option) {
  if (option == "CE" || option == "PE" || option == "COM") return option;
  if (type.starts_with("FUT")) return "FUT";
  if (type == "EQUITY") return "EQ";
  return type;
}

/// 23:59:59 IST of a yyyy-MM-dd, as the JSON master has it.
std::optional<std::int64_t> EndOfDayMs(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t length) {
    int number = -1;
    const char* const end = date.data() + at + length;
    const auto read = std::from_chars(date.data() + at, end, number);
    return read.ec == std::errc{} && read.ptr == end ? number : -1;
  };
  const int month = part(5, 2);
  const int day = part(8, 2);
  if (month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{part(0, 4)},
                                        std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!ymd.ok()) return std::nullopt;
  using std::chrono::milliseconds;
  const auto end = std::chrono::sys_days{ymd} + std::chrono::hours{24} - std::chrono::seconds{1} -
                   std::chrono::minutes{330};
  return std::chrono::duration_cast<milliseconds>(end.time_since_epoch()).count();
}

}  // namespace

Result<void> CsvRecord::CheckHeader(const std::vector<std::string>& fields) {
  if (std::equal(fields.begin(), fields.end(), kHeader.begin(), kHeader.end())) return {};
  return Error{Code::kInvalidArgument, "MASTER_MALFORMED",
               "neither a JSON array nor CSV with the broker's header"};
}

Result<void> CsvRecord::Read(const std::vector<std::string>& fields, RawRecord& out) {
  out.Clear();
  if (fields.size() != kColumns) {
    return Error{Code::kInvalidArgument, "RECORD_MALFORMED",
                 "has " + std::to_string(fields.size()) + " fields, not 12"};
  }
  const auto segment = FindSegment(fields[kExchange]);
  const std::string_view key = fields[kKey];
  out[Field::kKey] = Text(key);
  out[Field::kSegment] = Text(fields[kExchange]);
  if (segment) {
    const SegmentFacts& facts = kSegments[*segment];
    out[Field::kExchange] = Text(facts.exchange.empty() ? facts.name : facts.exchange);
    if (facts.kind == SegmentClass::kCash && key.find('|') != std::string_view::npos) {
      out[Field::kIsin] = Text(key.substr(key.find('|') + 1));
    }
  }
  out[Field::kType] = Text(JsonType(fields[kType], fields[kOption]));
  out[Field::kSymbol] = Text(fields[kSymbol]);
  out[Field::kName] = Text(fields[kName]);
  out[Field::kToken] = Text(fields[kToken]);
  out[Field::kLotSize] = Number(fields[kLot]);
  out[Field::kTickSize] = Number(fields[kTick]);
  out[Field::kStrike] = Number(fields[kStrike]);
  out[Field::kExpiry] = Text(fields[kExpiry]);  // refused below as a text when it is no date
  if (const auto expiry = EndOfDayMs(fields[kExpiry])) {
    expiry_ms_ = std::to_string(*expiry);
    out[Field::kExpiry] = Number(expiry_ms_);
  }
  return {};
}

}  // namespace sauda::instruments
