#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/feed/src/core/candle.hpp"

namespace sauda::feed {

/// The newest candles, from memory. Thread-safe; calls return at once.
class CandleSource {
 public:
  virtual ~CandleSource() = default;
  /// The newest `limit` bars of a key, oldest first, the running one included; empty for a key
  /// without any. At most some minutes are kept; a bar of a longer interval holds all its minutes
  /// that were ever seen.
  virtual std::vector<Candle> Read(const std::string& key, Interval interval,
                                   std::size_t limit) const = 0;
  /// Rises when any bar changes.
  virtual std::uint64_t version() const = 0;
  /// Rises when a bar of this key changes; 0: it has none.
  virtual std::uint64_t VersionOf(const std::string& key) const = 0;
  /// The time of the market, milliseconds since the Unix epoch, up to which bars are over; 0 before
  /// the first tick.
  virtual std::int64_t closed_to_ms() const = 0;
};

}  // namespace sauda::feed
