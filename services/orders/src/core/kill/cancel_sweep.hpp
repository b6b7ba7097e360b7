#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/kill/open_orders.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Finds what is left to cancel under the kill switch: from the broker's own book while it can be
/// read, else from what this process has seen. Needs no database. Owned by one thread.
class CancelSweep {
 public:
  /// `book` is null where the venue is this process itself (paper).
  CancelSweep(Venue& venue, BrokerBook* book, const OpenOrders& seen)
      : venue_{venue}, book_{book}, seen_{seen} {}

  /// What is to be cancelled now; an order of several numbers at the broker counts once for each.
  /// `clean` tells whether nothing can be left out: the book was read, or there is none.
  struct Round {
    std::vector<Order> orders;
    bool clean = false;
  };
  Round Look();

  /// Asks for one order's cancellation. Fails as Venue::Cancel; what the broker calls over is not
  /// found again until its book shows it as open.
  Result<void> Cancel(const Order& order);

  /// A new halt: what was over may be asked for again.
  void Begin() { over_.clear(); }

 private:
  Venue& venue_;
  BrokerBook* const book_;
  const OpenOrders& seen_;
  std::set<std::string> over_;  // numbers at the broker that it calls over
};

}  // namespace sauda::orders
