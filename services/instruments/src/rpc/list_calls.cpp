// The rpcs about what is not in today's master: suspended instruments and expired contracts.

#include "services/instruments/src/core/expired.hpp"
#include "services/instruments/src/core/page_token.hpp"
#include "services/instruments/src/rpc/convert.hpp"
#include "services/instruments/src/rpc/instruments_service.hpp"

namespace sauda::instruments {
namespace {

constexpr int kDefaultSuspended = 500;
constexpr int kMostSuspended = 5'000;

}  // namespace

grpc::Status InstrumentsService::ListSuspended(grpc::ServerContext* context,
                                               const wire::ListSuspendedRequest* request,
                                               wire::ListSuspendedResponse* response) {
  return parts_.calls.Run(*context, "ListSuspended", [&](const std::string&) -> Result<void> {
    if (auto text = CheckText(request->name()); !text) return text;
    if (request->page_size() < 0 || request->page_size() > kMostSuspended) {
      return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size must be 0 to 5000"};
    }
    const std::string of = "suspended\n" + request->name();
    const auto after = ReadPageToken(request->page_token(), of);
    if (!after) return after.error();
    const auto lists = parts_.lists.Current();
    const auto& index = lists->index(ListKind::kSuspended);
    if (index == nullptr) {
      return Error{Code::kFailedPrecondition, "LIST_UNKNOWN",
                   "no sync has had the broker's list of suspended instruments yet"};
    }
    const int size = request->page_size() == 0 ? kDefaultSuspended : request->page_size();
    // One more tells of a next page.
    auto rows =
        parts_.list_store.Suspended({.name = request->name(), .after = *after, .limit = size + 1});
    if (!rows) return rows.error();
    const bool more = rows->size() > static_cast<std::size_t>(size);
    if (more) rows->pop_back();
    for (const PlacedRow& each : *rows) {
      ToWire(each.row, index->head().simulated, *response->add_instruments());
    }
    if (more) response->set_next_page_token(PageToken(rows->back().place, of));
    response->set_market_ms(index->head().market_ms);
    return {};
  });
}

grpc::Status InstrumentsService::ListExpiredContracts(
    grpc::ServerContext* context, const wire::ListExpiredContractsRequest* request,
    wire::ListExpiredContractsResponse* response) {
  return parts_.calls.Run(*context, "ListExpiredContracts",
                          [&](const std::string&) -> Result<void> {
                            if (auto text = CheckText(request->underlying()); !text) return text;
                            const auto kind = KindFromWire(request->kind());
                            if (!kind) return kind.error();
                            const Moment now = Now();
                            auto page = ListExpired(parts_.store,
                                                    {.underlying = request->underlying(),
                                                     .expiry = request->expiry(),
                                                     .segment = request->segment(),
                                                     .kind = *kind,
                                                     .page_size = request->page_size(),
                                                     .page_token = request->page_token()},
                                                    now.market_now_ms);
                            if (!page) return page.error();
                            for (const auto& each : page->found)
                              ToWire(each, now, *response->add_contracts());
                            response->set_next_page_token(std::move(page->next_page_token));
                            return {};
                          });
}

}  // namespace sauda::instruments
