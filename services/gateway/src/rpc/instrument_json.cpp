#include "services/gateway/src/rpc/instrument_json.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"

namespace sauda::gateway {
namespace {

namespace pb = instruments::v1alpha1;
using nlohmann::json;

template <typename Number>
std::optional<Number> ReadNumber(const http::Request& request, std::string_view name) {
  const auto text = request.Query(name);
  Number number = 0;
  if (text.empty()) return number;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

nlohmann::json InstrumentJson(const pb::Instrument& instrument) {
  return {{"instrument_id", instrument.instrument_id()},
          {"instrument_key", instrument.instrument_key()},
          {"segment", instrument.segment()},
          {"exchange", instrument.exchange()},
          {"instrument_type", instrument.instrument_type()},
          {"trading_symbol", instrument.trading_symbol()},
          {"name", instrument.name()},
          {"short_name", instrument.short_name()},
          {"compact_symbol", instrument.compact_symbol()},
          {"openalgo_symbol", instrument.openalgo_symbol()},
          {"openalgo_exchange", instrument.openalgo_exchange()},
          {"exchange_token", instrument.exchange_token()},
          {"isin", instrument.isin()},
          {"lot_size", instrument.lot_size()},
          {"freeze_quantity", instrument.freeze_quantity()},
          {"tick_size", instrument.tick_size()},
          {"expiry_ms", instrument.expiry_ms()},
          {"strike_price", instrument.strike_price()},
          {"underlying_key", instrument.underlying_key()},
          {"underlying_symbol", instrument.underlying_symbol()},
          {"weekly", instrument.weekly()},
          {"active", instrument.active()},
          {"mtf", instrument.mtf()},
          {"mtf_bracket", instrument.mtf_bracket()},
          {"mis", instrument.mis()},
          {"mis_margin", instrument.mis_margin()},
          {"mis_leverage", instrument.mis_leverage()},
          {"suspended", instrument.suspended()},
          {"simulated", instrument.simulated()}};
}

nlohmann::json TypesJson(const pb::TypeCounts& types) {
  return {{"equity", types.equity()}, {"index", types.index()}, {"future", types.future()},
          {"call", types.call()},     {"put", types.put()},     {"other", types.other()}};
}

nlohmann::json ReportJson(const pb::SyncReport& report) {
  json segments = json::object();
  for (const auto& each : report.segments()) segments[each.segment()] = each.count();
  json bad = json::object();
  for (const auto& each : report.bad_records()) {
    bad[each.reason()] = {{"count", each.count()}, {"first", each.first()}};
  }
  json warnings = json::array();
  for (const auto& each : report.warnings()) {
    warnings.push_back({{"code", each.code()}, {"message", each.message()}});
  }
  json lists = json::object();
  for (const auto& each : report.lists()) {
    lists[each.list()] = {{"state", Word(pb::ListSyncState_Name(each.state()), "LIST_SYNC_STATE_")},
                          {"rows", each.rows()},
                          {"bad_records", each.bad_records()},
                          {"failure", each.failure()}};
  }
  return {{"sync_id", report.sync_id()},
          {"records", report.records()},
          {"bad_records", bad},
          {"inserted", report.inserted()},
          {"updated", report.updated()},
          {"unchanged", report.unchanged()},
          {"deactivated", report.deactivated()},
          {"reactivated", report.reactivated()},
          {"segments", segments},
          {"types", TypesJson(report.types())},
          {"warnings", warnings},
          {"lists", lists},
          {"duration_ms", report.duration_ms()},
          {"started_ms", report.started_ms()},
          {"bytes", report.bytes()},
          {"market_ms", report.market_ms()},
          {"source", report.source()},
          {"not_modified", report.not_modified()},
          {"simulated", report.simulated()}};
}

std::optional<std::int32_t> NumberIn(const http::Request& request, std::string_view name) {
  return ReadNumber<std::int32_t>(request, name);
}
std::optional<std::int64_t> LongNumberIn(const http::Request& request, std::string_view name) {
  return ReadNumber<std::int64_t>(request, name);
}

Result<bool> FlagIn(const http::Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return Error{Code::kInvalidArgument, "FIELD_WRONG",
               std::string{name} + ": expected true or false"};
}

Result<pb::InstrumentKind> KindIn(const http::Request& request) {
  std::string text{request.Query("kind")};
  pb::InstrumentKind kind = pb::INSTRUMENT_KIND_UNSPECIFIED;
  if (text.empty()) return kind;
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const bool known = pb::InstrumentKind_Parse("INSTRUMENT_KIND_" + text, &kind);
  if (known && kind != pb::INSTRUMENT_KIND_UNSPECIFIED) return kind;
  return Error{Code::kInvalidArgument, "KIND_UNKNOWN",
               "kind: expected index, equity, future, option or spot"};
}

}  // namespace sauda::gateway
