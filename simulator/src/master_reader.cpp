#include "simulator/src/master_reader.hpp"

#include <simdjson.h>

#include "simulator/src/json_array_file.hpp"

namespace sauda::sim {
namespace {

using simdjson::dom::element;

void Text(element record, const char* name, std::string& out) {
  std::string_view value;
  if (record[name].get(value) == simdjson::SUCCESS) out = value;
}

void Int(element record, const char* name, std::optional<std::int64_t>& out) {
  std::int64_t value = 0;
  if (record[name].get(value) == simdjson::SUCCESS) out = value;
}

void Real(element record, const char* name, std::optional<double>& out) {
  double value = 0;
  if (record[name].get(value) == simdjson::SUCCESS) out = value;
}

void Flag(element record, const char* name, std::optional<bool>& out) {
  bool value = false;
  if (record[name].get(value) == simdjson::SUCCESS) out = value;
}

Listing ReadListing(element record) {
  Listing read;
  Text(record, "segment", read.segment);
  Text(record, "name", read.name);
  Text(record, "exchange", read.exchange);
  Text(record, "instrument_type", read.instrument_type);
  Text(record, "instrument_key", read.instrument_key);
  Text(record, "exchange_token", read.exchange_token);
  Text(record, "trading_symbol", read.trading_symbol);
  Text(record, "short_name", read.short_name);
  Text(record, "isin", read.isin);
  Text(record, "security_type", read.security_type);
  Text(record, "asset_symbol", read.asset_symbol);
  Text(record, "asset_key", read.asset_key);
  Text(record, "asset_type", read.asset_type);
  Text(record, "underlying_symbol", read.underlying_symbol);
  Text(record, "underlying_key", read.underlying_key);
  Text(record, "underlying_type", read.underlying_type);
  Text(record, "price_quote_unit", read.price_quote_unit);
  Int(record, "expiry", read.expiry_ms);
  Int(record, "last_trading_date", read.last_trading_date_ms);
  Int(record, "lot_size", read.lot_size);
  Int(record, "minimum_lot", read.minimum_lot);
  Real(record, "freeze_quantity", read.freeze_quantity);
  Real(record, "tick_size", read.tick_size);
  Real(record, "strike_price", read.strike_price);
  Real(record, "qty_multiplier", read.qty_multiplier);
  Real(record, "mtf_bracket", read.mtf_bracket);
  Flag(record, "weekly", read.weekly);
  Flag(record, "mtf_enabled", read.mtf_enabled);
  Flag(record, "cas_eligible", read.cas_eligible);
  return read;
}

}  // namespace

Result<std::vector<Listing>> ReadMaster(const std::string& path) {
  auto file = JsonArrayFile::Open(path);
  if (!file) return Error{Code::kNotFound, "MASTER_UNREADABLE", file.error().message};
  std::vector<Listing> listings;
  simdjson::dom::parser parser;
  std::string text;
  for (;;) {
    const auto more = file->Next(text);
    if (!more) return Error{Code::kDataLoss, "MASTER_BROKEN", more.error().message};
    if (!*more) return listings;
    const auto refuse = [&](const char* why) {
      return Error{Code::kDataLoss, "MASTER_BROKEN",
                   path + ": record " + std::to_string(file->objects()) + ": " + why};
    };
    element record;
    if (parser.parse(text.data(), text.size()).get(record) != simdjson::SUCCESS) {
      return refuse("not JSON");
    }
    listings.push_back(ReadListing(record));
    if (listings.back().instrument_key.empty()) return refuse("no instrument_key");
    if (listings.back().segment.empty()) return refuse("no segment");
  }
}

}  // namespace sauda::sim
