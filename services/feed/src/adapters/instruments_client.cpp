#include "services/feed/src/adapters/instruments_client.hpp"

#include <algorithm>
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
          .kind = From(in.kind())};
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

Result<std::vector<Listing>> InstrumentsClient::Resolve(const std::vector<std::string>& names,
                                                        const std::string& request_id) {
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
  std::vector<Listing> listings;
  listings.reserve(names.size());
  const std::lock_guard lock{mutex_};
  for (const std::string& name : names) {
    const auto found = kept_.find(name);
    if (found == kept_.end()) {
      return Error{Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + name};
    }
    listings.push_back(found->second);
  }
  return listings;
}

Result<std::unordered_map<std::string, Listing>> InstrumentsClient::Ask(
    const std::vector<std::string>& names, const std::string& request_id) {
  grpc::ClientContext context;
  rpc::Prepare(context, limit_, request_id);
  wire::BatchGetInstrumentsRequest request;
  for (const std::string& name : names) request.add_names(name);
  wire::BatchGetInstrumentsResponse response;
  const grpc::Status status = stub_->stub->BatchGetInstruments(&context, request, &response);
  if (!status.ok()) {
    const Error why = rpc::FromStatus(status);
    on_answer_(&why);
    if (why.code == Code::kInvalidArgument) return why;
    return Error{Code::kUnavailable, "INSTRUMENTS_DOWN",
                 "names cannot be looked up: the instruments service says " + why.message};
  }
  on_answer_(nullptr);
  std::unordered_map<std::string, Listing> found;
  for (const auto& each : response.instruments()) {
    found.emplace(each.name(), From(each.instrument()));
  }
  return found;
}

void InstrumentsClient::Remember(const Listing& listing) {
  const std::lock_guard lock{mutex_};
  kept_.try_emplace(listing.key, listing);
}

}  // namespace sauda::feed
