#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/instrument_json.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace pb = instruments::v1alpha1;
using Stub = pb::InstrumentsService::Stub;
using nlohmann::json;

Result<std::int32_t> PageSizeIn(const http::Request& request) {
  if (const auto size = NumberIn(request, "page_size")) return *size;
  return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: expected 1 to 5000"};
}

Result<pb::Universe> UniverseIn(const http::Request& request) {
  const auto text = request.Query("universe");
  if (text.empty()) return pb::UNIVERSE_UNSPECIFIED;
  if (text == "fo") return pb::UNIVERSE_FO;
  return Error{Code::kInvalidArgument, "UNIVERSE_UNKNOWN", "universe: expected fo"};
}

template <typename Rows>
json InstrumentsJson(const Rows& rows) {
  json all = json::array();
  for (const auto& each : rows) all.push_back(InstrumentJson(each));
  return all;
}

http::Response List(const Peers& peers, const Asked& request) {
  const auto kind = KindIn(request);
  const auto universe = UniverseIn(request);
  const auto mtf = FlagIn(request, "mtf");
  const auto mis = FlagIn(request, "mis");
  const auto size = PageSizeIn(request);
  if (const Error* const problem = FirstError(kind, universe, mtf, mis, size)) {
    return Refusal(*problem, request.request_id);
  }
  pb::ListInstrumentsRequest list;
  list.set_kind(*kind);
  list.set_segment(std::string{request.Query("segment")});
  list.set_underlying(std::string{request.Query("underlying")});
  list.set_universe(*universe);
  list.set_near_price(std::string{request.Query("near_price")});
  list.set_mtf(*mtf);
  list.set_mis(*mis);
  list.set_page_size(*size);
  list.set_page_token(std::string{request.Query("page_token")});
  const auto found = Call<pb::ListInstrumentsResponse>(*peers.instruments, &Stub::ListInstruments,
                                                       list, peers.call_limit, request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  return SuccessFlat({{"data", InstrumentsJson(found->instruments())},
                      {"total_size", found->total_size()},
                      {"next_page_token", found->next_page_token()}},
                     request.request_id);
}

http::Response Suspended(const Peers& peers, const Asked& request) {
  const auto size = PageSizeIn(request);
  if (!size) return Refusal(size.error(), request.request_id);
  pb::ListSuspendedRequest list;
  list.set_name(std::string{request.Query("name")});
  list.set_page_size(*size);
  list.set_page_token(std::string{request.Query("page_token")});
  const auto found = Call<pb::ListSuspendedResponse>(*peers.instruments, &Stub::ListSuspended, list,
                                                     peers.call_limit, request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json rows = json::array();
  for (const auto& each : found->instruments()) {
    rows.push_back({{"instrument_key", each.instrument_key()},
                    {"trading_symbol", each.trading_symbol()},
                    {"name", each.name()},
                    {"instrument_type", each.instrument_type()},
                    {"isin", each.isin()},
                    {"exchange_token", each.exchange_token()},
                    {"simulated", each.simulated()}});
  }
  return SuccessFlat({{"data", rows},
                      {"market_ms", found->market_ms()},
                      {"next_page_token", found->next_page_token()}},
                     request.request_id);
}

http::Response Expired(const Peers& peers, const Asked& request) {
  const auto kind = KindIn(request);
  const auto size = PageSizeIn(request);
  if (const Error* const problem = FirstError(kind, size)) {
    return Refusal(*problem, request.request_id);
  }
  pb::ListExpiredContractsRequest list;
  list.set_underlying(std::string{request.Param("name")});
  list.set_expiry(std::string{request.Query("expiry")});
  list.set_kind(*kind);
  list.set_segment(std::string{request.Query("segment")});
  list.set_page_size(*size);
  list.set_page_token(std::string{request.Query("page_token")});
  const auto found = Call<pb::ListExpiredContractsResponse>(
      *peers.instruments, &Stub::ListExpiredContracts, list, peers.call_limit, request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  return SuccessFlat({{"data", InstrumentsJson(found->contracts())},
                      {"next_page_token", found->next_page_token()}},
                     request.request_id);
}

}  // namespace

void AddInstrumentListRoutes(const Context& context) {
  const auto add = [&](const char* path, http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add("GET", path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("/api/v1/instruments", List);
  add("/api/v1/instruments/suspended", Suspended);
  add("/api/v1/instruments/{name}/expired", Expired);
}

}  // namespace sauda::gateway
