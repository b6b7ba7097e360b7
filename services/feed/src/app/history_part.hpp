#pragma once

#include "services/feed/src/adapters/instruments_client.hpp"
#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/app/ground.hpp"
#include "services/feed/src/candle_keeper.hpp"
#include "services/feed/src/core/candle_desk.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/rpc/history_service.hpp"
#include "services/feed/src/workers.hpp"

namespace sauda::feed {

/// What was: stored ticks, gaps and candles over gRPC, on threads and connections of its own.
class HistoryPart {
 public:
  /// `ground` has started; all that is given outlives it.
  HistoryPart(Ground& ground, CandleKeeper& candles, InstrumentsClient& directory,
              Publisher& publisher);

  HistoryService& service() { return service_; }
  void Stop() {
    workers_.Stop();
    candle_workers_.Stop();
  }

 private:
  PgHistory history_;
  CandleDesk candles_;
  Workers workers_;
  Workers candle_workers_;
  HistoryService service_;
};

}  // namespace sauda::feed
