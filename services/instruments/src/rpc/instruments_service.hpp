#pragma once

#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "services/instruments/src/core/lookup.hpp"
#include "services/instruments/src/core/sync_runner.hpp"
#include "services/instruments/src/core/universe.hpp"

namespace sauda::instruments {

/// The rpcs of instruments.proto over the core. Called by gRPC's threads, of which the server has
/// a bounded number; a sync holds one of them while it runs, and there is one sync at most.
class InstrumentsService final : public v1alpha1::InstrumentsService::Service {
 public:
  struct Parts {
    SyncRunner& syncs;
    InstrumentStore& store;
    const MarketClock& market_clock;
    rpc::Calls& calls;
  };

  explicit InstrumentsService(Parts parts)
      : parts_{parts}, lookup_{parts.store}, universe_{parts.store} {}

  grpc::Status Sync(grpc::ServerContext* context, const v1alpha1::SyncRequest* request,
                    v1alpha1::SyncReport* response) override;
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
  grpc::Status GetStatus(grpc::ServerContext* context, const v1alpha1::GetStatusRequest* request,
                         v1alpha1::InstrumentsStatus* response) override;

 private:
  const Parts parts_;
  Lookup lookup_;
  Universe universe_;
};

}  // namespace sauda::instruments
