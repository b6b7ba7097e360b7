#pragma once

#include <memory>

#include "libs/base/result.hpp"
#include "services/orders/src/core/order_desk.hpp"

namespace sauda::orders {

/// One of the two ways that orders go, with the threads it needs. Made before the desk, since the
/// desk sends through it; started after, since it reports to the desk.
class RouteParts {
 public:
  virtual ~RouteParts() = default;
  virtual Venue& venue() = 0;
  /// The broker's own view of our orders; null where there is none but ours.
  virtual BrokerBook* book() = 0;
  virtual void Start(OrderDesk& desk) = 0;
};

}  // namespace sauda::orders
