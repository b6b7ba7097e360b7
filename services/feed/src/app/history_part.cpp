#include "services/feed/src/app/history_part.hpp"

#include <cstddef>

namespace sauda::feed {
namespace {

constexpr std::size_t kReaders = 2;        // threads, each with a connection
constexpr std::size_t kCandleWorkers = 1;  // they read memory
constexpr std::size_t kQueue = 128;        // one for each stream that may be open, and more

}  // namespace

// One connection more than workers: for the calls that gRPC's own threads make.
HistoryPart::HistoryPart(Ground& ground, CandleKeeper& candles, InstrumentsClient& directory,
                         Publisher& publisher)
    : history_{ground.Postgres(kReaders + 1), *ground.schema, ground.config.broker.account},
      candles_{history_, candles, &ground.calendars},
      workers_{kReaders, kQueue},
      candle_workers_{kCandleWorkers, kQueue},
      service_{HistoryService::Parts{.stream = {.workers = workers_,
                                                .clock = ground.clock,
                                                .metrics = ground.metrics,
                                                .calls = ground.calls,
                                                .stall_limit = ground.config.stall_limit},
                                     .candle_workers = candle_workers_,
                                     .history = history_,
                                     .candles = candles_,
                                     .directory = directory,
                                     .beats = publisher,
                                     .account = ground.config.broker.account}} {}

}  // namespace sauda::feed
