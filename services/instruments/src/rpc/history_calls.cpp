// The rpcs about syncs and what they changed.

#include <chrono>

#include "services/instruments/src/core/page_token.hpp"
#include "services/instruments/src/rpc/convert.hpp"
#include "services/instruments/src/rpc/instruments_service.hpp"

namespace sauda::instruments {
namespace {

constexpr std::chrono::milliseconds kProgressEvery{100};
constexpr std::chrono::milliseconds kChangesEvery{500};
constexpr int kDefaultRuns = 50;
constexpr int kMostRuns = 500;
constexpr int kDefaultChanges = 500;
constexpr int kMostChanges = 5'000;

Error Invalid(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

Result<void> CheckSequence(std::int64_t sequence) {
  if (sequence >= 0) return {};
  return Invalid("SEQUENCE_INVALID", "after_sequence must be 0 or more");
}

}  // namespace

grpc::Status InstrumentsService::WatchSync(grpc::ServerContext* context,
                                           const wire::WatchSyncRequest*,
                                           grpc::ServerWriter<wire::SyncProgress>* writer) {
  return parts_.calls.Run(*context, "WatchSync", [&](const std::string&) -> Result<void> {
    if (auto entered = watches_.Enter(); !entered) return entered;
    const Watches::Place place{watches_};
    std::optional<SyncProgress> told;
    while (!context->IsCancelled()) {
      const SyncProgress now = parts_.syncs.progress();
      if (now != told) {
        wire::SyncProgress message;
        ToWire(now, message);
        if (!writer->Write(message)) return {};
        told = now;
      }
      if (now.phase == SyncProgress::Phase::kIdle) return {};
      if (auto waited = watches_.Wait(kProgressEvery); !waited) return waited;
    }
    return {};
  });
}

grpc::Status InstrumentsService::ListSyncs(grpc::ServerContext* context,
                                           const wire::ListSyncsRequest* request,
                                           wire::ListSyncsResponse* response) {
  return parts_.calls.Run(*context, "ListSyncs", [&](const std::string&) -> Result<void> {
    if (request->page_size() < 0 || request->page_size() > kMostRuns) {
      return Invalid("PAGE_SIZE_INVALID", "page_size must be 0 to 500");
    }
    const auto before = ReadPageToken(request->page_token(), "syncs");
    if (!before) return before.error();
    const int size = request->page_size() == 0 ? kDefaultRuns : request->page_size();
    const auto runs = parts_.store.Runs(*before, size + 1);  // one more tells of a next page
    if (!runs) return runs.error();
    const bool more = runs->size() > static_cast<std::size_t>(size);
    for (std::size_t i = 0; i < runs->size() - (more ? 1 : 0); ++i) {
      ToWire((*runs)[i], *response->add_syncs());
    }
    if (more) {
      const auto& last = response->syncs(response->syncs_size() - 1);
      response->set_next_page_token(PageToken(last.sync_id(), "syncs"));
    }
    return {};
  });
}

grpc::Status InstrumentsService::ListChanges(grpc::ServerContext* context,
                                             const wire::ListChangesRequest* request,
                                             wire::ListChangesResponse* response) {
  return parts_.calls.Run(*context, "ListChanges", [&](const std::string&) -> Result<void> {
    if (auto checked = CheckSequence(request->after_sequence()); !checked) return checked;
    if (request->page_size() < 0 || request->page_size() > kMostChanges) {
      return Invalid("PAGE_SIZE_INVALID", "page_size must be 0 to 5000");
    }
    if (request->instrument_key().find('\0') != std::string::npos) {
      return Invalid("NO_INSTRUMENT_NAMED", "the key holds a NUL character");
    }
    const int size = request->page_size() == 0 ? kDefaultChanges : request->page_size();
    const auto changes = parts_.store.Changes(
        {.after = request->after_sequence(), .key = request->instrument_key(), .limit = size});
    if (!changes) return changes.error();
    for (const InstrumentChange& each : *changes) ToWire(each, *response->add_changes());
    return {};
  });
}

grpc::Status InstrumentsService::WatchChanges(grpc::ServerContext* context,
                                              const wire::WatchChangesRequest* request,
                                              grpc::ServerWriter<wire::InstrumentChange>* writer) {
  return parts_.calls.Run(*context, "WatchChanges", [&](const std::string&) -> Result<void> {
    if (auto checked = CheckSequence(request->after_sequence()); !checked) return checked;
    if (auto entered = watches_.Enter(); !entered) return entered;
    const Watches::Place place{watches_};
    std::int64_t after = request->after_sequence();
    while (!context->IsCancelled()) {
      const auto changes = parts_.store.Changes({.after = after, .limit = kDefaultChanges});
      if (!changes) return changes.error();
      for (const InstrumentChange& each : *changes) {
        wire::InstrumentChange message;
        ToWire(each, message);
        if (!writer->Write(message)) return {};
        after = each.sequence;
      }
      if (changes->size() == kDefaultChanges) continue;  // there is more already
      if (auto waited = watches_.Wait(kChangesEvery); !waited) return waited;
    }
    return {};
  });
}

}  // namespace sauda::instruments
