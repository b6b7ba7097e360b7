#include "services/feed/src/adapters/instruments_client.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"

namespace sauda::feed {
namespace {

namespace wire = sauda::instruments::v1alpha1;

Kind From(wire::InstrumentKind kind) {
  switch (kind) {
    case wire::INSTRUMENT_KIND_INDEX:
      return Kind::kIndex;
    case wire::INSTRUMENT_KIND_EQUITY:
      return Kind::kEquity;
    case wire::INSTRUMENT_KIND_FUTURE:
      return Kind::kFuture;
    case wire::INSTRUMENT_KIND_OPTION:
      return Kind::kOption;
    default:
      return Kind::kUnknown;  // a spot, or a kind of a later version: it is in no list by type
  }
}

Listing From(const wire::Instrument& in) {
  return {.key = in.instrument_key(),
          .instrument_id = in.instrument_id(),
          .symbol = in.trading_symbol(),
          .kind = From(in.kind()),
          .underlying = in.underlying_key()};
}

wire::InstrumentKind KindFor(Kind kind) {
  switch (kind) {
    case Kind::kIndex:
      return wire::INSTRUMENT_KIND_INDEX;
    case Kind::kEquity:
      return wire::INSTRUMENT_KIND_EQUITY;
    case Kind::kFuture:
      return wire::INSTRUMENT_KIND_FUTURE;
    case Kind::kOption:
      return wire::INSTRUMENT_KIND_OPTION;
    case Kind::kUnknown:
      break;
  }
  return wire::INSTRUMENT_KIND_UNSPECIFIED;
}

/// A decimal, as fine as any price of a broker.
std::string PriceText(double price) {
  char text[32];
  (void)std::snprintf(&text[0], sizeof text, "%.4f", price);
  return &text[0];
}

wire::ListInstrumentsRequest RequestFor(const InstrumentQuery& query) {
  wire::ListInstrumentsRequest request;
  request.set_kind(KindFor(query.kind));
  request.set_segment(query.segment);
  request.set_underlying(query.underlying);
  if (query.universe) request.set_universe(wire::UNIVERSE_FO);
  for (const std::string& each : query.exclude) request.add_exclude(each);
  if (query.near_price > 0) request.set_near_price(PriceText(query.near_price));
  request.set_page_size(static_cast<std::int32_t>(std::max<std::size_t>(query.limit, 1)));
  return request;
}

}  // namespace

struct InstrumentsClient::Stub {
  std::unique_ptr<wire::InstrumentsService::Stub> stub;
};

InstrumentsClient::InstrumentsClient(std::shared_ptr<grpc::Channel> channel,
                                     std::chrono::milliseconds limit, OnAnswer on_answer)
    : stub_{std::make_unique<Stub>(Stub{wire::InstrumentsService::NewStub(std::move(channel))})},
      limit_{limit},
      on_answer_{std::move(on_answer)} {}

InstrumentsClient::~InstrumentsClient() = default;

Result<std::vector<std::optional<Listing>>> InstrumentsClient::Find(
    const std::vector<std::string>& names, const std::string& request_id) {
  std::vector<std::string> missing;
  {
    const std::lock_guard lock{mutex_};
    std::copy_if(names.begin(), names.end(), std::back_inserter(missing),
                 [&](const std::string& name) { return !kept_.contains(name); });
  }
  if (!missing.empty()) {
    auto found = Ask(missing, request_id);
    if (!found) return found.error();
    const std::lock_guard lock{mutex_};
    if (kept_.size() + found->size() > kMostKept) kept_.clear();
    kept_.merge(*found);
  }
  std::vector<std::optional<Listing>> listings;
  listings.reserve(names.size());
  const std::lock_guard lock{mutex_};
  for (const std::string& name : names) {
    const auto found = kept_.find(name);
    listings.push_back(found == kept_.end() ? std::nullopt : std::optional{found->second});
  }
  return listings;
}

// What is listed is not kept: whoever asks for a list wants that of today, not one in hand.
Result<FoundListings> InstrumentsClient::List(const InstrumentQuery& query,
                                              const std::string& request_id) {
  grpc::ClientContext context;
  rpc::Prepare(context, limit_, request_id);
  const auto request = RequestFor(query);
  wire::ListInstrumentsResponse response;
  const grpc::Status status = stub_->stub->ListInstruments(&context, request, &response);
  const Error why = status.ok() ? Error{} : rpc::FromStatus(status);
  if (auto failure = Judge(status.ok() ? nullptr : &why)) return *std::move(failure);
  FoundListings found{.total = static_cast<std::size_t>(response.total_size())};
  const std::size_t most =
      std::min(query.limit, static_cast<std::size_t>(response.instruments_size()));
  found.listings.reserve(most);
  for (const auto& each : response.instruments()) {
    if (found.listings.size() == most) break;
    found.listings.push_back(From(each));
  }
  return found;
}

std::optional<Error> InstrumentsClient::Judge(const Error* failure) {
  const bool refused = failure != nullptr && failure->code == Code::kInvalidArgument;
  on_answer_(refused ? nullptr : failure);  // whoever refuses is there
  if (failure == nullptr) return std::nullopt;
  if (refused) return *failure;
  return Error{Code::kUnavailable, "INSTRUMENTS_DOWN",
               "names cannot be looked up: the instruments service says " + failure->message};
}

Result<std::unordered_map<std::string, Listing>> InstrumentsClient::Ask(
    const std::vector<std::string>& names, const std::string& request_id) {
  grpc::ClientContext context;
  rpc::Prepare(context, limit_, request_id);
  wire::BatchGetInstrumentsRequest request;
  for (const std::string& name : names) request.add_names(name);
  wire::BatchGetInstrumentsResponse response;
  const grpc::Status status = stub_->stub->BatchGetInstruments(&context, request, &response);
  const Error why = status.ok() ? Error{} : rpc::FromStatus(status);
  if (auto failure = Judge(status.ok() ? nullptr : &why)) return *std::move(failure);
  std::unordered_map<std::string, Listing> found;
  for (const auto& each : response.instruments()) {
    found.emplace(each.name(), From(each.instrument()));
  }
  return found;
}

void InstrumentsClient::Remember(const Listing& listing) {
  if (IsContract(listing.kind) && listing.underlying.empty()) return;
  const std::lock_guard lock{mutex_};
  kept_.try_emplace(listing.key, listing);
}

}  // namespace sauda::feed
