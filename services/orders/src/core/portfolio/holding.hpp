#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/position.hpp"

namespace sauda::orders::portfolio {

/// Shares that are owned, with the fields of the broker's `long-term-holdings` that follow from
/// trades and prices (collateral does not). Bought for delivery on an earlier day. What is sold
/// today stays in the quantities until the day ends, and is counted in cnc_used_quantity.
struct Holding {
  Contract contract;                   ///< the ISIN is the second half of its key
  std::int64_t quantity = 0;           ///< settled
  std::int64_t t1_quantity = 0;        ///< bought, not settled yet
  std::int64_t cnc_used_quantity = 0;  ///< sold today

  /// What can still be sold.
  std::int64_t free_quantity() const { return quantity + t1_quantity - cnc_used_quantity; }

  Amount invested;                       ///< what the free units cost
  std::optional<Decimal> average_price;  ///< of the free units; absent when there are none
  std::optional<Decimal> last_price;
  std::optional<Decimal> close_price;
  std::optional<Amount> pnl;                     ///< of the free units; absent without a last price
  std::optional<Decimal> day_change;             ///< last less close, a unit; absent without either
  std::optional<Decimal> day_change_percentage;  ///< of the close; rounded to 10^-9
};

/// What shares that are owned cost and are worth.
struct HoldingTotals {
  Amount invested;
  Amount priced_pnl;               ///< of those that have a price
  std::vector<Contract> unpriced;  ///< those that have none

  /// Absent when one has no price.
  std::optional<Amount> pnl() const {
    return unpriced.empty() ? std::optional{priced_pnl} : std::nullopt;
  }
};

HoldingTotals TotalsOf(const std::vector<Holding>& holdings);

/// How far a price has moved, in percent of where it was, rounded to 10^-9; absent when that was
/// not above 0.
std::optional<Decimal> PercentMoved(Decimal from, Decimal to);

}  // namespace sauda::orders::portfolio
