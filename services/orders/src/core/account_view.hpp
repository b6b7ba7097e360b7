#pragma once

#include <cstdint>
#include <optional>

#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/risk/trip_wire.hpp"

namespace sauda::orders {

/// What the account holds and has made, as the risk rules ask for it. Thread-safe; must not block.
class AccountView {
 public:
  virtual ~AccountView() = default;

  /// Net quantity of the contract in this product, below 0: short; for delivery with what is held
  /// and free to be sold. Absent: cannot be told, for one while the trades are being read.
  virtual std::optional<std::int64_t> Position(std::int64_t instrument_id, Product product) = 0;

  /// The day's profit of all positions; `unrealised` is absent while the price of one is not live.
  virtual DayProfit Profit() = 0;
};

}  // namespace sauda::orders
