#include "services/instruments/src/rpc/instruments_service.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/rpc/convert.hpp"

namespace sauda::instruments {
namespace {

/// A name with bytes that cannot be in the database, which would take the query for broken.
bool IsText(const std::string& text) { return text.find('\0') == std::string_view::npos; }

Error HasNul() {
  return {Code::kInvalidArgument, "NO_INSTRUMENT_NAMED", "a name holds a NUL character"};
}

Result<std::optional<Kind>> KindFromWire(wire::InstrumentKind kind) {
  if (kind == wire::INSTRUMENT_KIND_UNSPECIFIED) return std::optional<Kind>{};
  if (wire::InstrumentKind_IsValid(kind)) return std::optional{static_cast<Kind>(kind)};
  return Error{Code::kInvalidArgument, "KIND_UNKNOWN",
               "no kind has the number " + std::to_string(static_cast<int>(kind))};
}

Result<ListRequest> FromWire(const wire::ListInstrumentsRequest& request) {
  const auto kind = KindFromWire(request.kind());
  if (!kind) return kind.error();
  if (!wire::Universe_IsValid(request.universe())) {
    return Error{Code::kInvalidArgument, "UNIVERSE_UNKNOWN",
                 "no universe has the number " + std::to_string(request.universe())};
  }
  const std::vector<std::string> exclude{request.exclude().begin(), request.exclude().end()};
  const bool texts = std::all_of(exclude.begin(), exclude.end(), IsText);
  if (!IsText(request.underlying()) || !texts) return HasNul();
  return ListRequest{.kind = *kind,
                     .segment = request.segment(),
                     .underlying = request.underlying(),
                     .universe = request.universe() == wire::UNIVERSE_FO,
                     .exclude = exclude,
                     .near_price = request.near_price(),
                     .page_size = request.page_size(),
                     .page_token = request.page_token()};
}

}  // namespace

grpc::Status InstrumentsService::Sync(grpc::ServerContext* context,
                                      const wire::SyncRequest* request,
                                      wire::SyncReport* response) {
  return parts_.calls.Run(*context, "Sync", [&](const std::string&) -> Result<void> {
    const auto report =
        parts_.syncs.Run({.file = request->file(),
                          .sample = request->sample(),
                          .allow_mass_deactivation = request->allow_mass_deactivation()});
    if (!report) return report.error();
    ToWire(*report, *response);
    return {};
  });
}

grpc::Status InstrumentsService::GetInstrument(grpc::ServerContext* context,
                                               const wire::GetInstrumentRequest* request,
                                               wire::Instrument* response) {
  return parts_.calls.Run(*context, "GetInstrument", [&](const std::string&) -> Result<void> {
    if (!IsText(request->name())) return HasNul();
    if (!IsText(request->as_of())) {
      return Error{Code::kInvalidArgument, "DATE_MALFORMED", "as_of holds a NUL character"};
    }
    const auto found = request->as_of().empty()
                           ? lookup_.Get(request->name())
                           : lookup_.GetAsOf(request->name(), request->as_of());
    if (!found) return found.error();
    ToWire(*found, parts_.market_clock.NowMs(), *response);
    return {};
  });
}

grpc::Status InstrumentsService::BatchGetInstruments(
    grpc::ServerContext* context, const wire::BatchGetInstrumentsRequest* request,
    wire::BatchGetInstrumentsResponse* response) {
  return parts_.calls.Run(*context, "BatchGetInstruments", [&](const std::string&) -> Result<void> {
    const std::vector<std::string> names{request->names().begin(), request->names().end()};
    for (const auto& name : names) {
      if (!IsText(name)) return HasNul();
    }
    auto named = lookup_.BatchGet(names);
    if (!named) return named.error();
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    for (NamedInstrument& one : named->found) {
      auto& out = *response->add_instruments();
      ToWire(one.found, now_ms, *out.mutable_instrument());
      out.set_name(std::move(one.name));
    }
    for (std::string& name : named->unknown) response->add_unknown_names(std::move(name));
    return {};
  });
}

grpc::Status InstrumentsService::SearchInstruments(grpc::ServerContext* context,
                                                   const wire::SearchInstrumentsRequest* request,
                                                   wire::SearchInstrumentsResponse* response) {
  return parts_.calls.Run(*context, "SearchInstruments", [&](const std::string&) -> Result<void> {
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    auto page = lookup_.Search({.query = request->query(),
                                .segment = request->segment(),
                                .type = request->instrument_type(),
                                .page_size = request->page_size(),
                                .page_token = request->page_token()},
                               now_ms);
    if (!page) return page.error();
    for (const auto& found : page->found) ToWire(found, now_ms, *response->add_instruments());
    response->set_next_page_token(std::move(page->next_page_token));
    return {};
  });
}

grpc::Status InstrumentsService::ListInstruments(grpc::ServerContext* context,
                                                 const wire::ListInstrumentsRequest* request,
                                                 wire::ListInstrumentsResponse* response) {
  return parts_.calls.Run(*context, "ListInstruments", [&](const std::string&) -> Result<void> {
    const auto asked = FromWire(*request);
    if (!asked) return asked.error();
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    auto page = universe_.List(*asked, now_ms);
    if (!page) return page.error();
    for (const auto& found : page->found) ToWire(found, now_ms, *response->add_instruments());
    response->set_next_page_token(std::move(page->next_page_token));
    response->set_total_size(page->total);
    return {};
  });
}

grpc::Status InstrumentsService::ListExpiries(grpc::ServerContext* context,
                                              const wire::ListExpiriesRequest* request,
                                              wire::ListExpiriesResponse* response) {
  return parts_.calls.Run(*context, "ListExpiries", [&](const std::string&) -> Result<void> {
    const auto found =
        chains_.ListExpiries({.underlying = request->underlying(), .segment = request->segment()},
                             parts_.market_clock.NowMs());
    if (!found) return found.error();
    ToWire(*found, *response);
    return {};
  });
}

grpc::Status InstrumentsService::GetOptionChain(grpc::ServerContext* context,
                                                const wire::GetOptionChainRequest* request,
                                                wire::OptionChain* response) {
  return parts_.calls.Run(*context, "GetOptionChain", [&](const std::string&) -> Result<void> {
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    const auto chain =
        chains_.Get({.of = {.underlying = request->underlying(), .segment = request->segment()},
                     .expiry = request->expiry(),
                     .near_price = request->near_price(),
                     .strikes = request->strikes()},
                    now_ms);
    if (!chain) return chain.error();
    ToWire(*chain, now_ms, *response);
    return {};
  });
}

grpc::Status InstrumentsService::GetStatus(grpc::ServerContext* context,
                                           const wire::GetStatusRequest*,
                                           wire::InstrumentsStatus* response) {
  return parts_.calls.Run(*context, "GetStatus", [&](const std::string&) -> Result<void> {
    const auto status = parts_.store.Status();
    if (!status) return status.error();
    response->set_active(status->active);
    response->set_total(status->total);
    ToWire(status->segments, *response->mutable_segments());
    if (status->last_sync) ToWire(*status->last_sync, *response->mutable_last_sync());
    response->set_last_failure(status->last_failure);
    response->set_sync_running(parts_.syncs.running());
    return {};
  });
}

}  // namespace sauda::instruments
