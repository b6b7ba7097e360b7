#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/decimal.hpp"
#include "services/orders/src/core/portfolio/holding.hpp"
#include "services/orders/src/core/portfolio/position.hpp"

namespace sauda::orders::portfolio {

/// How much there is of an instrument under a product, as one side says.
struct Stand {
  std::string instrument_key;
  Product product = Product::kUnknown;
  std::int64_t quantity = 0;  ///< negative: short
  /// Absent or 0: not said. The broker writes 0 or null for positions of the day.
  std::optional<Decimal> average_price;

  friend bool operator==(const Stand&, const Stand&) = default;
};

Stand StandOf(const Position& position);
/// Of a holding, what can still be sold.
Stand StandOf(const Holding& holding);

/// Where our ledger and the broker do not agree.
struct Difference {
  enum class What : std::uint8_t {
    kMissingHere,   ///< the broker has it, our ledger does not
    kMissingThere,  ///< our ledger has it, the broker does not
    kQuantity,
    kAverage,     ///< by more than a paisa, at the same quantity
    kListedTwice  ///< one side names it more than once; only the first is compared
  };
  What what = What::kQuantity;
  std::string instrument_key;
  Product product = Product::kUnknown;
  std::optional<Stand> ours;
  std::optional<Stand> theirs;
};

/// All differences, by instrument and product. What is 0 on one side and not named by the other is
/// no difference: squared-off positions stay in lists. Averages of nothing are not compared, nor of
/// different quantities, where they cannot agree. Positions and holdings are compared apart.
std::vector<Difference> Differences(const std::vector<Stand>& ours,
                                    const std::vector<Stand>& theirs);

}  // namespace sauda::orders::portfolio
