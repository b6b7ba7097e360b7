#include <charconv>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using instruments::v1alpha1::InstrumentsService;
using nlohmann::json;

json InstrumentJson(const instruments::v1alpha1::Instrument& instrument) {
  return {{"instrument_id", instrument.instrument_id()},
          {"instrument_key", instrument.instrument_key()},
          {"segment", instrument.segment()},
          {"exchange", instrument.exchange()},
          {"instrument_type", instrument.instrument_type()},
          {"trading_symbol", instrument.trading_symbol()},
          {"name", instrument.name()},
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
          {"simulated", instrument.simulated()}};
}

json ReportJson(const instruments::v1alpha1::SyncReport& report) {
  json segments = json::object();
  for (const auto& each : report.segments()) segments[each.segment()] = each.count();
  json bad = json::object();
  for (const auto& each : report.bad_records()) {
    bad[each.reason()] = {{"count", each.count()}, {"first", each.first()}};
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
          {"duration_ms", report.duration_ms()},
          {"started_ms", report.started_ms()},
          {"bytes", report.bytes()},
          {"simulated", report.simulated()}};
}

/// In the audit before it is done: what cannot be written there is not done.
Result<void> RecordSync(const Peers& peers, const Asked& request, const std::string& file) {
  namespace pb = auth::v1alpha1;
  pb::RecordRequest record;
  record.set_action("instruments.sync");
  record.set_subject(file.empty() || file.size() > 256 ? "master" : file);
  record.set_detail(json{{"request_id", request.request_id}}.dump());
  const auto recorded =
      Call<pb::RecordResponse>(*peers.keys, &pb::KeysService::Stub::Record, record,
                               peers.call_limit, request.request_id, request.caller.key_id);
  if (!recorded) return recorded.error();
  return {};
}

http::Response Sync(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"file", "allow_mass_deactivation"});
  const auto file = TextOf(*body, "file");
  const auto allow = FlagOf(*body, "allow_mass_deactivation", false);
  if (const Error* const problem = FirstError(known, file, allow)) {
    return Refusal(*problem, request.request_id);
  }
  if (const auto recorded = RecordSync(peers, request, *file); !recorded) {
    return Refusal(recorded.error(), request.request_id);
  }
  instruments::v1alpha1::SyncRequest sync;
  sync.set_file(*file);
  sync.set_allow_mass_deactivation(*allow);
  const auto report =
      Call<instruments::v1alpha1::SyncReport>(*peers.instruments, &InstrumentsService::Stub::Sync,
                                              sync, peers.sync_limit, request.request_id);
  if (!report) return Refusal(report.error(), request.request_id);
  return Success(ReportJson(*report), request.request_id);
}

http::Response Search(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::SearchInstrumentsRequest search;
  search.set_query(std::string{request.Query("q")});
  search.set_segment(std::string{request.Query("segment")});
  search.set_instrument_type(std::string{request.Query("type")});
  search.set_page_token(std::string{request.Query("page_token")});
  if (const auto size = request.Query("page_size"); !size.empty()) {
    std::int32_t number = 0;
    const auto [stop, error] = std::from_chars(size.data(), size.data() + size.size(), number);
    if (error != std::errc{} || stop != size.data() + size.size()) {
      return Refusal({Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: expected 1 to 500"},
                     request.request_id);
    }
    search.set_page_size(number);
  }
  const auto found = Call<instruments::v1alpha1::SearchInstrumentsResponse>(
      *peers.instruments, &InstrumentsService::Stub::SearchInstruments, search, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json list = json::array();
  for (const auto& each : found->instruments()) list.push_back(InstrumentJson(each));
  return SuccessFlat({{"data", list}, {"next_page_token", found->next_page_token()}},
                     request.request_id);
}

http::Response Get(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::GetInstrumentRequest get;
  get.set_name(std::string{request.Param("name")});
  const auto found = Call<instruments::v1alpha1::Instrument>(
      *peers.instruments, &InstrumentsService::Stub::GetInstrument, get, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  return Success(InstrumentJson(*found), request.request_id);
}

http::Response Status(const Peers& peers, const Asked& request) {
  const auto status = Call<instruments::v1alpha1::InstrumentsStatus>(
      *peers.instruments, &InstrumentsService::Stub::GetStatus,
      instruments::v1alpha1::GetStatusRequest{}, peers.call_limit, request.request_id);
  if (!status) return Refusal(status.error(), request.request_id);
  json segments = json::object();
  for (const auto& each : status->segments()) segments[each.segment()] = each.count();
  json data{{"active", status->active()},
            {"total", status->total()},
            {"segments", segments},
            {"last_failure", status->last_failure()},
            {"sync_running", status->sync_running()}};
  data["last_sync"] = status->has_last_sync() ? ReportJson(status->last_sync()) : json{};
  return Success(data, request.request_id);
}

}  // namespace

void AddInstrumentRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("POST", "/api/v1/instruments/sync", Sync);
  add("GET", "/api/v1/instruments/status", Status);
  add("GET", "/api/v1/instruments/search", Search);
  add("GET", "/api/v1/instruments/{name}", Get);
}

}  // namespace sauda::gateway
