#pragma once

#include <cstdint>
#include <optional>
#include <thread>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/sync_runner.hpp"

namespace sauda::instruments {

/// Syncs at the same minute of every market day, and at the start when there is no instrument yet
/// or the last sync is older than that minute's last coming, on a thread of its own. What fails for
/// want of something that comes back is repeated with backoff up to a minute; what a person must
/// look at waits for the next day. Starts when it is made, stops when it dies.
class SyncScheduler {
 public:
  struct Options {
    int daily_minute = 360;  // of the day in India; -1: never
    bool when_empty = false;
  };
  struct Parts {
    SyncRunner& syncs;
    InstrumentStore& store;
    const Clock& clock;
    const MarketClock& market_clock;
  };

  SyncScheduler(Parts parts, Options options);

 private:
  void Loop(const std::stop_token& stop);
  /// Whether a sync is due: by the clock, or because nothing is there.
  bool Due();
  bool DailyDue();
  void RunOne();

  const Parts parts_;
  const Options options_;
  // the thread's own
  bool empty_asked_ = false;
  bool missed_asked_ = false;
  std::optional<std::int64_t> next_daily_ms_;
  bool pending_ = false;
  Backoff backoff_{{.first = std::chrono::seconds{1}, .most = std::chrono::seconds{60}}};
  Monotonic not_before_{};
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::instruments
