#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "libs/base/decimal.hpp"

namespace sauda::orders {

/// A price that is live now.
struct LivePrice {
  Decimal price;                    ///< of the last trade, rupees
  std::optional<Decimal> close;     ///< of the trading day before; absent: not known
  std::chrono::milliseconds age{};  ///< since it was received; quiet instruments have old prices
};

/// Live prices of what is held. Thread-safe; must not block.
class LivePrices {
 public:
  virtual ~LivePrices() = default;
  /// From now on these keys and no others, at most 1000.
  virtual void Follow(const std::set<std::string>& keys) = 0;
  /// Absent: not followed, none came yet, or the feed is not live.
  virtual std::optional<LivePrice> Of(const std::string& key) = 0;
};

}  // namespace sauda::orders
