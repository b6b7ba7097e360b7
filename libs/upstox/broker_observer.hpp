#pragma once

#include <atomic>

#include "libs/base/market_clock.hpp"
#include "libs/http/message.hpp"

namespace sauda::upstox {

/// Learns from the broker's answers what time it is there, and whether it is a simulated one. Once
/// simulated, always: the mark is never dropped. Thread-safe.
class BrokerObserver {
 public:
  /// `clock` outlives it.
  explicit BrokerObserver(MarketClock& clock) : clock_{clock} {}

  /// Reads X-Sauda-Market-Time (ms), X-Sauda-Market-Speed and X-Sauda-Simulated, which the
  /// simulator sends; else Date, which is half a second late on average.
  void Observe(const http::Headers& headers);

  bool simulated() const { return simulated_; }
  MarketClock& clock() { return clock_; }

 private:
  MarketClock& clock_;
  std::atomic<bool> simulated_{false};
};

}  // namespace sauda::upstox
