#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/position.hpp"

namespace sauda::orders::portfolio {

/// An open position whose instrument has no last price.
struct Unpriced {
  Contract contract;
  Product product = Product::kUnknown;
  std::int64_t quantity = 0;  ///< negative: short
};

/// The day's profit over all positions. A total that would need a price that is not there is
/// absent; what is known of it is in `priced_unrealised`.
struct PnlTotals {
  Amount realised;           ///< before charges
  Amount priced_unrealised;  ///< of the positions that have a price, before charges
  Amount charges;
  std::vector<Unpriced> unpriced;  ///< the positions that have none

  std::optional<Amount> unrealised() const {
    return unpriced.empty() ? std::optional{priced_unrealised} : std::nullopt;
  }
  /// Before charges.
  std::optional<Amount> gross() const {
    return unpriced.empty() ? std::optional{realised + priced_unrealised} : std::nullopt;
  }
  /// After charges.
  std::optional<Amount> net() const {
    return unpriced.empty() ? std::optional{realised + priced_unrealised - charges} : std::nullopt;
  }
};

PnlTotals MarkToMarket(const std::vector<Position>& positions);

}  // namespace sauda::orders::portfolio
