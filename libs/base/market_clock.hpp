#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "libs/base/clock.hpp"

namespace sauda {

/// What time it is at the exchange. It decides calendar, expiry, liveness, order hours and token
/// life; durations and deadlines are the monotonic clock's.
///
/// With a real broker it is the wall clock and Observe only measures the offset. With the simulator
/// it is the simulator's own clock, which every answer carries: until the first observation it is
/// the wall clock, then it runs on from the last one at the announced speed. Thread-safe.
class MarketClock {
 public:
  enum class Source : std::uint8_t { kWall, kBroker };

  MarketClock(const Clock& clock, Source source) : clock_{clock}, source_{source} {}

  /// Milliseconds since the Unix epoch, UTC.
  std::int64_t NowMs() const;

  /// What the broker says the time is now. `speed` is market seconds per second, 0 when the market
  /// moves only with its data.
  void Observe(std::int64_t market_ms, double speed = 1.0);

  /// Broker time minus wall time at the last observation; absent before the first.
  std::optional<std::int64_t> offset_ms() const;

 private:
  struct Anchor {
    std::int64_t market_ms = 0;
    Monotonic at;
    double speed = 1.0;
    std::int64_t offset_ms = 0;
  };

  const Clock& clock_;
  const Source source_;
  mutable std::mutex mutex_;
  std::optional<Anchor> anchor_;  // guarded by mutex_
};

}  // namespace sauda
