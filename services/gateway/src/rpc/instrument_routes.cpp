#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/instrument_json.hpp"
#include "services/gateway/src/rpc/recorded.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using instruments::v1alpha1::InstrumentsService;
using nlohmann::json;

http::Response Sync(const Peers& peers, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"file", "sample", "allow_mass_deactivation"});
  const auto file = TextOf(*body, "file");
  const auto sample = FlagOf(*body, "sample", false);
  const auto allow = FlagOf(*body, "allow_mass_deactivation", false);
  if (const Error* const problem = FirstError(known, file, sample, allow)) {
    return Refusal(*problem, request.request_id);
  }
  const std::string subject = file->empty() || file->size() > 256 ? "master" : *file;
  if (const auto recorded = RecordAct(peers, request, "instruments.sync", subject); !recorded) {
    return Refusal(recorded.error(), request.request_id);
  }
  instruments::v1alpha1::SyncRequest sync;
  sync.set_file(*file);
  sync.set_sample(*sample);
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
  const auto size = NumberIn(request, "page_size");
  if (!size) {
    return Refusal({Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: expected 1 to 500"},
                   request.request_id);
  }
  search.set_page_size(*size);
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
  get.set_as_of(std::string{request.Query("as_of")});
  const auto found = Call<instruments::v1alpha1::Instrument>(
      *peers.instruments, &InstrumentsService::Stub::GetInstrument, get, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  return Success(InstrumentJson(*found), request.request_id);
}

/// How far the sync is: the first message of the stream.
http::Response Progress(const Peers& peers, const Asked& request) {
  grpc::ClientContext context;
  rpc::Prepare(context, peers.call_limit, request.request_id);
  const auto stream = peers.instruments->WatchSync(&context, {});
  instruments::v1alpha1::SyncProgress progress;
  if (!stream->Read(&progress)) {
    return Refusal(rpc::FromStatus(stream->Finish()), request.request_id);
  }
  context.TryCancel();
  (void)stream->Finish();  // cancelled, by us
  std::string phase = instruments::v1alpha1::SyncPhase_Name(progress.phase());
  phase.erase(0, std::string_view{"SYNC_PHASE_"}.size());
  return Success({{"phase", phase},
                  {"sync_id", progress.sync_id()},
                  {"percent", progress.percent()},
                  {"records", progress.records()},
                  {"bytes", progress.bytes()},
                  {"bad_records", progress.bad_records()}},
                 request.request_id);
}

http::Response Syncs(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::ListSyncsRequest list;
  const auto size = NumberIn(request, "page_size");
  if (!size) {
    return Refusal({Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: expected 1 to 500"},
                   request.request_id);
  }
  list.set_page_size(*size);
  list.set_page_token(std::string{request.Query("page_token")});
  const auto found = Call<instruments::v1alpha1::ListSyncsResponse>(
      *peers.instruments, &InstrumentsService::Stub::ListSyncs, list, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json runs = json::array();
  for (const auto& each : found->syncs()) {
    std::string state = instruments::v1alpha1::SyncState_Name(each.state());
    state.erase(0, std::string_view{"SYNC_STATE_"}.size());
    runs.push_back({{"sync_id", each.sync_id()},
                    {"source", each.source()},
                    {"state", state},
                    {"started_ms", each.started_ms()},
                    {"failure", each.failure()},
                    {"report", each.has_report() ? ReportJson(each.report()) : json{}}});
  }
  return SuccessFlat({{"data", runs}, {"next_page_token", found->next_page_token()}},
                     request.request_id);
}

http::Response Changes(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::ListChangesRequest list;
  const auto size = NumberIn(request, "page_size");
  const auto after = LongNumberIn(request, "after");
  if (!size || !after) {
    return Refusal({Code::kInvalidArgument, !size ? "PAGE_SIZE_INVALID" : "SEQUENCE_INVALID",
                    "page_size: expected 1 to 5000; after: a sequence"},
                   request.request_id);
  }
  list.set_page_size(*size);
  list.set_after_sequence(*after);
  list.set_instrument_key(std::string{request.Query("instrument_key")});
  const auto found = Call<instruments::v1alpha1::ListChangesResponse>(
      *peers.instruments, &InstrumentsService::Stub::ListChanges, list, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json changes = json::array();
  for (const auto& each : found->changes()) {
    std::string kind = instruments::v1alpha1::ChangeKind_Name(each.kind());
    kind.erase(0, std::string_view{"CHANGE_KIND_"}.size());
    changes.push_back({{"sequence", each.sequence()},
                       {"sync_id", each.sync_id()},
                       {"market_ms", each.market_ms()},
                       {"instrument_id", each.instrument_id()},
                       {"instrument_key", each.instrument_key()},
                       {"trading_symbol", each.trading_symbol()},
                       {"kind", kind},
                       {"before", each.before()},
                       {"after", each.after()}});
  }
  return Success(changes, request.request_id);
}

http::Response Expiries(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::ListExpiriesRequest list;
  list.set_underlying(std::string{request.Param("name")});
  list.set_segment(std::string{request.Query("segment")});
  const auto found = Call<instruments::v1alpha1::ListExpiriesResponse>(
      *peers.instruments, &InstrumentsService::Stub::ListExpiries, list, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json days = json::array();
  for (const auto& each : found->expiries()) {
    days.push_back({{"date", each.date()},
                    {"expiry_ms", each.expiry_ms()},
                    {"weekly", each.weekly()},
                    {"futures", each.futures()},
                    {"options", each.options()}});
  }
  return Success({{"segment", found->segment()}, {"expiries", days}}, request.request_id);
}

http::Response OptionChain(const Peers& peers, const Asked& request) {
  instruments::v1alpha1::GetOptionChainRequest get;
  get.set_underlying(std::string{request.Param("name")});
  get.set_segment(std::string{request.Query("segment")});
  get.set_expiry(std::string{request.Query("expiry")});
  get.set_near_price(std::string{request.Query("near_price")});
  const auto strikes = NumberIn(request, "strikes");
  if (!strikes) {
    return Refusal({Code::kInvalidArgument, "STRIKES_INVALID", "strikes: expected 1 to 1000"},
                   request.request_id);
  }
  get.set_strikes(*strikes);
  const auto chain = Call<instruments::v1alpha1::OptionChain>(
      *peers.instruments, &InstrumentsService::Stub::GetOptionChain, get, peers.call_limit,
      request.request_id);
  if (!chain) return Refusal(chain.error(), request.request_id);
  json rows = json::array();
  for (const auto& each : chain->strikes()) {
    rows.push_back({{"strike_price", each.strike_price()},
                    {"call", each.has_call() ? InstrumentJson(each.call()) : json{}},
                    {"put", each.has_put() ? InstrumentJson(each.put()) : json{}}});
  }
  return Success({{"segment", chain->segment()},
                  {"expiry", chain->expiry()},
                  {"expiry_ms", chain->expiry_ms()},
                  {"strikes", rows}},
                 request.request_id);
}

http::Response Status(const Peers& peers, const Asked& request) {
  const auto status = Call<instruments::v1alpha1::InstrumentsStatus>(
      *peers.instruments, &InstrumentsService::Stub::GetStatus,
      instruments::v1alpha1::GetStatusRequest{}, peers.call_limit, request.request_id);
  if (!status) return Refusal(status.error(), request.request_id);
  json segments = json::object();
  for (const auto& each : status->segments()) segments[each.segment()] = each.count();
  json lists = json::object();
  for (const auto& each : status->lists()) {
    lists[each.list()] = {{"sync_id", each.sync_id()},
                          {"market_ms", each.market_ms()},
                          {"rows", each.rows()},
                          {"simulated", each.simulated()}};
  }
  json data{{"active", status->active()},
            {"total", status->total()},
            {"segments", segments},
            {"types", TypesJson(status->types())},
            {"lists", lists},
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
  AddInstrumentListRoutes(context);
  add("POST", "/api/v1/instruments/sync", Sync);
  add("GET", "/api/v1/instruments/status", Status);
  add("GET", "/api/v1/instruments/search", Search);
  add("GET", "/api/v1/instruments/sync", Progress);
  add("GET", "/api/v1/instruments/syncs", Syncs);
  add("GET", "/api/v1/instruments/changes", Changes);
  add("GET", "/api/v1/instruments/{name}", Get);
  add("GET", "/api/v1/instruments/{name}/expiries", Expiries);
  add("GET", "/api/v1/instruments/{name}/chain", OptionChain);
}

}  // namespace sauda::gateway
