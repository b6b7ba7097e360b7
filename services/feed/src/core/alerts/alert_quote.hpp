#pragma once

#include <cstdint>
#include <optional>

#include "services/feed/src/core/alerts/alert_rule.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// What rules look at in a tick: cheap to copy, without the parts that grow.
struct AlertQuote {
  InstrumentId instrument = 0;
  std::uint64_t seq = 0;
  std::int64_t received_ns = 0;  ///< wall clock, since the Unix epoch
  Monotonic received_at;
  std::int64_t broker_ms = 0;
  Mode mode = Mode::kLtpc;
  bool broker_snapshot = false;
  bool simulated = false;
  std::optional<LastTrade> last;
  std::optional<Greeks> greeks;
  std::int64_t volume = 0;
  double open_interest = 0;
  double implied_volatility = 0;
};

inline AlertQuote QuoteOf(InstrumentId id, const Tick& tick) {
  return {.instrument = id,
          .seq = tick.seq,
          .received_ns = tick.received_ns,
          .received_at = tick.received_at,
          .broker_ms = tick.broker_ms,
          .mode = tick.mode,
          .broker_snapshot = tick.broker_snapshot,
          .simulated = tick.simulated,
          .last = tick.last,
          .greeks = tick.greeks,
          .volume = tick.totals.volume,
          .open_interest = tick.totals.open_interest,
          .implied_volatility = tick.totals.implied_volatility};
}

/// What time it is, by each clock.
struct AlertTime {
  Monotonic now;
  std::int64_t utc_ns = 0;     ///< wall clock, since the Unix epoch
  std::int64_t market_ms = 0;  ///< at the exchange, since the Unix epoch; 0: not known
};

/// A rule has fired.
struct AlertFiring {
  AlertRulePtr rule;
  double value = 0;        ///< the number that reached the level
  std::int64_t at_ns = 0;  ///< when the tick was received, or else the wall clock
  std::uint64_t seq = 0;   ///< of the tick; 0: no tick did it
  bool simulated = false;
};

}  // namespace sauda::feed
