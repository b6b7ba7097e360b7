#include "services/instruments/src/rpc/instruments_service.hpp"

#include <string>
#include <vector>

#include "services/instruments/src/rpc/convert.hpp"

namespace sauda::instruments {
namespace {

Result<ListRequest> FromWire(const wire::ListInstrumentsRequest& request) {
  const auto kind = KindFromWire(request.kind());
  if (!kind) return kind.error();
  if (!wire::Universe_IsValid(request.universe())) {
    return Error{Code::kInvalidArgument, "UNIVERSE_UNKNOWN",
                 "no universe has the number " + std::to_string(request.universe())};
  }
  const std::vector<std::string> exclude{request.exclude().begin(), request.exclude().end()};
  for (const std::string& name : exclude) {
    if (auto text = CheckText(name); !text) return text.error();
  }
  if (auto text = CheckText(request.underlying()); !text) return text.error();
  return ListRequest{.kind = *kind,
                     .segment = request.segment(),
                     .underlying = request.underlying(),
                     .universe = request.universe() == wire::UNIVERSE_FO,
                     .exclude = exclude,
                     .mtf = request.mtf(),
                     .mis = request.mis(),
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
    if (auto text = CheckText(request->name()); !text) return text;
    if (!CheckText(request->as_of())) {
      return Error{Code::kInvalidArgument, "DATE_MALFORMED", "as_of holds a NUL character"};
    }
    const auto found = request->as_of().empty()
                           ? lookup_.Get(request->name())
                           : lookup_.GetAsOf(request->name(), request->as_of());
    if (!found) return found.error();
    ToWire(*found, Now(), *response);
    return {};
  });
}

grpc::Status InstrumentsService::BatchGetInstruments(
    grpc::ServerContext* context, const wire::BatchGetInstrumentsRequest* request,
    wire::BatchGetInstrumentsResponse* response) {
  return parts_.calls.Run(*context, "BatchGetInstruments", [&](const std::string&) -> Result<void> {
    const std::vector<std::string> names{request->names().begin(), request->names().end()};
    for (const auto& name : names) {
      if (auto text = CheckText(name); !text) return text;
    }
    auto named = lookup_.BatchGet(names);
    if (!named) return named.error();
    const Moment now = Now();
    for (NamedInstrument& one : named->found) {
      auto& out = *response->add_instruments();
      ToWire(one.found, now, *out.mutable_instrument());
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
    const Moment now = Now();
    auto page = lookup_.Search({.query = request->query(),
                                .segment = request->segment(),
                                .type = request->instrument_type(),
                                .page_size = request->page_size(),
                                .page_token = request->page_token()},
                               now.market_now_ms);
    if (!page) return page.error();
    for (const auto& found : page->found) ToWire(found, now, *response->add_instruments());
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
    const Moment now = Now();
    auto page = universe_.List(*asked, now.market_now_ms);
    if (!page) return page.error();
    for (const auto& found : page->found) ToWire(found, now, *response->add_instruments());
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
    const Moment now = Now();
    const auto chain =
        chains_.Get({.of = {.underlying = request->underlying(), .segment = request->segment()},
                     .expiry = request->expiry(),
                     .near_price = request->near_price(),
                     .strikes = request->strikes()},
                    now.market_now_ms);
    if (!chain) return chain.error();
    ToWire(*chain, now, *response);
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
    ToWire(status->types, *response->mutable_types());
    const auto lists = parts_.lists.Current();
    for (const ListKind list : kLists) {
      if (const auto& index = lists->index(list)) ToWire(index->head(), *response->add_lists());
    }
    if (status->last_sync) ToWire(*status->last_sync, *response->mutable_last_sync());
    response->set_last_failure(status->last_failure);
    response->set_sync_running(parts_.syncs.running());
    return {};
  });
}

}  // namespace sauda::instruments
