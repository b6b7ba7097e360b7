#pragma once

#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "services/instruments/src/core/chains.hpp"
#include "services/instruments/src/core/lookup.hpp"
#include "services/instruments/src/core/sync_runner.hpp"
#include "services/instruments/src/core/universe.hpp"
#include "services/instruments/src/rpc/convert.hpp"
#include "services/instruments/src/rpc/watches.hpp"

namespace sauda::instruments {

/// The rpcs of instruments.proto over the core. Called by gRPC's threads, of which the server has
/// a bounded number; a sync and every stream hold one of them while they run.
class InstrumentsService final : public v1alpha1::InstrumentsService::Service {
 public:
  struct Parts {
    SyncRunner& syncs;
    InstrumentStore& store;
    const CatalogKeeper& catalogs;
    ListStore& list_store;
    const ListKeeper& lists;
    const MarketClock& market_clock;
    rpc::Calls& calls;
  };

  explicit InstrumentsService(Parts parts)
      : parts_{parts},
        lookup_{parts.catalogs, parts.store},
        universe_{parts.catalogs, parts.lists},
        chains_{parts.catalogs} {}

  grpc::Status Sync(grpc::ServerContext* context, const v1alpha1::SyncRequest* request,
                    v1alpha1::SyncReport* response) override;
  grpc::Status WatchSync(grpc::ServerContext* context, const v1alpha1::WatchSyncRequest* request,
                         grpc::ServerWriter<v1alpha1::SyncProgress>* writer) override;
  grpc::Status ListSyncs(grpc::ServerContext* context, const v1alpha1::ListSyncsRequest* request,
                         v1alpha1::ListSyncsResponse* response) override;
  grpc::Status ListChanges(grpc::ServerContext* context,
                           const v1alpha1::ListChangesRequest* request,
                           v1alpha1::ListChangesResponse* response) override;
  grpc::Status WatchChanges(grpc::ServerContext* context,
                            const v1alpha1::WatchChangesRequest* request,
                            grpc::ServerWriter<v1alpha1::InstrumentChange>* writer) override;
  grpc::Status GetInstrument(grpc::ServerContext* context,
                             const v1alpha1::GetInstrumentRequest* request,
                             v1alpha1::Instrument* response) override;
  grpc::Status BatchGetInstruments(grpc::ServerContext* context,
                                   const v1alpha1::BatchGetInstrumentsRequest* request,
                                   v1alpha1::BatchGetInstrumentsResponse* response) override;
  grpc::Status SearchInstruments(grpc::ServerContext* context,
                                 const v1alpha1::SearchInstrumentsRequest* request,
                                 v1alpha1::SearchInstrumentsResponse* response) override;
  grpc::Status ListInstruments(grpc::ServerContext* context,
                               const v1alpha1::ListInstrumentsRequest* request,
                               v1alpha1::ListInstrumentsResponse* response) override;
  grpc::Status ListSuspended(grpc::ServerContext* context,
                             const v1alpha1::ListSuspendedRequest* request,
                             v1alpha1::ListSuspendedResponse* response) override;
  grpc::Status ListExpiredContracts(grpc::ServerContext* context,
                                    const v1alpha1::ListExpiredContractsRequest* request,
                                    v1alpha1::ListExpiredContractsResponse* response) override;
  grpc::Status ListExpiries(grpc::ServerContext* context,
                            const v1alpha1::ListExpiriesRequest* request,
                            v1alpha1::ListExpiriesResponse* response) override;
  grpc::Status GetOptionChain(grpc::ServerContext* context,
                              const v1alpha1::GetOptionChainRequest* request,
                              v1alpha1::OptionChain* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1alpha1::GetStatusRequest* request,
                         v1alpha1::InstrumentsStatus* response) override;

  /// Ends the streams; before the server stops.
  void EndStreams() { watches_.Stop(); }

 private:
  Moment Now() const { return {parts_.market_clock.NowMs(), parts_.lists.Current()}; }

  const Parts parts_;
  Watches watches_;
  const Lookup lookup_;
  const Universe universe_;
  const Chains chains_;
};

}  // namespace sauda::instruments
